"""How often an option succeeds: today's errors, split by cause; each step of an option removes a share of each cause.

    E(option) = E0 · sum over causes s_c · product over steps (1 - r_step,c), never below the floor of the task; P = 1 - E

Tuning depends on the data: r = r_max · g(n), g = ln(n/n_min) / ln(n_sat/n_min) between -0.2 (too little data harms) and 1.
Every number is a parameter of the knowledge base with its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from app.domain.draws import Array
from app.domain.facts import number, specific
from app.domain.inputs import parameter_range
from app.domain.pilot import updated
from app.domain.situation import Situation

CAUSES = ("knowledge", "format", "behaviour", "reasoning")
# Steps of prompting that a measured success rate already contains.
DONE = {"by_hand": (), "with_examples": ("many_shot",), "optimised": ("many_shot", "prompt_optimiser")}
LARGEST_ERROR = 0.99


@dataclass(frozen=True)
class Quality:
    """Today's error rate, its causes (shares that sum to 1), the growth with examples, the floor: one number per draw."""

    error: Array
    shares: dict[str, Array]
    growth: Array
    floor: Array


def assess(situation: Situation) -> Quality:
    """The quality model for these answers, before any option."""
    shares = cause_shares(situation)
    return Quality(present_error(situation, shares), shares, growth(situation), task_parameter(situation, "floor"))


def task_parameter(situation: Situation, name: str) -> Array:
    """Samples of the most specific parameter for the task."""
    return situation.parameter(specific(situation.knowledge, name, situation.answers.task_type))


def wilson(rate: float, cases: float, z: float = 1.96) -> tuple[float, float]:
    """Interval of a success rate measured on so many cases (Wilson 1927); 95 % by default."""
    if cases <= 0:
        return 0.0, 1.0
    centre, spread = rate + z * z / (2 * cases), z * np.sqrt(rate * (1 - rate) / cases + (z / (2 * cases)) ** 2)
    return float((centre - spread) / (1 + z * z / cases)), float((centre + spread) / (1 + z * z / cases))


def present_error(situation: Situation, shares: dict[str, Array]) -> Array:
    """Error rate of good prompting without documents: measured, else by what was said about it, else usual for the task."""
    rate = situation.answers.prompting_success_rate
    state = situation.facts["prompting_state"]
    if rate is not None:
        return _measured_error(situation, rate)
    if state in ("good", "partial", "insufficient"):
        return 1 - situation.parameter(f"success.{state}")
    usual = 1 - task_parameter(situation, "success")
    others = np.maximum(
        1 - shares["knowledge"], 1 - LARGEST_ERROR
    )  # all failures may be said to come from missing knowledge
    return np.minimum(usual / others, LARGEST_ERROR)


def _measured_error(situation: Situation, rate: float) -> Array:
    """The user's measurement, joined with the usual rate as if that were ten more cases; the spread is Wilson's interval."""
    knowledge, day, task = situation.knowledge, situation.as_of, situation.answers.task_type
    cases = situation.answers.prompting_test_cases
    cases = int(number(knowledge, day, "prior.test_cases", task)) if cases is None else cases
    weight = number(knowledge, day, "prior.test_weight", task)
    joined = (rate * cases + number(knowledge, day, "success", task) * weight) / (cases + weight)
    low, high = wilson(joined, cases + weight)
    return 1 - situation.draws.triangle("success", low, min(max(joined, low), high), high)


def cause_shares(situation: Situation) -> dict[str, Array]:
    """Shares of the causes: stated, else usual for the amount of knowledge needed and the kind of task."""
    stated = situation.answers.failure_causes
    if stated is not None:
        return {cause: situation.draws.constant(stated.get(cause, 0.0)) for cause in CAUSES}  # type: ignore[call-overload]
    amount = situation.facts["knowledge_amount"] or "unknown"
    knowledge = task_parameter(situation, f"share.knowledge.{amount}")
    rest = {cause: task_parameter(situation, f"share.{cause}") for cause in CAUSES[1:]}
    rest["behaviour"] = rest["behaviour"] * situation.parameter(
        f"tone.{situation.answers.tone_consistency or 'unknown'}"
    )
    total = (rest["format"] + rest["behaviour"] + rest["reasoning"]) / (1 - knowledge)
    return {"knowledge": knowledge, **{cause: raw / total for cause, raw in rest.items()}}


def growth(situation: Situation) -> Array:
    """How much of its possible effect tuning reaches with the usable examples, on tasks as narrow as this one."""
    low, high = task_parameter(situation, "examples.minimum"), task_parameter(situation, "examples.saturation")
    floor = number(situation.knowledge, situation.as_of, "growth.floor", situation.answers.task_type)
    grown = np.log(np.maximum(situation.inputs["n_eff"], 1.0) / low) / np.log(high / low)
    narrow = situation.parameter(f"narrow.{situation.answers.repetitiveness or 'unknown'}")
    return np.minimum(np.maximum(grown, floor), 1.0) * narrow


def success(situation: Situation, quality: Quality, option: str, tier: str) -> Array:
    """Success rate of an option with a base model of a tier."""
    if option == "no_llm":
        return task_parameter(situation, f"success.rules.{situation.answers.rules_feasible or 'unknown'}")
    info = situation.knowledge.options[option]
    error = quality.error * _remaining(situation, quality, info.steps)
    if not info.tuned:  # a tuned small model keeps up with a large one on its task (S1, S14)
        error = error * situation.parameter(f"model.errors.{tier}")
    reached = 1 - np.minimum(np.maximum(error, quality.floor), LARGEST_ERROR)
    return np.minimum(reached, _teacher(situation, quality)) if option == "distillation" else reached


def measured(situation: Situation, option: str, estimated: Array) -> Array:
    """The success rate with the result of the user's own pilot taken in; as estimated where there is none."""
    result = situation.evidence.of(option)
    if result is None:
        return estimated
    most = number(situation.knowledge, situation.as_of, "pilot.most_weight", situation.answers.task_type)
    found = updated(estimated, result, most)
    moved = float(log_odds(found.mean()) - log_odds(estimated.mean()))
    situation.once(("pilot", option), lambda: situation.parameter("pilot.fit") * moved)
    return found


def pilot_fit(situation: Situation, option: str) -> Array | float:
    """What the pilot says for or against an option, in log-odds: how far its result lies from what was expected."""
    return situation.once(("pilot", option), lambda: 0.0)


def log_odds(rate: float) -> float:
    """The logarithm of rate to failure."""
    return float(np.log(rate) - np.log1p(-rate))


def _teacher(situation: Situation, quality: Quality) -> Array:
    """A student is never better than the prompted teacher less the loss of distilling (S41)."""
    return success(situation, quality, "prompting", "large") - situation.parameter("distillation.loss")


def _remaining(situation: Situation, quality: Quality, steps: list[str]) -> Array:
    """Share of today's errors that is left after all steps."""
    done = DONE.get(situation.answers.prompting_method or "by_hand", ())
    total = situation.draws.constant(0.0)
    for cause in CAUSES:
        left = quality.shares[cause]
        for step in steps:
            if step not in done:
                left = left * situation.once(("left", step, cause), partial(_left, situation, quality, step, cause))
        total = total + left
    return total


def _left(situation: Situation, quality: Quality, step: str, cause: str) -> Array | float:
    """Share of the errors of a cause that a step leaves."""
    return 1 - _effect(situation, quality, step, cause)


def _effect(situation: Situation, quality: Quality, step: str, cause: str) -> Array | float:
    """Share of the errors of a cause that a step removes; 0 where the knowledge base names none."""
    name = specific(situation.knowledge, f"effect.{step}.{cause}", situation.answers.task_type)
    if name not in situation.knowledge.parameters:
        return 0.0
    effect = situation.parameter(name)
    if step == "teaching":  # a teacher writes as many examples as are needed
        return effect * situation.parameter(f"narrow.{situation.answers.repetitiveness or 'unknown'}")
    return effect * quality.growth if step.startswith("tuning") else effect


def test_cases_for(situation: Situation, rate: float) -> int:
    """Smallest usual number of test cases whose Wilson interval is at most twice the wished half-width."""
    wished = parameter_range(situation, "test.half_width")[1]
    steps = (20, 50, 100, 200, 400, 800, 1600)
    return next((n for n in steps if np.subtract(*wilson(rate, n)[::-1]) / 2 <= wished), steps[-1])
