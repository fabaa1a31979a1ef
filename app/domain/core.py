"""The core of a decision: which options are possible where, what each costs and brings, how well it fits, how probable it is best.

The score of an option is in log-odds: the weights of the rules that fired for and against it, plus the weight of its net benefit
against the others. Families of options are compared with each other; inside a family the net benefit decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

from app.domain import base_model, benefit, quality, rules
from app.domain.answers import Answers
from app.domain.base_model import Choice
from app.domain.catalogue import PriceBook
from app.domain.components.profile import IN_EU
from app.domain.costs import OptionCosts, option_costs
from app.domain.decision import Exclusion
from app.domain.draws import Array, Draws
from app.domain.facts import number
from app.domain.inputs import prepare
from app.domain.knowledge import Knowledge, Rule
from app.domain.means import beyond_means
from app.domain.messages import label
from app.domain.pilot import NO_EVIDENCE, Evidence
from app.domain.situation import Situation
from app.domain.statistics import percentiles
from app.domain.values import FAMILY

FEW_DRAWS = 32  # enough to order the hostings of an option by cost
FAMILIES = tuple(dict.fromkeys(FAMILY.values()))
PLATFORM_HOSTINGS = {
    "openai": ("api_global", "api_eu"), "azure": ("cloud_tenant", "cloud_tenant_eu"), "google": ("cloud_tenant", "cloud_tenant_eu"),
    "aws": ("cloud_tenant", "cloud_tenant_eu"), "gpu_cloud": ("rented_gpu", "rented_gpu_eu"), "on_premises": ("on_premises",),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An option at a hosting: its base model, why it is out, and its total cost (10th, 50th, 90th percentile) where it can be had."""

    hosting: str
    choice: Choice | None
    exclusions: tuple[Exclusion, ...]
    total: tuple[float, float, float] | None = None
    rating: float = np.inf  # the usual total cost with what the hosting may cost more and still be preferred


@dataclass(frozen=True)
class Outcome:
    """A possible option at its best hosting, one number for each draw."""

    option: str
    place: Place
    costs: OptionCosts
    success: Array
    monthly_benefit: Array
    benefit: Array
    net: Array
    score: Array


@dataclass(frozen=True)
class Core:
    """Everything the explanation works on. `families` and `options` hold the probability of being best."""

    situation: Situation
    fired: tuple[rules.Fired, ...]
    places: dict[str, tuple[Place, ...]]
    outcomes: dict[str, Outcome]
    families: dict[str, float]
    options: dict[str, float]

    @property
    def order(self) -> list[str]:
        """Possible options, the best first: by family, then inside the family."""
        return sorted(self.options, key=lambda name: (-self.families[FAMILY[name]], -self.options[name], name))


@lru_cache(maxsize=8)
def valid_rules(knowledge: Knowledge, as_of: date) -> tuple[Rule, ...]:
    """The rules in force on the day, worked out once for each knowledge base and day."""
    return tuple(rules.in_force(knowledge, as_of))


def run(  # noqa: PLR0913, PLR0917
    answers: Answers, knowledge: Knowledge, book: PriceBook, as_of: date, draws: Draws, evidence: Evidence = NO_EVIDENCE
) -> Core:
    """The core for these answers and the results of the user's own pilots."""
    situation = replace(prepare(answers, knowledge, book, as_of, draws), evidence=evidence)
    fired = tuple(rules.fire(valid_rules(knowledge, as_of), situation.facts))
    quick = prepare(answers, knowledge, book, as_of, Draws(FEW_DRAWS, draws.seed), situation.facts)
    excluding = tuple(item for item in fired if item.rule.effect == "excludes")
    places = {name: places_of(quick, excluding, name) for name in knowledge.options}
    chosen = {name: best_place(found) for name, found in places.items()}
    outcomes = _outcomes(situation, fired, {name: place for name, place in chosen.items() if place})
    families, options = probabilities(situation, outcomes)
    return Core(situation, fired, places, outcomes, families, options)


def places_of(quick: Situation, excluding: tuple[rules.Fired, ...], option: str) -> tuple[Place, ...]:
    """Every hosting of an option, with what speaks against it and what it would cost."""
    info = quick.knowledge.options[option]
    return tuple(_place(quick, excluding, option, hosting) for hosting in info.hostings)


def _place(quick: Situation, excluding: tuple[rules.Fired, ...], option: str, hosting: str) -> Place:
    reasons = rules.exclusions(excluding, option, hosting, quick.knowledge, quick.facts)
    choice = base_model.choose(quick, option, hosting)
    if choice is None:
        reasons = [*reasons, no_model(quick, option, hosting)]
    if reasons or choice is None:
        return Place(hosting, choice, tuple(reasons))
    cost = option_costs(quick, option, hosting, choice.model)
    total = percentiles(cost.total)
    return Place(hosting, choice, tuple(beyond_means(quick, cost)), total, total[1] * premium(quick, hosting))


def no_model(situation: Situation, option: str, hosting: str) -> Exclusion:
    """Nothing is offered there on that day."""
    text = "No base model is offered for this {place} on this day."
    if option in base_model.MANAGED:
        text = "No platform fine-tunes a current model for new customers {place} on this day."
    sources = [source for platform, offer in base_model.tuning_offers(situation, hosting) for source in offer.sources]
    where = label(situation.knowledge.hostings[hosting].where)
    return Exclusion(rule="model_availability", message=text, values={"place": where}, answers=[], sources=sources[:3])


def premium(situation: Situation, hosting: str) -> float:
    """What a hosting may cost more and still be preferred: in the EU, and on platforms that are wished for."""
    factor, knowledge, day = 1.0, situation.knowledge, situation.as_of
    task = situation.answers.task_type
    if situation.facts["in_eea"] is not False and hosting not in IN_EU:
        factor += number(knowledge, day, "hosting.premium.outside_eu", task)
    wished = {name for platform in situation.answers.platforms or () for name in PLATFORM_HOSTINGS[platform]}
    if wished and hosting not in wished:
        factor += number(knowledge, day, "hosting.premium.not_preferred", task)
    return factor


def best_place(places: tuple[Place, ...]) -> Place | None:
    """The cheapest hosting that is left; None when none is."""
    possible = [place for place in places if not place.exclusions and place.choice]
    return min(possible, key=lambda place: place.rating) if possible else None


def _outcomes(situation: Situation, fired: tuple[rules.Fired, ...], chosen: dict[str, Place]) -> dict[str, Outcome]:
    assessed = quality.assess(situation)
    found = {name: _outcome(situation, assessed, name, place) for name, place in chosen.items()}
    if not found:
        return {}
    nets = np.array([item.net for item in found.values()])
    spread = nets.std(axis=0)
    value = situation.parameter("score.value")
    scores = value * np.divide(nets - nets.mean(axis=0), spread, out=np.zeros_like(nets), where=spread > 0)
    return {
        name: replace(item, score=scores[index] + fit(situation, fired, name) + quality.pilot_fit(situation, name))
        for index, (name, item) in enumerate(found.items())
    }  # fmt: skip


def _outcome(situation: Situation, assessed: quality.Quality, option: str, place: Place) -> Outcome:
    model = place.choice.model if place.choice else None
    costs = option_costs(situation, option, place.hosting, model)
    estimated = quality.success(situation, assessed, option, model.tier if model else "medium")
    success = quality.measured(situation, option, estimated)
    monthly = benefit.monthly_benefit(situation, success)
    gained = monthly * benefit.months_of_use(situation, costs.weeks)
    return Outcome(option, place, costs, success, monthly, gained, gained - costs.total, np.zeros(0))


def fit(situation: Situation, fired: tuple[rules.Fired, ...], option: str) -> Array | float:
    """Sum of the weights of the rules that speak for or against an option, in log-odds."""
    names = [item.rule.weight for item in fired if item.rule.weight and option in item.rule.options]
    return sum((situation.parameter(name) for name in names), start=situation.draws.constant(0.0))


def probabilities(situation: Situation, outcomes: dict[str, Outcome]) -> tuple[dict[str, float], dict[str, float]]:
    """Probability of being best, of each family and of each option, over all draws."""
    if not outcomes:
        return {}, {}
    groups: dict[str, list[str]] = {}
    for name in outcomes:
        groups.setdefault(FAMILY[name], []).append(name)
    best = np.array([np.max([outcomes[name].score for name in names], axis=0) for names in groups.values()])
    shares = _softmax(best)
    families = {family: float(f"{shares[index].mean():.6f}") for index, family in enumerate(groups)}
    within = number(situation.knowledge, situation.as_of, "score.within", situation.answers.task_type)
    options: dict[str, float] = {}
    for index, names in enumerate(groups.values()):
        inner = _softmax(within * np.array([outcomes[name].score for name in names]))
        options |= {name: float(f"{(shares[index] * inner[place]).mean():.6f}") for place, name in enumerate(names)}
    return families, options


def _softmax(scores: Array) -> Array:
    grown: Array = np.exp(scores - scores.max(axis=0))
    shares: Array = grown / grown.sum(axis=0)
    return shares
