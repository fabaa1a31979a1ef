"""The `lotse` command."""

import click


@click.group()
def main() -> None:
    """Lotse: how to adapt a large language model to your own work."""
