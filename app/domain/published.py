"""Options in their published form: ranges, costs line by line, hostings, curves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from app.domain import rules
from app.domain.benefit import break_even_rate, months_of_use
from app.domain.catalogue import ModelInfo
from app.domain.components.profile import RETRIEVING
from app.domain.components.settled import ready_lines
from app.domain.components.shown import money, money_range, publish, shown
from app.domain.core import Core, Outcome, Place
from app.domain.costs import option_costs
from app.domain.decision import Benefit, CostLine, HostingResult, OptionResult, Reason
from app.domain.draws import Draws
from app.domain.inputs import prepare
from app.domain.messages import Message
from app.domain.statistics import median, percentiles
from app.domain.values import FAMILY, MoneyRange, Series

VOLUMES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # multiples of the volume at which the curve is drawn
CURVE_DRAWS, LOCK_IN_TUNED, MOST_LOCKED = 64, 1, 5


def options(core: Core, curves: bool) -> list[OptionResult]:
    """All ten, the possible ones first in their order."""
    excluded = [name for name in core.situation.knowledge.options if name not in core.outcomes]
    volumes = by_volume(core) if curves else {}
    ready = ready_lines(core.situation)
    spent = (line for item in core.outcomes.values() for line in item.costs.lines if id(line) not in ready)
    lines = {**ready, **publish(spent, core.situation.currency)}
    possible = [
        _possible(core, name, rank + 1, volumes.get(name), curves, lines) for rank, name in enumerate(core.order)
    ]
    return possible + [_excluded(core, name) for name in excluded]


def _possible(  # noqa: PLR0913, PLR0917
    core: Core, name: str, rank: int, volume: Series | None, curves: bool, lines: dict[int, CostLine]
) -> OptionResult:
    item, knowledge, currency = core.outcomes[name], core.situation.knowledge, core.situation.currency
    cost = item.costs.prepare(currency, lines)
    place = knowledge.hostings[item.place.hosting]
    return OptionResult(
        **_common(core, name, cost.total), hosting=item.place.hosting, hosting_label=place.label, rank=rank, feasible=True, exclusions=[],
        probability_best=core.options[name], success_rate=shown(item.success), cost=cost,
        benefit=_benefit(core, item, float(cost.total.p50)), net_value=money(item.net, currency), weeks_to_value=shown(item.costs.weeks),
        lock_in=_lock_in(core, item), missing_prices=list(item.costs.missing), **_model(item), data_protection=place.data_protection,
        main_risk=Message(message=knowledge.options[name].main_risk), reasons=_reasons(core, name), addons=_addons(core, name),
        cumulative_cost=cumulative(core, item) if curves else None, cost_by_volume=volume,
    )  # fmt: skip


def _common(core: Core, name: str, total: MoneyRange | None = None) -> dict[str, Any]:
    chosen = core.outcomes[name].place if total else None
    return {
        "option": name, "label": core.situation.knowledge.options[name].label, "family": FAMILY[name],
        "hostings": [_hosting(core, place, total if place is chosen else None) for place in core.places[name]],
    }  # fmt: skip


def _hosting(core: Core, place: Place, exact: MoneyRange | None) -> HostingResult:
    """A hosting; its cost from few draws, that of the chosen one from all."""
    model = place.choice.model.id if place.choice and place.choice.model else None
    total = exact or (money_range(place.total, core.situation.currency) if place.total else None)
    return HostingResult(hosting=place.hosting, feasible=not place.exclusions, exclusions=list(place.exclusions), total=total, model=model)  # fmt: skip


def _excluded(core: Core, name: str) -> OptionResult:
    found = {item.rule: item for place in core.places[name] for item in place.exclusions}
    everywhere = [
        rule
        for rule in found
        if all(any(item.rule == rule for item in place.exclusions) for place in core.places[name])
    ]
    reasons = [found[rule] for rule in (everywhere or found)]
    return OptionResult(
        **_common(core, name), hosting=None, rank=None, feasible=False, exclusions=reasons, probability_best=0.0, success_rate=None,
        cost=None, benefit=None, net_value=None, weeks_to_value=None, lock_in=None, missing_prices=[],
        main_risk=Message(message=core.situation.knowledge.options[name].main_risk),
    )  # fmt: skip


def _benefit(core: Core, item: Outcome, total_cost: float) -> Benefit:
    currency = core.situation.currency
    months = median(months_of_use(core.situation, item.costs.weeks))
    rate = break_even_rate(core.situation, total_cost, months)
    return Benefit(
        monthly=money(item.monthly_benefit, currency), total=money(item.benefit, currency),
        break_even_success_rate=None if rate is None else float(f"{rate:.4f}"),
    )  # fmt: skip


def _lock_in(core: Core, item: Outcome) -> float:
    model = _chosen(item)
    bound = (
        item.option not in ("prompting", "long_context", "rag", "no_llm") and model is not None and model.kind == "api"
    )
    level = 1 if model is None else core.situation.knowledge.hostings[item.place.hosting].lock_in
    return float(min(level + (LOCK_IN_TUNED if bound else 0), MOST_LOCKED))


def _chosen(item: Outcome) -> ModelInfo | None:
    return item.place.choice.model if item.place.choice else None


def _model(item: Outcome) -> dict[str, str | None]:
    model = _chosen(item)
    return {"model": model.id if model else None, "model_label": model.label if model else None}


def _reasons(core: Core, name: str) -> list[Reason]:
    spoken = [
        item for item in core.fired if item.rule.effect in ("favours", "discourages") and name in item.rule.options
    ]
    return [rules.reason(item, core.situation.knowledge, core.situation.facts, name) for item in spoken]


def _addons(core: Core, name: str) -> list[str]:
    if name not in RETRIEVING:
        return []
    linked = any(item.rule.id == "multi_hop" for item in core.fired)
    special = core.situation.answers.terminology == "heavy"
    return [*(["graph"] if linked else []), *(["tuned_embeddings"] if special else [])]


def cumulative(core: Core, item: Outcome) -> Series:
    """Cost paid until the end of each month."""
    first, later = item.costs.one_off, item.costs.monthly
    months = range(core.situation.horizon_months + 1)
    return _series([float(month) for month in months], [percentiles(first + later * month) for month in months])


def _series(x: list[float], y: list[tuple[float, float, float]]) -> Series:
    low, middle, high = ([float(f"{value:.6g}") for value in column] for column in zip(*y, strict=True))
    return Series(x=x, p10=low, p50=middle, p90=high)


def by_volume(core: Core) -> dict[str, Series]:
    """Total cost over the horizon at other volumes, everything else equal. Worked out once for each core."""
    kept = core.situation.shared
    if "by volume" not in kept:
        kept["by volume"] = _by_volume(core)
    return kept["by volume"]  # type: ignore[no-any-return]


def _by_volume(core: Core) -> dict[str, Series]:
    base = median(core.situation.inputs["requests_per_month"])
    volumes = [float(f"{max(base, 1.0) * factor:.2g}") for factor in VOLUMES]
    costs = [_at_volume(core, volume) for volume in volumes]
    return {name: _series(volumes, [found[name] for found in costs]) for name in core.outcomes}


def _at_volume(core: Core, volume: float) -> dict[str, tuple[float, float, float]]:
    old = core.situation
    answers = old.answers.model_copy(update={"requests_per_month": volume})
    quick = prepare(answers, old.knowledge, old.book, old.as_of, Draws(CURVE_DRAWS, old.draws.seed))
    return {
        name: percentiles(option_costs(quick, name, item.place.hosting, _chosen(item)).total)
        for name, item in core.outcomes.items()
    }


@lru_cache(maxsize=1)
def nothing(currency: str) -> MoneyRange:
    """An amount of zero."""
    return money(0.0, currency)
