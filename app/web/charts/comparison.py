"""Charts that compare the options: total cost and probability of being best."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.decision import Decision, OptionResult
from app.domain.values import MoneyRange
from app.locales import Formatter
from app.web.charts.scales import money_axis, share_axis
from app.web.charts.spec import Bar, BarChart, Table


def ranked(decision: Decision) -> list[OptionResult]:
    """Feasible options, the advice first, then those that are best in most simulated courses."""
    feasible = [option for option in decision.options if option.feasible and option.cost]
    return sorted(
        feasible, key=lambda option: (not is_advice(decision, option), -option.probability_best, option.rank or 99)
    )


def is_advice(decision: Decision, option: OptionResult) -> bool:
    """Whether this option is the recommended one."""
    return option.option == decision.recommended.option


def cost_chart(decision: Decision, formatter: Formatter) -> BarChart | None:
    """Total cost of each feasible option over the horizon, with the range from the 10th to the 90th percentile."""
    t, months = formatter.t, formatter.months(decision.horizon_months)
    totals = [(option, option.cost.total) for option in ranked(decision) if option.cost]
    if not totals:
        return None
    bars = tuple(
        Bar(
            t(option.label), float(total.p50), formatter.money(total.p50, total.currency),
            float(total.p10), float(total.p90), is_advice(decision, option),
        )
        for option, total in totals
    )  # fmt: skip
    axis = money_axis(
        formatter,
        t("Total cost over {months}", months=months),
        0,
        max(float(total.p90) for _, total in totals),
        decision.currency,
    )
    rows = tuple((t(option.label), *three(formatter, total)) for option, total in totals)
    table = Table(
        t("Total cost over {months}", months=months),
        (t("Option"), t("low (p10)"), t("middle (p50)"), t("high (p90)")),
        rows,
    )
    return BarChart(
        "cost",
        _cost_title(decision, formatter, totals),
        t("Bars: middle estimate. Lines: range from the 10th to the 90th percentile."),
        axis,
        bars,
        table,
    )


def _cost_title(decision: Decision, formatter: Formatter, totals: Sequence[tuple[OptionResult, MoneyRange]]) -> str:
    cheapest = min(totals, key=lambda item: item[1].p50)[0]
    advice = formatter.t(totals[0][0].label)
    if len(totals) == 1:
        return formatter.t("Only {option} is feasible", option=advice)
    if is_advice(decision, cheapest):
        return formatter.t("{option} costs least over the whole period", option=advice)
    return formatter.t(
        "{cheapest} costs least; {option} brings more for its price",
        cheapest=formatter.t(cheapest.label),
        option=advice,
    )


def three(formatter: Formatter, amounts: MoneyRange) -> tuple[str, str, str]:
    """Low, middle and high, rounded for people."""
    low, middle, high = (
        formatter.money(amount, amounts.currency) for amount in (amounts.p10, amounts.p50, amounts.p90)
    )
    return low, middle, high


def probability_chart(decision: Decision, formatter: Formatter) -> BarChart | None:
    """How often each option comes out best in the simulation."""
    t, options = formatter.t, ranked(decision)
    if not options:
        return None
    bars = tuple(
        Bar(
            t(option.label),
            option.probability_best,
            formatter.percent(option.probability_best),
            emphasis=is_advice(decision, option),
        )
        for option in options
    )
    title = t(
        "{option} is best in {share} of {count} simulated courses",
        option=t(options[0].label),
        share=formatter.percent(options[0].probability_best),
        count=formatter.count(decision.draws),
    )
    table = Table(
        t("Probability of being the best option"),
        (t("Option"), t("Probability")),
        tuple((bar.label, bar.text) for bar in bars),
    )
    return BarChart(
        "probability",
        title,
        t("One bar per option: share of the simulated courses in which it has the highest net benefit."),
        share_axis(formatter, t("Probability of being the best option")),
        bars,
        table,
    )
