"""Charts of a decision as accessible SVG text, with the table that belongs to each.

`drawing(spec, theme, width)` draws one layout; `figures(decision, formatter)` gives the report page all of them in order.
The named functions draw one chart straight from a decision, or an empty text where it has nothing to show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.domain.decision import Decision
from app.locales import Formatter
from app.web.charts.bars import draw_bars, draw_tornado
from app.web.charts.comparison import cost_chart, probability_chart
from app.web.charts.courses import cumulative_chart, volume_chart
from app.web.charts.curves import draw_curves
from app.web.charts.sensitivity import tornado_chart
from app.web.charts.spec import BarChart, Chart, CurveChart, Figure, Table, Theme, TornadoChart, Width
from app.web.charts.svg import Pen

Maker = Callable[[Decision, Formatter], BarChart | CurveChart | TornadoChart | None]

SPECS: dict[str, Maker] = {
    "cost": cost_chart,
    "volume": volume_chart,
    "cumulative": cumulative_chart,
    "drivers": tornado_chart,
    "probability": probability_chart,
}


def drawing(chart: Chart, theme: Theme = "page", width: Width = "wide") -> str:
    """One chart as SVG text: on the page coloured by classes, in print by literal attributes."""
    pen = Pen(theme, width)
    if isinstance(chart, BarChart):
        return draw_bars(chart, pen)
    return draw_curves(chart, pen) if isinstance(chart, CurveChart) else draw_tornado(chart, pen)


def figure(chart: Chart, prefix: str = "") -> Figure:
    """Both layouts for the page; `prefix` keeps ids apart where a page shows the same chart twice."""
    own = replace(chart, key=f"{prefix}{chart.key}")
    wide, narrow = drawing(own, "page", "wide"), drawing(own, "page", "narrow")
    return Figure(own.key, chart.title, chart.description, wide, narrow, chart.table)


def figures(decision: Decision, formatter: Formatter, prefix: str = "") -> dict[str, Figure]:
    """All charts that this decision has, by key: cost, volume, cumulative, drivers, probability."""
    made = {key: maker(decision, formatter) for key, maker in SPECS.items()}
    return {key: figure(chart, prefix) for key, chart in made.items() if chart}


def _draw(key: str, decision: Decision, formatter: Formatter, theme: Theme = "page", width: Width = "wide") -> str:
    chart = SPECS[key](decision, formatter)
    return drawing(chart, theme, width) if chart else ""


options_cost = partial(_draw, "cost")
cost_by_volume = partial(_draw, "volume")
cumulative_cost = partial(_draw, "cumulative")
drivers = partial(_draw, "drivers")
probabilities = partial(_draw, "probability")

__all__ = [
    "SPECS", "Chart", "Figure", "Table", "cost_by_volume", "cumulative_cost", "drawing", "drivers", "figure", "figures",
    "options_cost", "probabilities",
]  # fmt: skip
