"""A quantity with its unit, as people read it."""

from __future__ import annotations

import re

from app.locales import N_, Formatter
from app.locales.format import significant

MONEY = re.compile(r"(?P<currency>EUR|USD|CHF|GBP)(?: ?(?:/|per) ?(?P<per>.+))?")  # "EUR", "EUR per hour", "USD/month"
SHARES = ("share", "percent", "probability")
ONE = {
    "weeks": N_("week"), "months": N_("month"), "minutes": N_("minute"), "people": N_("person"), "items": N_("item"),
    "person-days": N_("person-day"), "person-days a month": N_("person-day a month"), "runs": N_("run"),
    "retrainings a year": N_("retraining a year"), "epochs": N_("epoch"), "requests": N_("request"),
}  # fmt: skip
PLAIN = ("", "1", "ratio", "factor", "exponent", "log-odds", "size class")  # numbers that stand for themselves


def between(formatter: Formatter, low: float, high: float, unit: str) -> str:
    """A range with its unit once, at the end: "3 to 9 person-days"."""
    first, last = quantity(formatter, low, unit), quantity(formatter, high, unit)
    if first == last:
        return first
    if unit not in PLAIN and not unit.startswith(SHARES) and not MONEY.fullmatch(unit):
        first = quantity(formatter, low, "")
    return formatter.t("{low} to {high}", low=first, high=last)


def quantity(formatter: Formatter, amount: float, unit: str) -> str:
    """A number with the unit of a parameter or driver, two significant digits (a factor: three); shares as per cent, money with its sign."""
    if unit.startswith(SHARES):
        return formatter.percent(amount, 0 if amount >= 0.1 or amount == 0 else 1)
    if money := MONEY.fullmatch(unit):
        text = formatter.money(amount, money["currency"])
        return f"{text} / {formatter.t(money['per'])}" if money["per"] else text
    rounded = significant(amount, 3 if unit == "factor" else 2)  # of a factor the distance from 1 counts: 1.05 is not 1
    text = formatter.number(rounded, max(0, min(6, -int(rounded.normalize().as_tuple().exponent))))
    return f"{text} {formatter.t(ONE.get(unit, unit) if rounded == 1 else unit)}" if unit not in PLAIN else text
