"""All options at all hostings, with the same chances for each: success, cost, benefit, and the score that ranks them.

score = weights of the rules that fired (log-odds) + `score.economy` x net value as a share of what is at stake + what nobody knows

Each part is drawn from its range, so the share of draws in which an option leads is the chance that it is the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.base_model import Choice, choose, tuning_offers
from app.domain.benefit import monthly_benefit, months_of_use, worth_of_work
from app.domain.costs import OptionCosts, option_costs
from app.domain.decision import Exclusion
from app.domain.draws import Array
from app.domain.messages import value
from app.domain.quality import Quality, success
from app.domain.rules import Fired, exclusions
from app.domain.situation import Situation
from app.domain.values import FAMILY, SourceRef

# What an option of a family adds to prompting; doubts about it are shared by all options that add it.
ADDS = {
    "prompting": (), "rag": ("retrieval",), "fine_tuning": ("tuning",), "rag_fine_tuning": ("retrieval", "tuning"),
    "no_llm": ("no_model",), "continued_pretraining": ("pretraining",),
}  # fmt: skip
WEIGHS = ("favours", "discourages")


@dataclass(frozen=True)
class Outcome:
    """An option at a hosting. What was excluded by a rule is not calculated."""

    situation: Situation
    option: str
    hosting: str
    exclusions: list[Exclusion]
    choice: Choice | None = None
    costs: OptionCosts | None = None
    success: Array | None = None
    weight: Array | float = 0.0

    @property
    def feasible(self) -> bool:
        """Whether nothing excludes it."""
        return not self.exclusions and self.costs is not None

    @cached_property
    def benefit(self) -> Array:
        """Money a month once it works. Only for what was calculated."""
        assert self.success is not None
        return monthly_benefit(self.situation, self.success)

    @cached_property
    def total_benefit(self) -> Array:
        """Money over the horizon; it begins with the first use."""
        assert self.costs is not None
        return self.benefit * months_of_use(self.situation, self.costs.weeks)

    @cached_property
    def net(self) -> Array:
        """Benefit less cost over the horizon."""
        assert self.costs is not None
        return self.total_benefit - self.costs.total

    @cached_property
    def score(self) -> Array:
        """What ranks the options, in log-odds."""
        assert self.success is not None
        share = np.clip(self.net / stake(self.situation), -1.0, 1.0)
        known = self.weight + self.situation.parameter("score.economy") * share
        target = self.situation.answers.target_success_rate
        if target is not None:
            known = known - self.situation.parameter("score.target") * (self.success < target)
        return known + doubt(self.situation, self.option)

    @cached_property
    def expected(self) -> float:
        """Mean of the score."""
        return float(np.mean(self.score))


def stake(situation: Situation) -> Array:
    """Money at stake over the horizon: the worth of all the work, at least the usual cost of a small project."""
    if "stake" not in situation.shared:
        least = situation.parameter("score.least_stake") * float(situation.book.fx.get(situation.currency, 1))
        situation.shared["stake"] = np.maximum(worth_of_work(situation) * situation.horizon_months, least)
    return situation.shared["stake"]  # type: ignore[no-any-return]


def doubt(situation: Situation, option: str) -> Array | float:
    """What neither rules nor figures know about an option, around zero."""
    spread = situation.knowledge.parameters["score.doubt"].on(situation.as_of)
    return sum(
        (
            situation.draws.triangle(f"doubt.{part}", spread.low, spread.mode, spread.high)
            for part in ADDS[FAMILY[option]]
        ),
        start=0.0,
    )


def weight(situation: Situation, fired: list[Fired], option: str, hosting: str) -> Array | float:
    """Sum of the weights of the fired rules that speak of an option at a hosting."""
    total: Array | float = 0.0
    for item in fired:
        if item.rule.weight and item.rule.effect in WEIGHS and item.touches(option, hosting):
            total = total + situation.parameter(item.rule.weight)
    return total


def simulate(situation: Situation, fired: list[Fired], quality: Quality, pairs: list[tuple[str, str]]) -> list[Outcome]:
    """The outcome of each pair of option and hosting."""
    return [_outcome(situation, fired, quality, option, hosting) for option, hosting in pairs]


def _outcome(situation: Situation, fired: list[Fired], quality: Quality, option: str, hosting: str) -> Outcome:
    found = exclusions(fired, option, hosting, situation.knowledge, situation.facts)
    choice = choose(situation, option, hosting)
    if choice is None:
        found.append(unavailable(situation, option, hosting))
    if found or choice is None:
        return Outcome(situation, option, hosting, found, choice)
    costs = option_costs(situation, option, hosting, choice.model)
    rate = _success(situation, quality, option, choice.model.tier if choice.model else "large")
    found = beyond_means(situation, costs)
    return Outcome(situation, option, hosting, found, choice, costs, rate, weight(situation, fired, option, hosting))


def _success(situation: Situation, quality: Quality, option: str, tier: str) -> Array:
    key = ("success", option, tier)
    if key not in situation.shared:
        situation.shared[key] = success(situation, quality, option, tier)
    return situation.shared[key]  # type: ignore[no-any-return]


def unavailable(situation: Situation, option: str, hosting: str) -> Exclusion:
    """No base model can be used for this on that day; for tuning as a service with the record of who closed."""
    sources: list[SourceRef] = []
    message = "No base model for this is offered there today."
    if option in ("managed_tuning", "rag_tuning"):
        message = "No platform offers tuning as a service there to newcomers today."
        records = [capability for _, capability in tuning_offers(situation, hosting)]
        sources = [source for record in records for source in record.sources][:3]
    return Exclusion(rule="availability", message=message, answers=[], sources=sources)


def beyond_means(situation: Situation, costs: OptionCosts) -> list[Exclusion]:
    """Budget and deadline: out when more draws exceed them than keep them (the deadline: when all do)."""
    answers, currency = situation.answers, situation.currency
    found = []
    for key, limit, amount, text in (
        ("budget_once", answers.budget_once, costs.one_off, "It costs about {amount} once, the budget is {limit}."),
        (
            "budget_monthly",
            answers.budget_monthly,
            costs.monthly,
            "It costs about {amount} a month, the budget is {limit}.",
        ),
    ):
        if limit is not None and (middle := float(np.median(amount))) > limit:
            values = {
                "amount": value("money", round(middle, 2), unit=currency),
                "limit": value("money", limit, unit=currency),
            }
            found.append(Exclusion(rule="budget", message=text, values=values, answers=[key], sources=[]))
    weeks = answers.deadline_weeks
    if weeks is not None and (early := int(np.min(costs.weeks))) > weeks:
        values = {"weeks": value("count", early), "limit": value("number", weeks)}
        text = "It takes at least {weeks} weeks, the deadline is in {limit}."
        found.append(Exclusion(rule="deadline", message=text, values=values, answers=["deadline_weeks"], sources=[]))
    return found
