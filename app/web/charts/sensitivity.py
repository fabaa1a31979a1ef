"""The tornado: how far each uncertain input moves the lead of the advice."""

from __future__ import annotations

import re

from app.domain.decision import Decision, Driver
from app.locales import Formatter
from app.locales.format import significant
from app.web.charts.scales import money_axis
from app.web.charts.spec import Swing, Table, TornadoChart

MONEY = re.compile(r"(?P<currency>EUR|USD|CHF|GBP)(?: ?(?:/|per) ?(?P<per>.+))?")  # "EUR", "EUR per hour", "USD/month"
PLAIN = ("", "1", "ratio", "factor", "exponent", "log-odds", "size class")  # numbers that stand for themselves


def tornado_chart(decision: Decision, formatter: Formatter) -> TornadoChart | None:
    """How far each uncertain input moves the lead over the runner-up."""
    t, drivers = formatter.t, decision.drivers
    if not drivers:
        return None
    swings = tuple(_swing(formatter, driver) for driver in drivers)
    ends = [end for swing in swings for end in (swing.at_low, swing.at_high)]
    axis = money_axis(formatter, t("Lead over the runner-up"), min(ends), max(ends), decision.currency)
    columns = (t("Input"), t("from"), t("to"), t("Lead at the low value"), t("Lead at the high value"))
    rows = tuple(
        (
            swing.label,
            swing.low_text,
            swing.high_text,
            formatter.money(swing.at_low, decision.currency),
            formatter.money(swing.at_high, decision.currency),
        )
        for swing in swings
    )
    title = (
        t("No single input tips the advice")
        if min(ends) >= 0
        else t(
            "{driver} alone can tip the advice", driver=next(s.label for s in swings if min(s.at_low, s.at_high) < 0)
        )
    )
    return TornadoChart(
        "drivers",
        title,
        t("One bar per input, from its low to its high value; left of zero another option is better."),
        axis,
        swings,
        t("below zero another option wins"),
        Table(t("What moves the advice"), columns, rows),
    )


def _swing(formatter: Formatter, driver: Driver) -> Swing:
    low, high = quantity(formatter, driver.low, driver.unit), quantity(formatter, driver.high, driver.unit)
    return Swing(formatter.t(driver.label), float(driver.margin_low), float(driver.margin_high), low, high)


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
