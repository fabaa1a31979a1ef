"""The sampled numbers of a run: the user's answer where there is one, else the range of a parameter `prior.<name>`.

Amounts of money in parameters are in EUR; they are converted once to the currency of the report.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.draws import Array, Draws
from app.domain.facts import facts_for, specific
from app.domain.knowledge import Knowledge
from app.domain.situation import Situation

WIDE = 3  # a range that spans more than this factor is sampled on the logarithm

# input -> the parameter that stands in for a missing answer; {names} are facts ("unknown" when they are open)
PRIORS = {
    "requests_per_month": "prior.requests_per_month",
    "input_tokens": "prior.input_tokens",
    "output_tokens": "prior.output_tokens",
    "shared_prefix_tokens": "prior.shared_prefix_tokens",
    "batchable_share": "prior.batchable_share.{latency}",
    "peak_factor": "prior.peak_factor",
    "corpus_tokens": "prior.corpus_tokens.{knowledge_amount}",
    "corpus_change_per_month": "prior.corpus_change.{knowledge_change}",
    "multi_document_share": "prior.multi_document_share",
    "examples": "prior.examples",
    "minutes_saved_per_request": "prior.minutes_saved_per_request",
    "hourly_cost": "prior.hourly_cost",
    "cost_per_error": "prior.cost_per_error.{error_risk}",
    "team_fte": "prior.team_fte",
    "tokens_per_example": "prior.tokens_per_example",
}
MONEY = ("hourly_cost", "cost_per_error")
LEAST = {"input_tokens": 1.0, "output_tokens": 1.0}  # a request without a token is none


def prepare(  # noqa: PLR0913, PLR0917
    answers: Answers,
    knowledge: Knowledge,
    book: PriceBook,
    as_of: date,
    draws: Draws,
    facts: dict[str, Any] | None = None,
) -> Situation:
    """Facts and sampled inputs for these answers."""
    facts = facts or facts_for(answers, knowledge, as_of)
    situation = Situation(
        answers, knowledge, book, as_of, draws, facts, {}, answers.currency or "EUR", answers.horizon_months or 36
    )
    for name in PRIORS:
        situation.inputs[name] = sample(situation, name)
    for name, derive in DERIVED.items():
        situation.inputs[name] = derive(situation)
    return situation


def sample(situation: Situation, name: str) -> Array:
    """One input: the stated fact as a point, else its prior."""
    given = situation.facts.get(name)
    if given is not None:
        return situation.draws.constant(max(float(given), LEAST.get(name, 0.0)))
    chosen = parameter_range(situation, prior_id(situation, name))
    factor = float(situation.book.fx.get(situation.currency, 1)) if name in MONEY else 1.0
    spread = spreading(situation.draws, *chosen)
    return spread(f"prior.{name}", *chosen) * factor if factor != 1.0 else spread(f"prior.{name}", *chosen)


def spreading(draws: Draws, low: float, mode: float, high: float) -> Callable[..., Array]:
    """The distribution for a range: on the logarithm when it is wide."""
    return draws.log_triangle if low > 0 and high > WIDE * low and low < mode < high else draws.triangle


def prior_id(situation: Situation, name: str) -> str:
    """The parameter that stands in for an answer, the most specific one for this task."""
    filled = PRIORS[name]
    if "{" in filled:
        key = filled[filled.index("{") + 1 : -1]
        filled = filled.replace(f"{{{key}}}", str(situation.facts.get(key) or "unknown"))
    return specific(situation.knowledge, filled, situation.answers.task_type)


def parameter_range(situation: Situation, name: str) -> tuple[float, float, float]:
    """Low, mode and high of a parameter on the day. Raises KeyError."""
    chosen = situation.knowledge.parameters[name].on(situation.as_of)
    return chosen.low, chosen.mode, chosen.high


def effective_examples(situation: Situation) -> Array:
    """Examples that count, from the stated or assumed number (see `facts.effective_examples`)."""
    known = situation.facts["effective_examples"]
    if known is not None:
        return situation.draws.constant(known)
    return situation.inputs["examples"] * situation.parameter("prior.usable_share")


def minutes_saved(situation: Situation) -> Array:
    """Minutes saved per request. Without an answer they shrink with the volume: what runs millions of times is small work."""
    minutes = situation.inputs["minutes_saved_per_request"]
    if situation.answers.minutes_saved_per_request is not None:
        return minutes
    usual = parameter_range(situation, "prior.requests_per_month")[1]
    volume = np.maximum(situation.inputs["requests_per_month"] / usual, 1.0)
    return minutes * volume ** -situation.parameter("prior.minutes_shrink")


def shared_prefix(situation: Situation) -> Array:
    """Tokens that repeat in every request: never more than the input."""
    return np.minimum(situation.inputs["shared_prefix_tokens"], situation.inputs["input_tokens"])


DERIVED: dict[str, Callable[[Situation], Array]] = {
    "n_eff": effective_examples,
    "minutes_saved_per_request": minutes_saved,
    "shared_prefix_tokens": shared_prefix,
}
