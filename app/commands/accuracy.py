"""`lotse accuracy`: how right the engine is, recomputed from the published figures in the repository."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from app.accuracy.scorecard import Scorecard

DOCUMENT = Path(__file__).parents[2] / "docs" / "accuracy.md"


@click.command("accuracy")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of prices and rules; today if not given.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, with the points of the plots.")
@click.option("--write", is_flag=True, help="Publish it: rewrites docs/accuracy.md and what the page /accuracy shows.")
def command(as_of: datetime | None, as_json: bool, write: bool) -> None:
    """Hold sizes, speeds and advice against published figures; exit status 1 when a figure is worse than published."""
    from app.accuracy.compute import worse  # noqa: PLC0415 -- help and wrong options answer at once
    from app.accuracy.scorecard import STORED, as_text, stored  # noqa: PLC0415
    from app.accuracy.text import markdown, plain  # noqa: PLC0415

    card = _computed(as_of)
    click.echo(as_text(card) if as_json else plain(card), nl=not as_json)
    lost = worse(stored(), card) if STORED.exists() else []
    for line in lost:
        click.echo(f"worse than published: {line}", err=True)
    if write:
        STORED.write_text(as_text(card), encoding="utf-8")
        DOCUMENT.write_text(markdown(card), encoding="utf-8")
    elif lost:
        sys.exit(1)


def _computed(as_of: Any) -> Scorecard:
    from app.accuracy.compute import scorecard  # noqa: PLC0415
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices import price_book  # noqa: PLC0415

    day = as_of.date() if as_of else datetime.now(UTC).date()
    knowledge = load_knowledge()
    return scorecard(knowledge, price_book(knowledge, day), day)
