"""SVG as text: elements, text, scales. Colours are classes on the page and literal attributes in print.

A strict content security policy forbids style attributes and style elements, so neither is ever written.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import log10

from app.web.charts.spec import Axis, Theme, Width

WIDTHS: dict[Width, int] = {"wide": 720, "narrow": 340}
FONT = "Source Sans 3"
Point = tuple[float, float]
LETTER = 0.52  # mean width of a letter of that font, in em

# Roles of marks, and their look on white paper: the page themes the same roles in report.css.
PRINT: dict[str, str] = {
    "bar-accent": 'fill="#17507f"',
    "bar-grey": 'fill="#7b8792"',
    "band-accent": 'fill="#17507f" fill-opacity="0.16"',
    "band-grey": 'fill="#6b737d" fill-opacity="0.12"',
    "line-accent": 'fill="none" stroke="#17507f" stroke-width="2.5"',
    "line-grey": 'fill="none" stroke="#737b85" stroke-width="1.5"',
    "whisker": 'fill="none" stroke="#1b2430" stroke-width="1.5"',
    "grid": 'fill="none" stroke="#dddcd6" stroke-width="1"',
    "axis": 'fill="none" stroke="#6b737d" stroke-width="1"',
    "marker": 'fill="none" stroke="#1b2430" stroke-width="1" stroke-dasharray="3 3"',
    "text": 'fill="#1b2430"',
    "text-quiet": 'fill="#4a525c"',
    "text-accent": 'fill="#17507f" font-weight="600"',
}


@dataclass(frozen=True)
class Pen:
    """Draws in one theme and width."""

    theme: Theme
    width: Width

    @property
    def narrow(self) -> bool:
        """Whether this is the layout for phones."""
        return self.width == "narrow"

    @property
    def size(self) -> int:
        """Font size in user units; about pixels, since each layout is shown near its own width."""
        return 13 if self.narrow else 14

    def look(self, role: str) -> str:
        """The attributes of a role."""
        return f'class="c-{role}"' if self.theme == "page" else PRINT[role]

    def text(self, x: float, y: float, content: str, role: str = "text", anchor: str = "start") -> str:
        """One line of text; what users wrote is escaped."""
        placed = f'x="{x:.1f}" y="{y:.1f}"' + (f' text-anchor="{anchor}"' if anchor != "start" else "")
        return f"<text {placed} {self.look(role)}>{escape(content)}</text>"

    def rectangle(self, left: float, top: float, right: float, bottom: float, role: str) -> str:
        """A filled rectangle, at least one unit wide so that a tiny value stays visible."""
        size = f'width="{max(right - left, 1):.1f}" height="{bottom - top:.1f}"'
        return f'<rect x="{left:.1f}" y="{top:.1f}" {size} {self.look(role)}/>'

    def path(self, steps: str, role: str) -> str:
        """A path."""
        return f'<path d="{steps}" {self.look(role)}/>'

    def frame(self, key: str, title: str, description: str, height: float, marks: list[str]) -> str:
        """The whole image with its accessible name and description; ids are unique by key and width."""
        name, about = f"{key}-{self.width}-title", f"{key}-{self.width}-about"
        box = WIDTHS[self.width]
        font = f' font-family="{FONT}"' if self.theme == "print" else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{self.width}" role="img" '
            f'aria-labelledby="{name} {about}" viewBox="0 0 {box} {height:.0f}" width="{box}" height="{height:.0f}" '
            f'font-size="{self.size}"{font}>'
            f'<title id="{name}">{escape(title)}</title><desc id="{about}">{escape(description)}</desc>'
            f"{''.join(marks)}</svg>"
        )


@dataclass(frozen=True)
class Scale:
    """Data units to user units."""

    axis: Axis
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value, held inside the frame."""
        low, high, here = self.axis.low, self.axis.high, value
        if self.axis.log:
            low, high, here = log10(low), log10(high), log10(max(value, self.axis.low))
        share = (here - low) / (high - low or 1)
        return self.start + min(max(share, 0), 1) * (self.end - self.start)


def text_width(content: str, size: float) -> float:
    """About how wide a line is, in user units."""
    return len(content) * LETTER * size


def wrap(content: str, width: float, size: float, lines: int = 2) -> list[str]:
    """Breaks at spaces into at most so many lines; what does not fit ends with an ellipsis."""
    rows: list[str] = [""]
    for word in content.split():
        longer = f"{rows[-1]} {word}".strip()
        if text_width(longer, size) <= width or not rows[-1]:
            rows[-1] = longer
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{rows[lines - 1]} …"]
    return [_cut(row, width, size) for row in rows]


def _cut(row: str, width: float, size: float) -> str:
    room = int(width / (LETTER * size))
    return row if len(row) <= room + 1 else f"{row[: max(room - 1, 1)]}…"


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Moves labels apart so that neighbours are at least `gap` away and all stay between low and high."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    over = max(moved, default=high) - high
    if over > 0 and order:
        moved[order[-1]] -= over
        for after, before in pairwise(order[::-1]):
            moved[before] = min(moved[before], moved[after] - gap)
    return [max(place, low) for place in moved]


def simplify(points: list[Point], tolerance: float = 0.25) -> list[Point]:
    """Leaves out points that lie less than a quarter of a unit beside the line (Ramer 1972, Douglas and Peucker 1973)."""
    if len(points) < 3:
        return points
    (x0, y0), (x1, y1) = points[0], points[-1]
    slope = (y1 - y0) / ((x1 - x0) or 1)
    away = [abs(y - y0 - slope * (x - x0)) for x, y in points]
    farthest = max(range(len(points)), key=away.__getitem__)
    if away[farthest] < tolerance:
        return [points[0], points[-1]]
    return simplify(points[: farthest + 1], tolerance)[:-1] + simplify(points[farthest:], tolerance)


def x_axis(pen: Pen, scale: Scale, top: float, bottom: float) -> list[str]:
    """Hairlines with texts under them (those that would overlap are left out) and the label of the axis."""
    marks, free = [], float("-inf")
    for tick in scale.axis.ticks:
        place, half = scale(tick.at), text_width(tick.text, pen.size) / 2
        marks.append(pen.path(f"M{place:.1f} {top:.1f}V{bottom:.1f}", "grid"))
        if place - half > free:
            centre = min(max(place, half), WIDTHS[pen.width] - half)
            marks.append(pen.text(centre, bottom + 18, tick.text, "text-quiet", "middle"))
            free = centre + half + 6
    for number, row in enumerate(wrap(scale.axis.label, scale.end - scale.start, pen.size)):
        marks.append(pen.text(scale.start, bottom + 38 + 16 * number, row, "text-quiet"))
    return marks
