"""The `lotse` command: a group of the commands found in `app.commands`, each loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import click

import app.commands
from app.errors import AppError


class Discovered(click.Group):
    """Finds commands by module; an error a user can mend becomes one sentence and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(self._found())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        return self._found().get(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Runs it."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            click.echo(f"lotse: {error.says}", err=True)
            sys.exit(1)

    def _found(self) -> dict[str, click.Command]:
        if not self.commands:
            for module in (import_module(f"app.commands.{item.name}") for item in iter_modules(app.commands.__path__)):
                for command in getattr(module, "commands", None) or [module.command]:
                    self.add_command(command)
        return dict(self.commands)


@click.group(cls=Discovered)
@click.version_option(package_name="lotse")
def main() -> None:
    """Lotse: how to adapt a large language model to your own work."""
