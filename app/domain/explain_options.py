"""The options side by side: costs, benefit, chances, exclusions, and for each the hostings that were compared."""

from __future__ import annotations

import numpy as np

from app.domain.benefit import break_even_rate, months_of_use
from app.domain.costs import money, shown
from app.domain.decision import Benefit, HostingResult, OptionResult, Reason
from app.domain.draws import Array
from app.domain.explain_curves import Curves
from app.domain.messages import Message
from app.domain.rules import reason
from app.domain.simulate import Outcome
from app.domain.values import FAMILY, Range, Series
from app.domain.verdict import Verdict

MONTHS_SHOWN = 12  # points of the curve of cumulated cost


def option_results(verdict: Verdict, curves: Curves) -> list[OptionResult]:
    """All ten: the feasible ones by rank, then the excluded ones."""
    ranked = [item.option for item in verdict.ranking]
    rest = [option for option in verdict.outcomes if option not in ranked]
    return [_result(verdict, verdict.outcomes[option], curves) for option in (*ranked, *rest)]


def _result(verdict: Verdict, item: Outcome, curves: Curves) -> OptionResult:
    info = verdict.case.knowledge.options[item.option]
    rank = next((place for place, other in enumerate(verdict.ranking, 1) if other is item), None)
    base = dict(
        option=item.option, label=info.label, family=FAMILY[item.option], rank=rank, feasible=rank is not None,
        exclusions=item.exclusions, probability_best=round(verdict.chances.get(item.option, 0.0), 4),
        main_risk=Message.model_construct(message=info.main_risk, values={}), addons=[], reasons=reasons_for(verdict, item),
        hostings=[_hosting(verdict, place) for place in verdict.hostings[item.option]],
    )  # fmt: skip
    return OptionResult.model_construct(**base, **_place(verdict, item), **_figures(verdict, item, curves))


def _place(verdict: Verdict, item: Outcome) -> dict[str, object]:
    hosting = verdict.case.knowledge.hostings[item.hosting]
    model = item.choice.model if item.choice else None
    return dict(
        hosting=item.hosting, hosting_label=hosting.label, lock_in=float(hosting.lock_in), data_protection=hosting.data_protection,
        model=model.id if model else None, model_label=model.label if model else None,
    )  # fmt: skip


def _figures(verdict: Verdict, item: Outcome, curves: Curves) -> dict[str, object]:
    """Numbers of an option that was calculated; None for all others."""
    if item.costs is None or item.success is None:
        return dict.fromkeys(("success_rate", "cost", "benefit", "net_value", "weeks_to_value", "cumulative_cost", "cost_by_volume")) | {"missing_prices": []}  # fmt: skip
    currency = verdict.situation.currency
    return dict(
        success_rate=shown(item.success, 4), cost=item.costs.prepare(currency), benefit=_benefit(verdict, item),
        net_value=money(item.net, currency), weeks_to_value=shown(item.costs.weeks, 3), missing_prices=list(item.costs.missing),
        cumulative_cost=_cumulative(item), cost_by_volume=curves.series.get(item.option),
    )  # fmt: skip


def _benefit(verdict: Verdict, item: Outcome) -> Benefit:
    assert item.costs is not None
    situation, currency = verdict.situation, verdict.situation.currency
    months = float(np.median(months_of_use(situation, item.costs.weeks)))
    rate = break_even_rate(situation, float(np.median(item.costs.total)), months)
    return Benefit.model_construct(
        monthly=money(item.benefit, currency), total=money(item.total_benefit, currency),
        break_even_success_rate=None if rate is None else round(rate, 4),
    )  # fmt: skip


def _cumulative(item: Outcome) -> Series:
    """Cost summed up to each month."""
    assert item.costs is not None
    months = sorted({round(month) for month in np.linspace(0, item.costs.months, MONTHS_SHOWN + 1)})
    totals = np.quantile(
        np.stack([item.costs.one_off + item.costs.monthly * month for month in months]), (0.1, 0.5, 0.9), axis=1
    )
    return series([float(month) for month in months], totals)


def series(x: list[float], bands: Array) -> Series:
    """A curve with its band, rounded to cents."""
    low, middle, high = ([round(float(y), 2) for y in band] for band in bands)
    return Series.model_construct(x=x, p10=low, p50=middle, p90=high)


def _hosting(verdict: Verdict, place: Outcome) -> HostingResult:
    total = money(place.costs.total, verdict.situation.currency) if place.costs else None
    model = place.choice.model if place.choice else None
    return HostingResult.model_construct(
        hosting=place.hosting,
        feasible=place.feasible,
        exclusions=place.exclusions,
        total=total,
        model=model.id if model else None,
    )


def reasons_for(verdict: Verdict, item: Outcome) -> list[Reason]:
    """The rules that speak for or against an option, the weightiest first."""
    knowledge, facts = verdict.case.knowledge, verdict.situation.facts
    weighing = [
        fired for fired in verdict.fired
        if fired.rule.weight and fired.rule.effect in ("favours", "discourages") and fired.rule.options and fired.touches(item.option, item.hosting)
    ]  # fmt: skip
    weighing.sort(key=lambda fired: -abs(mode(verdict, fired.rule.weight or "")))
    return [reason(fired, knowledge, facts, item.option) for fired in weighing if fired.answers != ("task_type",) or "start" not in fired.rule.id][:6]  # fmt: skip


def mode(verdict: Verdict, parameter: str) -> float:
    """The most likely value of a parameter on the day."""
    return verdict.case.knowledge.parameters[parameter].on(verdict.case.as_of).mode


def success_range(item: Outcome) -> Range | None:
    """Success rate of an option, None when it was not calculated."""
    return None if item.success is None else shown(item.success, 4)
