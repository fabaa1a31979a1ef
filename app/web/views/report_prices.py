"""What a report says about its prices: the exchange rates with their day, and which prices were not checked for long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.domain.decision import Decision
from app.locales import Formatter
from app.web.views.names import Names
from app.web.views.report_parts import Pair


@dataclass(frozen=True)
class StalePrices:
    """A sentence with their number, and what they are for."""

    note: str
    names: tuple[str, ...]


def stale_prices(decision: Decision, names: Names) -> StalePrices:
    """The prices used that were last checked more than 30 days before the day of the report."""
    stale = tuple(dict.fromkeys(label for key in decision.prices_stale if (label := names.price(key))))
    text = "Last checked more than 30 days before this day: {count} of the prices used"
    return StalePrices(names.formatter.t(text, count=len(stale)), stale)


def exchange_rates(decision: Decision, formatter: Formatter) -> Iterator[Pair]:
    """For the version line."""
    for rate in decision.exchange_rates:
        text = f"{formatter.number(Decimal(rate.per_eur), 4)} {rate.currency}"
        name = formatter.t("Exchange rate of {day}", day=formatter.date(rate.day))
        yield Pair(name, formatter.t("1 EUR = {rate}", rate=text))
