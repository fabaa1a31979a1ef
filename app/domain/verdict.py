"""The core of a decision: which options remain, in which order, how likely each is the best, and what kind of answer that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.draws import Draws
from app.domain.facts import facts_for, number
from app.domain.inputs import prepare
from app.domain.knowledge import Knowledge, Rule
from app.domain.quality import Quality, assess
from app.domain.rules import Fired, fire, in_force
from app.domain.simulate import Outcome, simulate
from app.domain.situation import Situation
from app.domain.values import FAMILY, OptionId, Status

SCREENING = 256  # draws that choose the hosting of an option
OPTIONS: tuple[OptionId, ...] = (
    "no_llm", "prompting", "long_context", "rag", "tuned_encoder", "managed_tuning", "lora_open_weights", "distillation",
    "rag_tuning", "continued_pretraining",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What is to be decided: answers, knowledge and prices of a day, seed and number of draws."""

    answers: Answers
    knowledge: Knowledge
    book: PriceBook
    as_of: date
    seed: int = 0
    draws: int = 4096

    def situation(self, count: int | None = None, fixed: dict[str, float] | None = None) -> Situation:
        """Facts and sampled inputs with so many draws; `fixed` pins inputs to a quantile."""
        draws = Draws(count or self.draws, self.seed, fixed)
        return prepare(self.answers, self.knowledge, self.book, self.as_of, draws)


@dataclass(frozen=True)
class Verdict:
    """`hostings`: each option everywhere it could run (few draws). `outcomes`: each option where it runs best (all draws)."""

    case: Case
    situation: Situation
    quality: Quality
    fired: list[Fired]
    hostings: dict[str, list[Outcome]]
    outcomes: dict[str, Outcome]
    ranking: list[Outcome]
    chances: dict[str, float]
    status: Status

    @property
    def best(self) -> Outcome:
        """What is advised; when nothing is feasible, what comes nearest."""
        return self.ranking[0] if self.ranking else nearest(self.outcomes.values())

    @property
    def second(self) -> Outcome | None:
        """The runner-up."""
        return self.ranking[1] if len(self.ranking) > 1 else None

    def family_chance(self) -> float:
        """Chance that the best option belongs to the family of the advice."""
        family = FAMILY[self.best.option]
        return sum(chance for option, chance in self.chances.items() if FAMILY[option] == family)


@lru_cache(maxsize=8)
def _rules(_: str, as_of: date, holder: _Holder) -> list[Rule]:
    return in_force(holder.knowledge, as_of)


class _Holder:
    """Lets the cache know a knowledge base by its hash."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return hash(self.knowledge.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.knowledge is self.knowledge


def fired_rules(case: Case) -> list[Fired]:
    """The rules that hold for these answers on that day."""
    facts = facts_for(case.answers, case.knowledge, case.as_of)
    return fire(_rules(case.knowledge.hash, case.as_of, _Holder(case.knowledge)), facts)


def judge(case: Case, fixed: dict[str, float] | None = None) -> Verdict:
    """Decides: first the best hosting of each option with few draws, then the best option with all."""
    fired = fired_rules(case)
    hostings = screen(case, fired, fixed)
    situation = case.situation(fixed=fixed)
    quality = assess(situation)
    chosen = [_best_hosting(places) for places in hostings.values()]
    results = simulate(situation, fired, quality, [(item.option, item.hosting) for item in chosen])
    outcomes = {item.option: item for item in results}
    ranking = sorted((item for item in results if item.feasible), key=lambda item: -item.expected)
    chances = _chances(ranking)
    status = _status(situation, fired, ranking)
    return Verdict(case, situation, quality, fired, hostings, outcomes, ranking, chances, status)


def screen(case: Case, fired: list[Fired], fixed: dict[str, float] | None = None) -> dict[str, list[Outcome]]:
    """Each option at each hosting it can run at, with few draws."""
    situation = case.situation(min(SCREENING, case.draws), fixed)
    quality = assess(situation)
    pairs = [(option, hosting) for option in OPTIONS for hosting in case.knowledge.options[option].hostings]
    found: dict[str, list[Outcome]] = {option: [] for option in OPTIONS}
    for outcome in simulate(situation, fired, quality, pairs):
        found[outcome.option].append(outcome)
    return found


def _best_hosting(places: list[Outcome]) -> Outcome:
    feasible = [item for item in places if item.feasible]
    return max(feasible, key=lambda item: item.expected) if feasible else nearest(places)


def nearest(outcomes: Iterable[Outcome]) -> Outcome:
    """Of what is excluded: what only money or time rule out, the cheapest first; else what fewest rules exclude."""

    def key(item: Outcome) -> tuple[bool, int, float]:
        cost = float(np.median(item.costs.total)) if item.costs else 0.0
        return item.costs is None, len(item.exclusions), cost

    return min(outcomes, key=key)


def _chances(ranking: list[Outcome]) -> dict[str, float]:
    """Share of the draws in which each option has the highest score."""
    if not ranking:
        return {}
    leaders = np.argmax(np.stack([item.score for item in ranking]), axis=0)
    counts = np.bincount(leaders, minlength=len(ranking))
    return {item.option: float(count) / leaders.size for item, count in zip(ranking, counts, strict=True)}


def _status(situation: Situation, fired: list[Fired], ranking: list[Outcome]) -> Status:
    if not ranking or any(item.rule.effect == "not_ready" for item in fired):
        return "not_ready"
    target = situation.answers.target_success_rate
    if target is not None and all(_surely_reached(item) < target for item in ranking):
        return "target_unreachable"
    return "close_call" if _is_close(situation, ranking) else "recommended"


def _surely_reached(outcome: Outcome) -> float:
    """The success rate that nine of ten draws reach."""
    assert outcome.success is not None
    return float(np.quantile(outcome.success, 0.1))


def _is_close(situation: Situation, ranking: list[Outcome]) -> bool:
    """Whether the first beats the second hardly more often than not."""
    if len(ranking) < 2:
        return False
    limit = number(situation.knowledge, situation.as_of, "limit.close_call", situation.answers.task_type)
    return float(np.mean(ranking[0].score > ranking[1].score)) <= limit
