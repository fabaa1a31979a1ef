"""Cost by volume: the same options at many volumes at once, and where their curves cross."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.domain.costs import option_costs
from app.domain.decision import BreakEven
from app.domain.draws import Array, Draws
from app.domain.inputs import prepare
from app.domain.messages import label, value
from app.domain.simulate import Outcome
from app.domain.values import Series
from app.domain.verdict import Verdict

VOLUMES = 25
EACH = 96  # draws at each volume
SPAN = 100.0  # the curve goes from a hundredth to a hundred times today's volume


class RepeatedDraws(Draws):
    """The same draws again for each of several scenarios that stand one after another."""

    def __init__(self, each: int, times: int, seed: int) -> None:
        super().__init__(each * times, seed)
        self.base, self.times = Draws(each, seed), times

    def triangle(self, name: str, low: float, mode: float, high: float) -> Array:
        """As for one scenario, repeated."""
        drawn = self.base.triangle(name, low, mode, high)
        return self.constant(mode) if drawn.strides == (0,) else np.tile(drawn, self.times)

    def log_triangle(self, name: str, low: float, mode: float, high: float) -> Array:
        """As for one scenario, repeated."""
        return np.tile(self.base.log_triangle(name, low, mode, high), self.times)

    def uniform(self, name: str) -> Array:
        """As for one scenario, repeated."""
        return np.tile(self.base.uniform(name), self.times)


@dataclass(frozen=True)
class Curves:
    """`series`: cost over the horizon by requests a month, per option. `totals`: the draws behind them, volumes x draws."""

    volumes: Array
    series: dict[str, Series] = field(default_factory=dict)
    totals: dict[str, Array] = field(default_factory=dict)


def cost_curves(verdict: Verdict, calculated: list[Outcome]) -> Curves:
    """Total cost of each calculated option from a hundredth to a hundred times the volume."""
    today = float(np.median(verdict.situation.inputs["requests_per_month"])) or 1.0
    volumes = np.geomspace(max(today / SPAN, 1.0), max(today * SPAN, SPAN), VOLUMES)
    case = verdict.case
    draws = RepeatedDraws(EACH, VOLUMES, case.seed)
    situation = prepare(case.answers, case.knowledge, case.book, case.as_of, draws)
    situation.inputs["requests_per_month"] = np.repeat(volumes, EACH)
    curves = Curves(volumes)
    for item in calculated:
        model = item.choice.model if item.choice else None
        totals = option_costs(situation, item.option, item.hosting, model).total.reshape(VOLUMES, EACH)
        totals = np.maximum.accumulate(totals, axis=0)  # more volume never lowers the cost
        low, middle, high = np.quantile(totals, (0.1, 0.5, 0.9), axis=1).round(2).tolist()
        curves.totals[item.option] = totals
        curves.series[item.option] = Series.model_construct(
            x=[float(f"{x:.3g}") for x in volumes], p10=low, p50=middle, p90=high
        )
    return curves


def break_evens(verdict: Verdict, curves: Curves) -> list[BreakEven]:
    """From which volume on the advice costs less, or no longer less, than each of the next three options."""
    best = verdict.best.option
    if best not in curves.totals:
        return []
    return [
        _break_even(verdict, curves, best, item.option) for item in verdict.ranking[1:4] if item.option in curves.totals
    ]


def _break_even(verdict: Verdict, curves: Curves, best: str, other: str) -> BreakEven:
    margin = np.median(curves.totals[other] - curves.totals[best], axis=1)  # above zero: the advice costs less
    names = {
        key: label(verdict.case.knowledge.options[name].label) for key, name in (("option", best), ("against", other))
    }
    flips = np.flatnonzero(np.sign(margin[1:]) != np.sign(margin[:-1]))
    if not flips.size:
        text = "{option} costs less than {against} at every volume." if margin[0] > 0 else "{option} costs more than {against} at every volume."  # fmt: skip
        return BreakEven(
            option=best, against=other, key="requests_per_month", value="never", message=text, values=names
        )
    place = int(flips[0])
    volume = _crossing(curves.volumes[place : place + 2], margin[place : place + 2])
    text = "{option} costs less than {against} from about {volume} requests a month on." if margin[place] <= 0 else "{option} costs less than {against} up to about {volume} requests a month."  # fmt: skip
    values = {**names, "volume": value("count", volume)}
    return BreakEven(option=best, against=other, key="requests_per_month", value=volume, message=text, values=values)


def _crossing(volumes: Array, margin: Array) -> float:
    """Where a straight line between two points is zero, to two significant digits."""
    root = volumes[0] - margin[0] * (volumes[1] - volumes[0]) / (margin[1] - margin[0])
    return float(f"{root:.2g}")
