"""Horizontal bars, with whiskers, and tornado charts."""

from __future__ import annotations

from app.web.charts.spec import Bar, BarChart, Swing, TornadoChart
from app.web.charts.svg import WIDTHS, Pen, Scale, text_width, wrap, x_axis

FOOT = 62  # room for ticks and label of the axis


def draw_bars(chart: BarChart, pen: Pen) -> str:
    """One row each: label, bar, whisker, amount. Narrow: the label stands above its bar."""
    amount = max((text_width(bar.text, pen.size) for bar in chart.bars), default=0) + 12
    left = 2.0 if pen.narrow else 206.0
    scale = Scale(chart.axis, left, WIDTHS[pen.width] - (10 if pen.narrow else amount + 10))
    row, top = (46 if pen.narrow else 36), 4
    bottom = top + row * len(chart.bars)
    marks = x_axis(pen, scale, top, bottom)
    for number, bar in enumerate(chart.bars):
        marks += _bar(bar, pen, scale, top + row * number)
    return pen.frame(chart.key, chart.title, chart.description, bottom + FOOT, marks)


def _bar(bar: Bar, pen: Pen, scale: Scale, top: float) -> list[str]:
    role, voice = ("bar-accent", "text-accent") if bar.emphasis else ("bar-grey", "text")
    upper = top + (22 if pen.narrow else 9)
    middle, right = upper + 8, WIDTHS[pen.width] - 2
    marks = [pen.rectangle(scale(0), upper, scale(bar.value), upper + 16, role)]
    if bar.low is not None and bar.high is not None:
        marks.append(pen.path(_whisker(scale(bar.low), scale(bar.high), middle), "whisker"))
    marks.append(pen.text(right, top + 15 if pen.narrow else middle + 5, bar.text, voice, "end"))
    return marks + _bar_label(bar, pen, scale, top, voice)


def _bar_label(bar: Bar, pen: Pen, scale: Scale, top: float, voice: str) -> list[str]:
    if pen.narrow:
        room = WIDTHS[pen.width] - text_width(bar.text, pen.size) - 16
        return [pen.text(2, top + 15, wrap(bar.label, room, pen.size, 1)[0], voice)]
    rows = wrap(bar.label, scale.start - 14, pen.size)
    first = top + 22 - 8 * (len(rows) - 1)
    return [pen.text(scale.start - 10, first + 16 * number, row, voice, "end") for number, row in enumerate(rows)]


def _whisker(low: float, high: float, middle: float) -> str:
    ends = f"M{low:.1f} {middle - 5:.1f}v10M{high:.1f} {middle - 5:.1f}v10"
    return f"M{low:.1f} {middle:.1f}H{high:.1f}{ends}"


def draw_tornado(chart: TornadoChart, pen: Pen) -> str:
    """One row per input: label above, bar between the results at its low and its high value, these values at the ends."""
    room = max(
        (text_width(text, pen.size) for swing in chart.swings for text in (swing.low_text, swing.high_text)), default=0
    )
    room = min(room + 8, 90 if pen.narrow else 130)
    scale = Scale(chart.axis, room, WIDTHS[pen.width] - room)
    row, top = (66 if pen.narrow else 50), 26
    bottom = top + row * len(chart.swings)
    zero = scale(0)
    marks = x_axis(pen, scale, top, bottom)
    marks.append(pen.path(f"M{zero:.1f} {top - 4:.1f}V{bottom:.1f}", "marker"))
    for number, swing in enumerate(chart.swings):
        marks += _swing(swing, pen, scale, top + row * number)
    half = text_width(chart.zero_text, pen.size) / 2
    place = min(max(zero, half + 2), WIDTHS[pen.width] - half - 2)
    marks.append(pen.text(place, 14, chart.zero_text, "text-quiet", "middle"))
    return pen.frame(chart.key, chart.title, chart.description, bottom + FOOT, marks)


def _swing(swing: Swing, pen: Pen, scale: Scale, top: float) -> list[str]:
    ends = sorted([(swing.at_low, swing.low_text), (swing.at_high, swing.high_text)])
    (worst, worst_text), (best, best_text) = ends
    rows = wrap(swing.label, WIDTHS[pen.width] - 8, pen.size, 2 if pen.narrow else 1)
    upper, lower = top + 8 + 16 * len(rows), top + 24 + 16 * len(rows)
    marks = [pen.text(2, top + 17 + 16 * number, row, "text") for number, row in enumerate(rows)]
    if worst < 0:
        marks.append(pen.rectangle(scale(worst), upper, scale(min(best, 0)), lower, "bar-grey"))
    if best > 0:
        marks.append(pen.rectangle(scale(max(worst, 0)), upper, scale(best), lower, "bar-accent"))
    marks.append(pen.text(scale(worst) - 5, lower - 3, worst_text, "text-quiet", "end"))
    marks.append(pen.text(scale(best) + 5, lower - 3, best_text, "text-quiet"))
    return marks
