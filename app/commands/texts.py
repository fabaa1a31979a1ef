"""`lotse texts check`: whether every English text of the program is translated."""

from __future__ import annotations

import sys
from typing import TextIO

import click

from app.locales import LANGUAGES, extract


@click.group()
def command() -> None:
    """Texts and their translations."""


command.name = "texts"


@command.command()
@click.option("--language", type=click.Choice(LANGUAGES), default="de", help="Language to check.")
@click.option("--todo", type=click.File("w"), help="Write missing texts into this file, ready to be filled in.")
def check(language: str, todo: TextIO | None) -> None:
    """Names missing, unused and doubly translated texts; status 1 when one is missing."""
    missing = extract.missing(language)
    for text, place in missing.items():
        click.echo(f"missing ({place}): {text}")
        if todo:
            todo.write(f'msgid "{_escaped(text)}"\nmsgstr ""\n\n')
    for text in extract.obsolete(language):
        click.echo(f"unused: {text}")
    for text in extract.duplicates(language):
        click.echo(f"translated twice: {text}")
    sys.exit(1 if missing else 0)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
