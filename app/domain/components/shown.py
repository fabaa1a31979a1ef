"""Amounts and lines as they are published: ranges of three percentiles, money to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np

from app.domain.components.lines import PricedLine
from app.domain.decision import CostLine
from app.domain.statistics import SECTION, Amount, percentiles, ranked
from app.domain.values import MoneyRange, Range

PUBLISHED_DRAWS = SECTION  # the ranges of single lines come from so many draws; sums always from all


def money(values: Amount, currency: str) -> MoneyRange:
    """An amount to the cent."""
    return money_range(percentiles(values), currency)


def money_range(three: Sequence[float], currency: str) -> MoneyRange:
    """Three percentiles of an amount, to the cent."""
    low, middle, high = (Decimal(f"{value:.2f}") for value in three)
    return MoneyRange(p10=low, p50=middle, p90=high, currency=currency)


def shown(values: Amount, digits: int = 6) -> Range:
    """A range, rounded so that the last bits of floating point never show."""
    return _range(percentiles(values), digits)


def _range(three: Sequence[float], digits: int = 6) -> Range:
    low, middle, high = (float(f"{value:.{digits}g}") for value in three)
    return Range(p10=low, p50=middle, p90=high)


def publish(lines: Iterable[PricedLine], currency: str) -> dict[int, CostLine]:
    """Lines that cost something or whose price is unknown, by their identity: options share lines. All are ranked in one go."""
    known = list({id(line): line for line in lines}.values())
    values = [value for line in known for value in (line.quantity, 0.0 if line.amount is None else line.amount)]
    varying = [value[:PUBLISHED_DRAWS] for value in values if isinstance(value, np.ndarray)]
    rows = iter(ranked(np.array(varying)).tolist() if varying else [])
    three = [next(rows) if isinstance(value, np.ndarray) else [float(value)] * 3 for value in values]
    pairs = zip(known, three[::2], three[1::2], strict=True)
    return {id(line): _line(line, quantity, amount, currency) for line, quantity, amount in pairs if line.amount is None or any(amount)}  # fmt: skip


def _line(line: PricedLine, quantity: list[float], amount: list[float], currency: str) -> CostLine:
    price = line.price
    return CostLine(
        key=line.key, label=line.label, group=line.group, timing=line.timing, quantity=_range(quantity),
        unit=line.unit, unit_price=str(price.amount) if price else None, unit_currency=price.currency if price else None,
        price_key=line.price_key, amount=None if line.amount is None else money_range(amount, currency),
        sources=[*line.sources, *([price.source] if price else [])],
    )  # fmt: skip
