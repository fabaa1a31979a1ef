"""`lotse knowledge check`: reads the knowledge base, or one in another folder, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("knowledge")
def command() -> None:
    """The knowledge base: questions, rules, evidence, prices and the rest."""


@command.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
def check(folder: Path | None) -> None:
    """Check every file and every reference, of the program's own knowledge base or of the one in FOLDER."""
    from app.knowledge import load_knowledge, read_knowledge  # noqa: PLC0415

    knowledge = read_knowledge(folder) if folder else load_knowledge()
    for kind in type(knowledge).model_fields:
        if kind != "hash":
            click.echo(f"{len(getattr(knowledge, kind)):5} {kind}")
    click.echo(f"The knowledge base is sound; its hash is {knowledge.hash}.")
