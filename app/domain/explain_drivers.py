"""Which uncertain inputs move the margin between the advice and the runner-up most: each pinned at its 10th and 90th percentile."""

from __future__ import annotations

import numpy as np

from app.domain.benefit import monthly_benefit, months_of_use
from app.domain.costs import option_costs
from app.domain.decision import Driver
from app.domain.draws import Array
from app.domain.explain import as_decimal
from app.domain.inputs import PRIORS, parameter_range, prior_id, spreading
from app.domain.quality import assess, success
from app.domain.simulate import Outcome
from app.domain.verdict import Verdict

SHOWN = 8
TRIED = 10  # inputs that are pinned, after a look at all of them
EACH = 128  # draws of a pinned run
MEASURED = "success"  # the draws of a measured success rate


def drivers(verdict: Verdict) -> list[Driver]:
    """The strongest first; the margin is that of the net value over the horizon."""
    best, second = verdict.best, verdict.second
    if best.costs is None:
        return []
    pair = [best] if second is None else [best, second]
    found = [_driver(verdict, name, pair) for name in _candidates(verdict, pair)]
    known = [driver for driver in found if driver.low != driver.high]
    return sorted(known, key=lambda driver: -abs(float(driver.effect_on_margin)))[:SHOWN]


def _candidates(verdict: Verdict, pair: list[Outcome]) -> list[str]:
    """The inputs that go along with the margin most, by the correlation over all draws."""
    margin = pair[0].net - pair[1].net if len(pair) > 1 else pair[0].net
    draws = verdict.situation.draws
    names = sorted(name for name in draws.names if _range(verdict, name) is not None)
    if not names:
        return []
    centred = np.stack([draws.uniform(name) for name in names]) - 0.5
    strength = np.abs(centred @ (margin - margin.mean()))
    order = np.argsort(-strength, kind="stable")[:TRIED]
    return [names[place] for place in order]


def _range(verdict: Verdict, name: str) -> tuple[float, float, float] | None:
    """Low, mode, high of what was drawn under this name; None for weights and doubts, which are no figures of the case."""
    situation = verdict.situation
    parameter = prior_id(situation, name[6:]) if name[6:] in PRIORS and name.startswith("prior.") else name
    if parameter not in situation.knowledge.parameters or parameter.startswith(("fit.", "score.")):
        return None
    return parameter_range(situation, parameter)


def _driver(verdict: Verdict, name: str, pair: list[Outcome]) -> Driver:
    situation = verdict.situation
    answer = name[6:] if name.startswith("prior.") and name[6:] in PRIORS else None
    parameter = situation.knowledge.parameters[prior_id(situation, answer) if answer else name]
    low, high = (margin_at(verdict, name, quantile, pair) for quantile in (0.1, 0.9))
    ends = _ends(verdict, name)
    return Driver.model_construct(
        key=answer or name, label=parameter.label, low=ends[0], high=ends[1], unit=parameter.unit, effect_on_margin=as_decimal(high - low),
        margin_low=as_decimal(low), margin_high=as_decimal(high), currency=situation.currency,
    )  # fmt: skip


def _ends(verdict: Verdict, name: str) -> tuple[float, float]:
    """The 10th and 90th percentile of the input itself."""
    chosen = _range(verdict, name)
    assert chosen is not None
    drawn = spreading(verdict.situation.draws, *chosen)(name, *chosen)
    low, high = np.quantile(drawn, (0.1, 0.9)).tolist()
    return float(f"{low:.4g}"), float(f"{high:.4g}")


def margin_at(verdict: Verdict, name: str, quantile: float, pair: list[Outcome]) -> float:
    """Mean margin of the net value with one input pinned."""
    situation = verdict.case.situation(min(EACH, verdict.case.draws), {name: quantile})
    quality = assess(situation)
    nets: list[Array] = []
    for item in pair:
        model = item.choice.model if item.choice else None
        costs = option_costs(situation, item.option, item.hosting, model)
        rate = success(situation, quality, item.option, model.tier if model else "large")
        nets.append(monthly_benefit(situation, rate) * months_of_use(situation, costs.weeks) - costs.total)
    return float(np.mean(nets[0] - nets[1] if len(nets) > 1 else nets[0]))
