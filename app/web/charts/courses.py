"""Charts with a course: cost over the months, and total cost by monthly volume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from numpy import interp

from app.domain.decision import Decision, OptionResult
from app.domain.values import Series
from app.locales import N_, Formatter
from app.locales.format import significant
from app.web.charts.comparison import is_advice, ranked
from app.web.charts.scales import money_axis, month_axis, volume_axis
from app.web.charts.spec import CurveChart, Line, Marker, Table

SHOWN_CURVES = 4
SERIES = ("x", "p10", "p50", "p90")
BETWEEN = 8  # points drawn for each computed one
ABOUT = N_(
    "One curve per option with the band from the 10th to the 90th percentile; the recommended option is highlighted."
)


@dataclass(frozen=True)
class Courses:
    """The curves of one chart: the advice first, then the next best."""

    decision: Decision
    formatter: Formatter
    curves: list[tuple[OptionResult, Series]]

    def lines(self) -> tuple[Line, ...]:
        """As drawn."""
        return tuple(self._line(option, series) for option, series in self.curves)

    def _line(self, option: OptionResult, series: Series) -> Line:
        bands = (tuple(series.x), tuple(series.p10), tuple(series.p50), tuple(series.p90))
        return Line(self.formatter.t(option.label), *bands, is_advice(self.decision, option))

    def highest(self) -> float:
        """The largest amount in any band."""
        return max(max(series.p90) for _, series in self.curves)

    def within(self, low: float, high: float) -> Courses:
        """The same curves over part of their x axis, up to the points just outside."""
        return replace(self, curves=[(option, _cut(series, low, high)) for option, series in self.curves])

    def smooth(self) -> Courses:
        """The same curves with points between the computed ones: between them cost grows in proportion to volume."""
        return replace(self, curves=[(option, _dense(series)) for option, series in self.curves])

    def table(self, caption: str, head: str, at: list[float]) -> Table:
        """The likely range of each option at some places of the x axis."""
        columns = (head, *(self.formatter.t(option.label) for option, _ in self.curves))
        rows = tuple(
            (self.formatter.plain(significant(x, 3)), *(self._cell(series, x) for _, series in self.curves)) for x in at
        )
        return Table(caption, columns, rows)

    def _cell(self, series: Series, x: float) -> str:
        index = series.x.index(x)
        return self.formatter.money_between(series.p10[index], series.p90[index], self.decision.currency)


def _cut(series: Series, low: float, high: float) -> Series:
    first = max((place for place, x in enumerate(series.x) if x <= low), default=0)
    last = min((place for place, x in enumerate(series.x) if x >= high), default=len(series.x) - 1)
    return Series(**{name: getattr(series, name)[first : last + 1] for name in SERIES})


def _dense(series: Series) -> Series:
    x = [start * (end / start) ** (step / BETWEEN) for start, end in pairwise(series.x) for step in range(BETWEEN)]
    x.append(series.x[-1])
    return Series(x=x, **{name: interp(x, series.x, getattr(series, name)).tolist() for name in SERIES[1:]})


def _courses(decision: Decision, formatter: Formatter, name: str) -> Courses:
    found = [(option, getattr(option, name)) for option in ranked(decision) if getattr(option, name)]
    return Courses(decision, formatter, found[:SHOWN_CURVES])


def cumulative_chart(decision: Decision, formatter: Formatter) -> CurveChart | None:
    """Cost summed up month by month."""
    t, courses = formatter.t, _courses(decision, formatter, "cumulative_cost")
    if not courses.curves:
        return None
    x = courses.curves[0][1].x
    rows = [month for month in x if month % (6 if x[-1] <= 36 else 12) == 0]
    return CurveChart(
        "cumulative", _cumulative_title(formatter, courses.curves), t(ABOUT), month_axis(formatter, t("Month"), x[-1]),
        money_axis(formatter, t("Cost so far"), 0, courses.highest(), decision.currency), courses.lines(),
        courses.table(t("Cost summed up to the month (likely range)"), t("Month"), rows),
    )  # fmt: skip


def _cumulative_title(formatter: Formatter, curves: list[tuple[OptionResult, Series]]) -> str:
    (advice, own), others = curves[0], curves[1:]
    name = formatter.t(advice.label)
    if not others:
        return formatter.t("What {option} costs, month by month", option=name)
    ahead = [all(own.p50[i] <= series.p50[i] for _, series in others) for i in range(len(own.x))]
    if all(ahead[1:]):
        return formatter.t("{option} stays cheapest in every month", option=name)
    if ahead[-1]:
        month = own.x[len(ahead) - ahead[::-1].index(False)]
        return formatter.t("From month {month} on {option} is cheapest", month=formatter.count(month), option=name)
    rival = min(others, key=lambda item: item[1].p50[-1])[0]
    says = (
        N_("{rival} costs less; {option} earns the difference back")
        if _brings_more(advice, rival)
        else N_("{rival} costs less in the end than {option}")
    )
    return formatter.t(says, rival=formatter.t(rival.label), option=name)


def _brings_more(advice: OptionResult, rival: OptionResult) -> bool:
    return bool(advice.net_value and rival.net_value and advice.net_value.p50 > rival.net_value.p50)


def volume_chart(decision: Decision, formatter: Formatter) -> CurveChart | None:
    """Total cost over the horizon by monthly volume, from a tenth to the tenfold of today's, or as far as the break-even lies."""
    t, courses = formatter.t, _courses(decision, formatter, "cost_by_volume").within(*_decades(decision))
    if not courses.curves or courses.curves[0][1].x[0] <= 0:
        return None
    x, what = courses.curves[0][1].x, t("Total cost over {months}", months=formatter.months(decision.horizon_months))
    points = [item for item in decision.break_even if item.key == "requests_per_month"]
    title = (
        formatter.say(points[0]).rstrip(".") if points else t("How the total cost moves with the number of requests")
    )
    table = courses.table(t("Total cost by requests per month (likely range)"), t("Requests per month"), x)
    drawn = courses.smooth()
    return CurveChart(
        "volume", title, t(ABOUT), volume_axis(formatter, t("Requests per month (each step is ten times as many)"), x[0], x[-1]),
        money_axis(formatter, what, 0, drawn.highest(), decision.currency), drawn.lines(), table, _markers(decision, formatter, x),
    )  # fmt: skip


def _decades(decision: Decision) -> tuple[float, float]:
    """The range of volumes worth showing: where people are, and where the cheaper option changes."""
    fact = decision.facts.get("requests_per_month")
    if not fact or isinstance(fact.value, str) or not fact.value:
        return 0, float("inf")
    crossings = [
        item.value
        for item in decision.break_even
        if item.key == "requests_per_month" and isinstance(item.value, int | float)
    ]
    return min([fact.value / 10, *crossings]), max([fact.value * 10, *crossings])


def _markers(decision: Decision, formatter: Formatter, x: list[float]) -> tuple[Marker, ...]:
    fact = decision.facts.get("requests_per_month")
    if not fact or isinstance(fact.value, str) or not x[0] <= fact.value <= x[-1]:
        return ()
    volume = formatter.plain(significant(fact.value))
    return (Marker(float(fact.value), formatter.t("your volume: {volume}", volume=volume)),)
