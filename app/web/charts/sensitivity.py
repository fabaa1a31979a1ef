"""The tornado: how far each uncertain input moves the lead of the advice."""

from __future__ import annotations

from app.domain.decision import Decision, Driver
from app.locales import Formatter
from app.web.charts.plain_drivers import plain
from app.web.charts.quantities import quantity
from app.web.charts.scales import money_axis
from app.web.charts.spec import Swing, Table, TornadoChart


def tornado_chart(decision: Decision, formatter: Formatter) -> TornadoChart | None:
    """How far each uncertain input moves the lead over the runner-up."""
    t, drivers = formatter.t, decision.drivers
    if not drivers:
        return None
    swings = tuple(_swing(decision, driver, formatter) for driver in drivers)
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


def _swing(decision: Decision, driver: Driver, formatter: Formatter) -> Swing:
    low, high = quantity(formatter, driver.low, driver.unit), quantity(formatter, driver.high, driver.unit)
    return Swing(
        plain(driver, decision, formatter).name, float(driver.margin_low), float(driver.margin_high), low, high
    )
