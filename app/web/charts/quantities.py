"""A quantity with its unit, as people read it."""

from __future__ import annotations

import re

from app.locales import Formatter
from app.locales.format import significant

MONEY = re.compile(r"(?P<currency>EUR|USD|CHF|GBP)(?: ?(?:/|per) ?(?P<per>.+))?")  # "EUR", "EUR per hour", "USD/month"
PLAIN = ("", "1", "ratio", "factor", "exponent", "log-odds", "size class")  # numbers that stand for themselves


def quantity(formatter: Formatter, amount: float, unit: str) -> str:
    """A number with the unit of a parameter or driver, two significant digits; shares as per cent, money with its sign."""
    if unit.startswith(("share", "percent", "probability")):
        return formatter.percent(amount, 0 if amount >= 0.1 or amount == 0 else 1)
    if money := MONEY.fullmatch(unit):
        text = formatter.money(amount, money["currency"])
        return f"{text} / {formatter.t(money['per'])}" if money["per"] else text
    rounded = significant(amount)
    text = formatter.number(rounded, max(0, min(6, -int(rounded.normalize().as_tuple().exponent))))
    return f"{text} {formatter.t(unit)}" if unit not in PLAIN else text
