"""Curves with bands, labelled at their ends instead of by a legend."""

from __future__ import annotations

from app.web.charts.spec import CurveChart, Line, Marker
from app.web.charts.svg import WIDTHS, Pen, Point, Scale, simplify, spread, text_width, wrap, x_axis

TOP, FOOT = 38, 62


def draw_curves(chart: CurveChart, pen: Pen) -> str:
    """Bands first, then lines, the advice last so that it lies on top."""
    height = 258 if pen.narrow else 338
    left = max((text_width(tick.text, pen.size) for tick in chart.y_axis.ticks), default=0) + 10
    across = Scale(chart.x_axis, left, WIDTHS[pen.width] - (132 if pen.narrow else 176))
    up = Scale(chart.y_axis, height, TOP)
    lines = sorted(chart.lines, key=lambda line: line.emphasis)
    marks = [*x_axis(pen, across, TOP, height), *_y_axis(pen, up, across)]
    marks += [pen.path(_band(line, across, up), f"band-{_tone(line)}") for line in lines]
    marks += [pen.path(_curve(line, across, up), f"line-{_tone(line)}") for line in lines]
    marks += [mark for marker in chart.markers for mark in _marker(marker, pen, across, height)]
    marks += _end_labels(lines, pen, across, up)
    return pen.frame(chart.key, chart.title, chart.description, height + FOOT, marks)


def _tone(line: Line) -> str:
    return "accent" if line.emphasis else "grey"


def _y_axis(pen: Pen, up: Scale, across: Scale) -> list[str]:
    marks = [pen.text(2, 14, up.axis.label, "text-quiet")]
    for tick in up.axis.ticks:
        place = up(tick.at)
        marks.append(pen.path(f"M{across.start:.1f} {place:.1f}H{across.end:.1f}", "grid" if tick.at else "axis"))
        marks.append(pen.text(across.start - 6, place + 5, tick.text, "text-quiet", "end"))
    return marks


def _curve(line: Line, across: Scale, up: Scale) -> str:
    return "M" + _steps(_places(line.x, line.middle, across, up))


def _band(line: Line, across: Scale, up: Scale) -> str:
    above, below = (_places(line.x, edge, across, up) for edge in (line.high, line.low))
    return f"M{_steps(above)}L{_steps(below[::-1])}Z"


def _places(x: tuple[float, ...], y: tuple[float, ...], across: Scale, up: Scale) -> list[Point]:
    return simplify([(across(place), up(amount)) for place, amount in zip(x, y, strict=True)])


def _steps(places: list[Point]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _marker(marker: Marker, pen: Pen, across: Scale, bottom: float) -> list[str]:
    place, half = across(marker.x), text_width(marker.text, pen.size) / 2
    centre = min(max(place, across.start + half), WIDTHS[pen.width] - half)
    return [
        pen.path(f"M{place:.1f} {TOP:.1f}V{bottom:.1f}", "marker"),
        pen.text(centre, TOP - 2, marker.text, "text-quiet", "middle"),
    ]


def _end_labels(lines: list[Line], pen: Pen, across: Scale, up: Scale) -> list[str]:
    room = WIDTHS[pen.width] - across.end - 8
    texts = [wrap(line.label, room, pen.size) for line in lines]
    places = spread(
        [up(line.middle[-1]) for line in lines], 34 if max(map(len, texts), default=1) > 1 else 18, TOP, up.start
    )
    marks = []
    for line, rows, place in zip(lines, texts, places, strict=True):
        role = "text-accent" if line.emphasis else "text"
        first = place + 5 - 8 * (len(rows) - 1)
        marks += [pen.text(across.end + 6, first + 16 * number, row, role) for number, row in enumerate(rows)]
    return marks
