"""The subcommands of `lotse`: each module here offers `command` or `commands`."""
