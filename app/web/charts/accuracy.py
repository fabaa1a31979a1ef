"""Charts of the scorecard: predicted against published, confidence against frequency, ways to decide beside each other."""

from __future__ import annotations

from app.accuracy.scorecard import Agreement, Bin, Quantity, Scorecard
from app.domain.quality import wilson
from app.locales import N_, Formatter
from app.web.charts.bars import draw_bars
from app.web.charts.scales import share_axis
from app.web.charts.scatter import ScatterChart, Whisker, draw_scatter, power_axis
from app.web.charts.spec import Bar, BarChart, Figure, Table
from app.web.charts.svg import Pen

UNITS = {
    "training": N_("tokens per second and GPU"),
    "memory": N_("GiB per GPU"),
    "serving": N_("output tokens per second"),
}
TITLES = {
    "training": N_("Training speed: half of the estimates lie within a factor of {fold} of the measurement"),
    "memory": N_("Memory: half of the estimates lie within a factor of {fold} of the measurement"),
    "serving": N_("Serving speed: half of the estimates lie within a factor of {fold} of the measurement"),
}
BAND = 2.0  # factor that the shaded band shows
SAYS_MORE = ("engine", "learned", "statistics")  # in the bars; the fits to all cases stand in the table only


def scatter_figure(quantity: Quantity, formatter: Formatter) -> Figure:
    """Every measurement beside its estimate; both axes logarithmic."""
    t, unit = formatter.t, formatter.t(UNITS[quantity.name])
    values = [value for pair in quantity.points for value in pair]
    rows = tuple((short(item.url), formatter.count(item.rows), factor(formatter, item.fold_median), factor(formatter, item.fold_p90), formatter.percent(item.coverage)) for item in quantity.sources)  # fmt: skip
    columns = (t("Source"), t("Measurements"), t("Fold, median"), t("Fold, 9 in 10"), t("Inside the band"))
    chart = ScatterChart(
        quantity.name, t(TITLES[quantity.name], fold=factor(formatter, quantity.pooled_median)),
        t("One point for each published measurement: measured to the right, estimated upwards, both on a logarithmic scale. On the dashed line both are equal; the shaded band reaches from half to twice."),
        power_axis(formatter, t("published, {unit}", unit=unit), values),
        power_axis(formatter, t("estimated, {unit}", unit=unit), values),
        tuple(quantity.points), Table(t("By source"), columns, rows), BAND,
    )  # fmt: skip
    return _figure(chart)


def calibration_figure(card: Scorecard, formatter: Formatter) -> Figure:
    """How often advice of a stated confidence was acceptable, with 95 % intervals."""
    t, bins = formatter.t, card.engine.bins
    rows = tuple(_bin_row(item, formatter) for item in bins)
    columns = (t("Stated confidence"), t("Cases"), t("Mean confidence"), t("Acceptable"), t("95 % interval"))
    title = t("What is stated as {stated} was right in {found}", stated=formatter.percent(_mean(bins, "confidence")), found=formatter.percent(_mean(bins, "frequency")))  # fmt: skip
    chart = ScatterChart(
        "calibration", title,
        t("One point for each step of confidence: stated to the right, found upwards, with the 95 % interval. On the dashed line both are equal."),
        share_axis(formatter, t("stated confidence")), share_axis(formatter, t("acceptable advice")),
        tuple((item.confidence, item.frequency) for item in bins), Table(t("Confidence and frequency"), columns, rows),
        whiskers=tuple(Whisker(item.confidence, *wilson(item.frequency, item.n)) for item in bins),
    )  # fmt: skip
    return _figure(chart)


def comparison_figure(card: Scorecard, formatter: Formatter) -> Figure:
    """Ways to decide, by how often they equal the published decision."""
    t = formatter.t
    shown = [item for item in card.agreements if item.kind == "ladder" or item.id in SAYS_MORE]
    ranked = sorted(shown, key=lambda item: (item.kind != "engine", -item.exact))
    bars = tuple(_bar(item, formatter) for item in ranked)
    columns = (
        t("Way to decide"),
        t("Equal"),
        t("Acceptable"),
        t("Kappa"),
        t("Equal where the obvious choice had failed"),
    )
    rows = tuple((t(item.label), formatter.percent(item.exact), formatter.percent(item.acceptable), formatter.number(item.kappa), formatter.percent(item.exact_obvious_failed)) for item in card.agreements)  # fmt: skip
    best = max((item for item in ranked if item.kind in ("ladder", "statistics")), key=lambda item: item.exact)
    title = t("Lotse equals {own} of the published decisions, the best of the other ways {other}", own=formatter.percent(ranked[0].exact), other=formatter.percent(best.exact))  # fmt: skip
    chart = BarChart(
        "comparison", title, t("Bars: share of equal decisions. Lines: 95 % interval of {n} cases.", n=ranked[0].n),
        share_axis(formatter, t("equal to the published decision")), bars, Table(t("Ways to decide"), columns, rows),
    )  # fmt: skip
    wide, narrow = draw_bars(chart, Pen("page", "wide")), draw_bars(chart, Pen("page", "narrow"))
    return Figure(chart.key, chart.title, chart.description, wide, narrow, chart.table)


def _bar(item: Agreement, formatter: Formatter) -> Bar:
    low, high = wilson(item.exact, item.n)
    return Bar(formatter.t(item.label), item.exact, formatter.percent(item.exact), low, high, item.kind == "engine")


def _bin_row(item: Bin, formatter: Formatter) -> tuple[str, ...]:
    low, high = wilson(item.frequency, item.n)
    between = formatter.t("{low} to {high}")
    return (
        between.format(low=formatter.percent(item.low), high=formatter.percent(item.high)), formatter.count(item.n),
        formatter.percent(item.confidence), formatter.percent(item.frequency),
        between.format(low=formatter.percent(low), high=formatter.percent(high)),
    )  # fmt: skip


def _mean(bins: list[Bin], name: str) -> float:
    return float(sum(getattr(item, name) * item.n for item in bins) / sum(item.n for item in bins))


def _figure(chart: ScatterChart) -> Figure:
    wide, narrow = draw_scatter(chart, Pen("page", "wide")), draw_scatter(chart, Pen("page", "narrow"))
    return Figure(chart.key, chart.title, chart.description, wide, narrow, chart.table)


def factor(formatter: Formatter, fold: float) -> str:
    """A fold with two digits after the point."""
    return formatter.number(round(fold, 2))


def short(url: str) -> str:
    """An address as people read it."""
    return url.removeprefix("https://").removeprefix("www.").rstrip("/")
