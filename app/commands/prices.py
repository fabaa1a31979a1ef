"""`lotse prices show|refresh|stale`: the price book of a day with dates and sources, and fetching newer prices."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import click

MEGABYTE = 1e6


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
    """Prices that were last checked more than 30 days before the day; exit status 1 if there are any."""
    old = [price for price in _book(as_of).prices.values() if price.stale]
    _list(old)
    click.echo(f"{len(old)} prices need a new check." if old else "Every price was checked in the last 30 days.")
    sys.exit(1 if old else 0)


@command.command("refresh")
@click.argument("names", nargs=-1)
def refresh(names: tuple[str, ...]) -> None:
    """Fetch prices from their public sources, all or those with these NAMES; exit status 1 if one failed."""
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices.refresh import refresh as ask  # noqa: PLC0415
    from app.prices.source import Context, all_sources  # noqa: PLC0415
    from app.prices.web import Web  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    if unknown := [name for name in names if name not in all_sources()]:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(all_sources())}.", param_hint="NAMES")
    settings, failed = load_settings(), False
    key = settings.google_api_key.get_secret_value() if settings.google_api_key else None
    terminal = sys.stderr.isatty()
    with Web(heard=_heard if terminal else None) as web:
        for outcome in ask(names, Context(web, load_knowledge(), datetime.now(UTC).date(), key), settings.data_dir):
            click.echo("\r\033[K", nl=False, err=True) if terminal else None
            click.echo(_said(outcome))
            failed = failed or outcome.state == "failed"
    sys.exit(1 if failed else 0)


def _heard(count: int) -> None:
    """A line of progress, written over and over."""
    click.echo(f"\r\033[K{count / MEGABYTE:.1f} MB", nl=False, err=True)


def _said(outcome: Any) -> str:
    """One line on a source."""
    name = f"{outcome.source.name:<15}"
    if outcome.state in {"new", "same"}:
        news = "new prices" if outcome.state == "new" else f"as on {outcome.last.since}"
        return f"ok      {name} {outcome.found} prices, {news}"
    kept = f" The prices of {outcome.last.checked} stay in force." if outcome.last else " It was never read here."
    return f"{outcome.state:<7} {name} {outcome.problem}{kept}"


def _book(as_of: datetime | None) -> Any:
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices import price_book  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    day: date = as_of.date() if as_of else datetime.now(UTC).date()
    settings = load_settings()
    return price_book(load_knowledge(), day, settings.data_dir, settings.own_prices)


def _list(prices: Iterable[Any]) -> None:
    for price in prices:
        spread = f" ({price.low} to {price.high})" if price.low is not None else ""
        since = f"since {price.valid_from}  " if price.valid_from else ""
        place = f" ({price.region})" if price.region else ""
        checked = f"checked {price.source.checked}" if price.source.checked else "never checked"
        click.echo(f"{price.key}  {price.amount}{spread} {price.currency} per {price.unit}{place}  {since}{checked}  [{price.source.grade or 'own'}] {price.source.title}")  # fmt: skip
