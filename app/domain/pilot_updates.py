"""What the results of a pilot changed, and how many more cases would settle the choice: verified by applying possible results."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from app.domain import quality
from app.domain.advice import verdict
from app.domain.core import Core, run
from app.domain.decision import Decision
from app.domain.draws import Draws
from app.domain.facts import number
from app.domain.messages import label, value
from app.domain.pilot import Beta, Evidence, PilotResult, PilotUpdate, prior_of
from app.domain.statistics import percentiles
from app.domain.values import FAMILY, Range

LOOK_DRAWS = 256  # enough to see which way leads
LARGE_PILOT = 100_000  # a pilot so large that only its result counts
HALVINGS = 7
SURE = 1.2816  # of the normal distribution: nine in ten lie below
MOST_WORTH = 5_000  # a choice that needs more test cases than this is as good as equal


@dataclass(frozen=True)
class Needed:
    """What would settle an option: the rate at which the advice changes, and how many more cases tell on which side it lies."""

    option: str
    kind: Literal["settled", "more", "equal", "never"]
    rate: float
    flips_at: float | None = None
    more: int | None = None


def updates(core: Core) -> list[PilotUpdate]:
    """The success rate before and after, of each possible option that was tested."""
    found = [
        (result, core.outcomes[result.option])
        for result in core.situation.evidence.results
        if result.option in core.outcomes
    ]
    assessed = quality.assess(core.situation) if found else None
    made = []
    for result, outcome in found:
        assert assessed is not None
        model = outcome.place.choice.model if outcome.place.choice else None
        before = quality.success(core.situation, assessed, result.option, model.tier if model else "medium")
        made.append(_update(core, result, before, _range(percentiles(outcome.success))))
    return made


def _update(core: Core, result: PilotResult, before: np.ndarray, after: Range) -> PilotUpdate:
    weight = prior_of(before, most_weight(core)).weight
    text = "{option}: right in {successes} of {cases} test cases of your own; the estimate before counts for {weight} cases."
    values = {
        "option": label(core.situation.knowledge.options[result.option].label), "successes": value("count", result.successes),
        "cases": value("count", result.cases), "weight": value("count", round(weight)),
    }  # fmt: skip
    return PilotUpdate(
        message=text, values=values, option=result.option, cases=result.cases, successes=result.successes,
        prior_weight=float(f"{weight:.3g}"), before=_range(percentiles(before)), after=after,
    )  # fmt: skip


def most_weight(core: Core) -> float:
    """The most cases that the estimate may count for."""
    situation = core.situation
    return number(situation.knowledge, situation.as_of, "pilot.most_weight", situation.answers.task_type)


def _range(three: tuple[float, float, float]) -> Range:
    low, middle, high = (float(f"{share:.6f}") for share in three)
    return Range(p10=low, p50=middle, p90=high)


def evidence_of(decision: Decision) -> Evidence:
    """The pilots a decision was made with: part of what it is recomputed from."""
    results = (
        PilotResult(option=item.option, cases=item.cases, successes=item.successes) for item in decision.pilot_results
    )
    return Evidence(results=tuple(results))


def needed(core: Core, option: str) -> Needed:
    """How many more test cases of an option would decide between the advice and another way, if they go on as they are expected to."""
    outcome = core.outcomes[option]
    rate = float(outcome.success.mean())
    flips_at = flipping_rate(core, option)
    if flips_at is None:
        return Needed(option, "never", rate)
    tested = core.situation.evidence.of(option)
    now = prior_of(outcome.success, most_weight(core) + (tested.cases if tested else 0))
    if abs(now.mean - flips_at) >= SURE * now.spread:
        return Needed(option, "settled", rate, flips_at)
    more = cases_until_sure(now, flips_at)
    return Needed(option, "equal" if more > MOST_WORTH else "more", rate, flips_at, more)


def cases_until_sure(now: Beta, flips_at: float) -> int:
    """Cases until nine in ten of the distribution lie on one side of the rate, with the mean where it is now."""
    distance = max(abs(now.mean - flips_at), 1e-4)
    weight = now.mean * (1 - now.mean) * (SURE / distance) ** 2 - 1
    return max(ceil(weight - now.weight), 1)


def flipping_rate(core: Core, option: str) -> float | None:
    """The success rate of the option from which another way leads, found by applying possible results; None when no rate changes it."""
    low, high = 0.01, 0.99
    at_low, at_high = _leader(core, option, low), _leader(core, option, high)
    if at_low == at_high:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _leader(core, option, middle) == at_low else (low, middle)
    return float(f"{(low + high) / 2:.3f}")


def _leader(core: Core, option: str, rate: float) -> str:
    """The family that would be advised if a very large pilot of the option came out at this rate."""
    old = core.situation
    others = tuple(result for result in old.evidence.results if result.option != option)
    result = PilotResult(option=option, cases=LARGE_PILOT, successes=round(rate * LARGE_PILOT))
    draws = Draws(LOOK_DRAWS, old.draws.seed)
    seen = run(old.answers, old.knowledge, old.book, old.as_of, draws, Evidence(results=(*others, result)))
    return FAMILY[verdict(seen).option]
