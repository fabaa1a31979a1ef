"""Priced lines and the desk at which the components ask for inputs, parameters and prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from app.domain.catalogue import Price, PriceBook
from app.domain.draws import Array, Draws
from app.domain.knowledge import Knowledge
from app.domain.situation import Situation
from app.domain.statistics import Amount
from app.domain.values import SourceRef

Timing = Literal["one_off", "monthly"]
T = TypeVar("T")
HOURS_PER_MONTH = 730.0  # 8,760 hours of a year / 12
MONTHS_PER_YEAR = 12.0
TOKENS_PER_UNIT = 1e6  # prices are for a million tokens


class Sampled(NamedTuple):
    """A price in the currency of the report, with its spread, and the row it comes from."""

    amount: Amount
    row: Price


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line of cost: quantity x unit price = amount in the currency of the report, None when the price is unknown."""

    key: str
    label: str  # English gettext id
    group: str
    timing: Timing
    unit: str
    quantity: Amount
    amount: Amount | None
    price: Price | None = None
    price_key: str | None = None
    sources: tuple[SourceRef, ...] = ()


class Bundle(NamedTuple):
    """Lines that belong together, with their sums and the prices that are missing."""

    lines: tuple[PricedLine, ...]
    one_off: Amount
    monthly: Amount
    missing: tuple[str, ...]


class Rates:
    """Parameters and prices of a day as draws: the same for every set of answers, so drawn once in a process."""

    def __init__(self, knowledge: Knowledge, book: PriceBook, as_of: date, currency: str, draws: Draws) -> None:
        self._knowledge, self._book, self._day, self._currency, self._draws = knowledge, book, as_of, currency, draws
        self._parameters: dict[str, Amount] = {}
        self._prices: dict[str, Sampled | None] = {}

    def parameter(self, name: str) -> Amount:
        """Samples of a parameter, a single number where it has no range. Raises KeyError."""
        if name not in self._parameters:
            chosen = self._knowledge.parameters[name].on(self._day)
            fixed = chosen.low >= chosen.high
            self._parameters[name] = chosen.mode if fixed else self._draws.triangle(name, chosen.low, chosen.mode, chosen.high)  # fmt: skip
        return self._parameters[name]

    def price(self, key: str) -> Sampled | None:
        """The price of a key in the currency of the report, None when it is unknown."""
        if key not in self._prices:
            self._prices[key] = self._sampled(key)
        return self._prices[key]

    def _sampled(self, key: str) -> Sampled | None:
        row, rates = self._book.get(key), self._book.fx
        if row is None or row.currency not in rates:
            return None
        factor = float(rates[self._currency] / rates[row.currency])
        if row.low is None or row.high is None or row.high <= row.low:
            return Sampled(float(row.amount) * factor, row)
        ends = (min(row.low, row.amount), row.amount, max(row.high, row.amount))
        low, mode, high = (float(amount) * factor for amount in ends)
        return Sampled(self._draws.triangle(f"price.{key}", low, mode, high), row)


@lru_cache(maxsize=16)
def _rates(knowledge: Knowledge, book: PriceBook, as_of: date, currency: str, count: int, seed: int) -> Rates:  # noqa: PLR0913, PLR0917
    return Rates(knowledge, book, as_of, currency, Draws(count, seed))


class Desk:
    """Serves the components of one situation; whatever several options share is worked out once."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.once = situation.once
        self._names = situation.draws.names
        self._rates = situation.once("rates", lambda: _rates(*terms(situation)))

    def bundle(self, key: object, lines: Callable[[], Iterable[PricedLine]]) -> Bundle:
        """Lines and their sums, kept under the key for the next option that needs the same."""
        return self.once(key, lambda: summed(tuple(lines())))

    def input(self, name: str) -> Amount:
        """A sampled input of the situation."""
        return flat(self.situation.inputs[name])

    def parameter(self, name: str) -> Amount:
        """Samples of a parameter. Raises KeyError."""
        amount = self._rates.parameter(name)
        if isinstance(amount, np.ndarray):
            self._names.add(name)
        return amount

    def price(self, key: str) -> Sampled | None:
        """The price of a key in the currency of the report, None when it is unknown."""
        return self._rates.price(key)

    def line(  # noqa: PLR0913 -- a line has so many parts
        self, key: str, timing: Timing, quantity: Amount, price_key: str, per: float = 1.0, *, label: str
    ) -> PricedLine:
        """Quantity x price, the quantity in units of the price once divided by `per`; the group is the first part of the key."""
        price, counted = self.price(price_key), quantity / per if per != 1.0 else quantity
        return PricedLine(
            key=key, label=label, group=key.partition(".")[0], timing=timing, unit=price.row.unit if price else "",
            quantity=counted, amount=None if price is None else counted * price.amount, price=price.row if price else None,
            price_key=price_key,
        )  # fmt: skip


def terms(situation: Situation) -> tuple[Knowledge, PriceBook, date, str, int, int]:
    """What parameters and prices as draws depend on, apart from any answer."""
    draws = situation.draws
    return situation.knowledge, situation.book, situation.as_of, situation.currency, draws.count, draws.seed


def flat(values: Array) -> Amount:
    """A single number where all draws are equal: calculations with it cost almost nothing."""
    return float(values[0]) if values.strides == (0,) else values


def summed(lines: tuple[PricedLine, ...]) -> Bundle:
    """Lines with the sums of their known amounts."""
    one_off, monthly = (
        total(line.amount for line in lines if line.timing == timing and line.amount is not None)
        for timing in ("one_off", "monthly")
    )
    missing = tuple(dict.fromkeys(line.price_key or line.key for line in lines if line.amount is None))
    return Bundle(lines, one_off, monthly, missing)


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum; nothing is added to thousands of draws just to stay what it is."""
    counted = [amount for amount in amounts if isinstance(amount, np.ndarray) or amount]
    return sum(counted[1:], start=counted[0]) if counted else 0.0


def unpriced(key: str, timing: Timing, unit: str, price_key: str, *, label: str) -> PricedLine:
    """A line whose price is unknown: no amount, never zero."""
    return PricedLine(key, label, key.partition(".")[0], timing, unit, 0.0, None, price_key=price_key)


def share_line(key: str, timing: Timing, share: Amount, of: Amount, sources: tuple[SourceRef, ...] = (), *, label: str) -> PricedLine:  # noqa: PLR0913  # fmt: skip
    """A line that is a share of other amounts."""
    return PricedLine(key, label, key.partition(".")[0], timing, "share", share, share * of, sources=sources)
