"""What a chart shows, already in the reader's language. Drawing needs nothing else; no Decision, no locale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["page", "print"]
Width = Literal["wide", "narrow"]


@dataclass(frozen=True)
class Tick:
    """A place on an axis (in data units) and its text."""

    at: float
    text: str


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` in data units; `label` names the quantity with its unit."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool = False


@dataclass(frozen=True)
class Table:
    """The same numbers as text: the first cell of a row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bar:
    """A bar from zero to `value`, with a whisker from `low` to `high` where both are known."""

    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    emphasis: bool = False


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars, one row each, in the given order."""

    key: str
    title: str
    description: str
    axis: Axis
    bars: tuple[Bar, ...]
    table: Table


@dataclass(frozen=True)
class Line:
    """A curve with the band between `low` and `high`."""

    label: str
    x: tuple[float, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    emphasis: bool = False


@dataclass(frozen=True)
class Marker:
    """A vertical line at `x` with a short text."""

    x: float
    text: str


@dataclass(frozen=True)
class CurveChart:
    """Curves over a common x, labelled at their ends."""

    key: str
    title: str
    description: str
    x_axis: Axis
    y_axis: Axis
    lines: tuple[Line, ...]
    table: Table
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class Swing:
    """How far one input moves the result: the result at its low and at its high value, and those values as text."""

    label: str
    at_low: float
    at_high: float
    low_text: str
    high_text: str


@dataclass(frozen=True)
class TornadoChart:
    """Swings, largest first; left of zero another option wins."""

    key: str
    title: str
    description: str
    axis: Axis
    swings: tuple[Swing, ...]
    zero_text: str
    table: Table


Chart = BarChart | CurveChart | TornadoChart


@dataclass(frozen=True)
class Figure:
    """A chart ready for the page: both layouts (the style sheet shows one) and the table that follows it."""

    key: str
    title: str
    description: str
    wide: str
    narrow: str
    table: Table
