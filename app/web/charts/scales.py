"""Axes with round ticks, in the reader's number format."""

from __future__ import annotations

from math import ceil, floor, log10

from app.locales import N_, Formatter
from app.web.charts.spec import Axis, Tick

MONEY_LABELS = (
    (1e6, N_("{what}, in millions ({currency})")),
    (1e3, N_("{what}, in thousands ({currency})")),
    (1.0, N_("{what} ({currency})")),
)


def step(span: float, about: int = 5) -> float:
    """A round distance (1, 2 or 5 times a power of ten) that cuts the span into about so many parts."""
    raw = max(span, 1e-9) / about
    power = 10.0 ** floor(log10(raw))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= raw), 10 * power)


def money_axis(formatter: Formatter, what: str, low: float, high: float, currency: str) -> Axis:
    """A money axis that contains zero; thousands and millions are named in the label. `what` is translated already."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    distance = step(high - low)
    first, last = floor(low / distance), ceil(high / distance)
    unit, label = next((item for item in MONEY_LABELS if distance * max(-first, last) >= 2 * item[0]), MONEY_LABELS[-1])
    ticks = tuple(
        Tick(number * distance, formatter.number(number * distance / unit).replace("-", "−"))
        for number in range(first, last + 1)
    )
    text = formatter.t(label, what=what, currency=formatter.currency(currency))
    return Axis(text, first * distance, last * distance, ticks)


def share_axis(formatter: Formatter, what: str) -> Axis:
    """From 0 to 100 %."""
    return Axis(what, 0, 1, tuple(Tick(tick / 4, formatter.percent(tick / 4)) for tick in range(5)))


def month_axis(formatter: Formatter, what: str, months: float) -> Axis:
    """Months, with a tick each half year or year."""
    distance = 3 if months <= 12 else 6 if months <= 36 else 12
    ticks = tuple(Tick(month, formatter.count(month)) for month in range(0, int(months) + 1, distance))
    return Axis(what, 0, months, ticks)


def volume_axis(formatter: Formatter, what: str, low: float, high: float) -> Axis:
    """A logarithmic axis with a tick at each power of ten inside (both ends must be above zero)."""
    powers = range(ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9) + 1)
    return Axis(what, low, high, tuple(Tick(10.0**power, formatter.count(10**power)) for power in powers), log=True)
