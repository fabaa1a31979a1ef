"""Points over two axes of the same kind: predicted against published, stated against found. On the diagonal both are equal."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from app.locales import Formatter
from app.web.charts.spec import Axis, Table, Tick
from app.web.charts.svg import WIDTHS, Pen, Point, Scale, text_width, x_axis

TOP, FOOT, RIGHT = 38, 62, 12
BEND = 24  # pieces of the edge of a band on straight axes


@dataclass(frozen=True)
class Whisker:
    """A range of y at a place of x."""

    x: float
    low: float
    high: float


@dataclass(frozen=True)
class ScatterChart:
    """Points (x, y); `band` is the factor up and down from the diagonal that is shaded, 1 for none."""

    key: str
    title: str
    description: str
    x_axis: Axis
    y_axis: Axis
    points: tuple[Point, ...]
    table: Table
    band: float = 1.0
    whiskers: tuple[Whisker, ...] = ()


def power_axis(formatter: Formatter, what: str, values: list[float]) -> Axis:
    """A logarithmic axis over whole powers of ten around the values (all above zero)."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    ticks = tuple(Tick(10.0**power, formatter.number(10.0**power, max(0, -power))) for power in range(low, high + 1))
    return Axis(what, 10.0**low, 10.0**high, ticks, log=True)


def draw_scatter(chart: ScatterChart, pen: Pen) -> str:
    """Band and diagonal first, then the points. Both axes have the same length on wide paper."""
    height = 300 if pen.narrow else 420
    left = max(text_width(tick.text, pen.size) for tick in chart.y_axis.ticks) + 10
    right = WIDTHS[pen.width] - RIGHT if pen.narrow else left + height - TOP + 140
    across, up = Scale(chart.x_axis, left, right), Scale(chart.y_axis, height, TOP)
    marks = [*x_axis(pen, across, TOP, height), *_rows(pen, up, across)]
    if chart.band > 1:
        marks.append(pen.path(_band(chart, across, up), "band-grey"))
    marks.append(pen.path(_line(_diagonal(chart, 1.0), across, up), "marker"))
    marks += [pen.path(_whisker(item, across, up), "whisker") for item in chart.whiskers]
    marks.append(pen.path(_dots(chart.points, across, up), "dots" if len(chart.points) > 12 else "dots-large"))
    return pen.frame(chart.key, chart.title, chart.description, height + FOOT, marks)


def _rows(pen: Pen, up: Scale, across: Scale) -> list[str]:
    marks = [pen.text(2, 14, up.axis.label, "text-quiet")]
    for tick in up.axis.ticks:
        place = up(tick.at)
        marks.append(pen.path(f"M{across.start:.1f} {place:.1f}H{across.end:.1f}", "grid"))
        marks.append(pen.text(across.start - 6, place + 5, tick.text, "text-quiet", "end"))
    return marks


def _diagonal(chart: ScatterChart, factor: float) -> list[Point]:
    """Where y is that many times x, within the frame."""
    low, high = chart.x_axis.low, chart.x_axis.high
    places = [low * (high / low) ** (step / BEND) if chart.x_axis.log else low + (high - low) * step / BEND for step in range(BEND + 1)]  # fmt: skip
    return [(x, min(max(x * factor, chart.y_axis.low), chart.y_axis.high)) for x in places]


def _band(chart: ScatterChart, across: Scale, up: Scale) -> str:
    upper, lower = _diagonal(chart, chart.band), _diagonal(chart, 1 / chart.band)
    return _line([*upper, *lower[::-1]], across, up) + "Z"


def _line(points: list[Point], across: Scale, up: Scale) -> str:
    return "M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)


def _dots(points: tuple[Point, ...], across: Scale, up: Scale) -> str:
    """One path for all: lines without length, drawn with round ends. Points on the same place are drawn once."""
    places = sorted({(round(across(x)), round(up(y))) for x, y in points})
    return "".join(f"M{x} {y}h0" for x, y in places)


def _whisker(item: Whisker, across: Scale, up: Scale) -> str:
    place, low, high = across(item.x), up(item.low), up(item.high)
    return f"M{place:.1f} {low:.1f}V{high:.1f}M{place - 5:.1f} {low:.1f}h10M{place - 5:.1f} {high:.1f}h10"
