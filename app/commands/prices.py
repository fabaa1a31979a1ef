"""`lotse prices show|stale`: the price book of a day with dates and sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import click


@click.group("prices")
def command() -> None:
    """The prices of a day, with the day they were checked and their sources."""


def _with_day(function: Any) -> Any:
    return click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of the prices; today if not given.")(function)  # fmt: skip


@command.command("show")
@click.argument("beginning", default="")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@_with_day
def show(beginning: str, as_json: bool, as_of: datetime | None) -> None:
    """All prices, or those whose key starts with BEGINNING."""
    book = _book(as_of)
    if as_json:
        click.echo(book.model_dump_json())
        return
    click.echo(f"Prices of {book.as_of}, hash {book.hash[:12]}")
    _list(price for key, price in book.prices.items() if key.startswith(beginning))


@command.command("stale")
@_with_day
def stale(as_of: datetime | None) -> None:
    """Prices that were last checked more than 30 days before the day."""
    old = [price for price in _book(as_of).prices.values() if price.stale]
    _list(old)
    click.echo(f"{len(old)} prices need a new check." if old else "Every price was checked in the last 30 days.")


def _book(as_of: datetime | None) -> Any:
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices import price_book  # noqa: PLC0415

    day: date = as_of.date() if as_of else datetime.now(UTC).date()
    return price_book(load_knowledge(), day)


def _list(prices: Iterable[Any]) -> None:
    for price in prices:
        spread = f" ({price.low} to {price.high})" if price.low is not None else ""
        checked = f"checked {price.source.checked}" if price.source.checked else "never checked"
        click.echo(f"{price.key}  {price.amount}{spread} {price.currency} per {price.unit}  {checked}  [{price.source.grade}] {price.source.title}")  # fmt: skip
