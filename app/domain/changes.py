"""What would change the advice: drivers, tipping points (each verified by applying it), break-even, the most valuable open question."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.domain import rules
from app.domain.advice import Verdict
from app.domain.answers import Answers
from app.domain.conditions import facts_of
from app.domain.core import Core, run, valid_rules
from app.domain.decision import BreakEven, Driver, NextQuestion, TippingPoint
from app.domain.draws import Array, Draws
from app.domain.facts import answers_behind, facts_for
from app.domain.inputs import PRIORS, prior_id
from app.domain.knowledge import Rule
from app.domain.messages import Value, label, value
from app.domain.published import by_volume
from app.domain.rules import shown
from app.domain.values import FAMILY

MOST_DRIVERS, MOST_POINTS, MOST_TRIED, FIFTH = 8, 6, 14, 0.2
LADDER = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
CHOICES: dict[str, tuple[Any, ...]] = {
    "repetitiveness": ("low", "medium", "high"), "terminology": ("none", "some", "heavy"), "tone_consistency": ("low", "medium", "high"),
    "rules_feasible": ("yes", "partly", "no"), "prompting_tried": ("not_tried", "good", "partial", "insufficient"),
    "knowledge_size": ("none", "small", "medium", "large"), "citations": ("required", "helpful", "no"),
    "knowledge_change": ("never", "yearly", "monthly", "weekly", "daily", "realtime"), "document_rights": (True, False),
    "example_quality": ("high", "medium", "low"), "training_rights": ("yes", "after_masking", "no", "unclear"),
    "latency": ("batch", "minutes", "seconds", "sub_second", "under_300ms"), "residency": ("world", "eu", "own_cloud", "on_premises"),
    "deletion_provable": (True, False), "team": ("none", "app_devs", "ml_team", "strong_ml"), "budget": ("low", "medium", "high"),
}  # fmt: skip
NUMBERS = {"examples": 200, "requests_per_month": 20_000.0, "deadline_weeks": 13.0, "multi_document_share": None}
INTEGERS = ("examples",)
HALVINGS = 10


@dataclass(frozen=True)
class Changes:
    """All that needs further runs of the core."""

    drivers: list[Driver]
    tipping_points: list[TippingPoint]
    break_even: list[BreakEven]
    next_question: NextQuestion | None


NO_CHANGES = Changes([], [], [], None)


def changes(core: Core, found: Verdict) -> Changes:
    """Drivers, tipping points, break-even and the next question; empty where nothing is possible."""
    if not core.order:
        return NO_CHANGES
    points = tipping_points(core, found)
    return Changes(drivers(core, found), points, break_even(core, found), next_question(core, found))


# --- drivers


def drivers(core: Core, found: Verdict) -> list[Driver]:
    """How far each uncertain number moves the margin between the advice and the runner-up.

    The draws themselves say it: the mean margin where the number is in its lowest fifth, and where it is in its highest.
    """
    if found.second is None:
        return []
    margin = core.outcomes[found.option].net - core.outcomes[found.second].net
    named = ((name, _parameter_of(core, name)) for name in sorted(core.situation.draws.names))
    bars = [_driver(core, name, parameter, margin) for name, parameter in named if parameter]
    return sorted(bars, key=lambda bar: (-abs(float(bar.effect_on_margin)), bar.key))[:MOST_DRIVERS]


def _parameter_of(core: Core, name: str) -> str | None:
    """The parameter behind a drawn number; None for weights of rules and for prices."""
    short = name.removeprefix("prior.")
    if name.startswith("prior.") and short in PRIORS:
        name = prior_id(core.situation, short)
    known = name in core.situation.knowledge.parameters and not name.startswith(("fit.", "score."))
    return name if known else None


def _driver(core: Core, name: str, parameter: str, margin: Array) -> Driver:
    situation = core.situation
    place = situation.draws.uniform(name)
    low, high = (float(margin[chosen].mean()) for chosen in (place < FIFTH, place > 1 - FIFTH))
    item, chosen = (
        situation.knowledge.parameters[parameter],
        situation.knowledge.parameters[parameter].on(situation.as_of),
    )
    return Driver(
        key=parameter, label=item.label, low=chosen.low, high=chosen.high, unit=item.unit, effect_on_margin=f"{high - low:.2f}",
        margin_low=f"{low:.2f}", margin_high=f"{high:.2f}", currency=situation.currency,
    )  # fmt: skip


def _again(core: Core, answers: Answers, draws: Draws) -> Core:
    old = core.situation
    return run(answers, old.knowledge, old.book, old.as_of, draws)


# --- tipping points


def tipping_points(core: Core, found: Verdict) -> list[TippingPoint]:
    """For each answer the smallest change that flips the advice to another way. Likely ones first; every one is verified."""
    likely = sorted(_likely(core, found), key=lambda item: item[0])[:MOST_TRIED]
    points: list[TippingPoint] = []
    for _, key, to in likely:
        if len(points) < MOST_POINTS and key not in {point.key for point in points}:
            seen = _applied(core, key, to)
            if seen is not None and seen.order and FAMILY[seen.order[0]] != FAMILY[found.option]:
                points.append(_point(core, key, to, seen))
    return points


def _likely(core: Core, found: Verdict) -> Iterable[tuple[float, str, Any]]:
    """Changes that may flip the advice, judged by the weights of the rules alone: (rank, key, new value)."""
    for key, ladder in _candidates(core.situation.answers).items():
        for distance, to in enumerate(ladder):
            lead = _quick_lead(core, found, key, to)
            if lead is not None and lead < 0:
                stated = core.situation.facts.get(key) is not None
                yield (0 if stated else 1) + distance / 100, key, _smallest(core, found, key, to)
                break


def _smallest(core: Core, found: Verdict, key: str, to: Any) -> Any:
    """The nearest number that still flips, to two digits: the space between the answer and `to` is halved again and again."""
    given = getattr(core.situation.answers, key)
    if key not in NUMBERS or given is None:
        return to
    near, far = float(given), float(to)
    for _ in range(HALVINGS):
        middle = _rounded(key, (near + far) / 2)
        lead = _quick_lead(core, found, key, middle)
        near, far = (near, float(middle)) if lead is not None and lead < 0 else (float(middle), far)
    return _rounded(key, far)


def _rounded(key: str, number: float) -> Any:
    return round(float(f"{number:.2g}")) if key in INTEGERS else float(f"{number:.2g}")


def _candidates(answers: Answers) -> dict[str, list[Any]]:
    found = {key: _nearest(getattr(answers, key), choices) for key, choices in CHOICES.items()}
    for key, usual in NUMBERS.items():
        given = getattr(answers, key)
        start = given if given is not None else usual
        if start is not None:
            steps = [start * factor for factor in LADDER] + [start / factor for factor in LADDER]
            rounded = [round(step) if key in INTEGERS else float(f"{step:.3g}") for step in steps]
            found[key] = sorted(
                {step for step in rounded if step != given}, key=lambda step: abs(np.log((step + 1) / (start + 1)))
            )
    return found


def _nearest(given: Any, choices: tuple[Any, ...]) -> list[Any]:
    if given not in choices:
        return list(choices)
    place = choices.index(given)
    return sorted((item for item in choices if item != given), key=lambda item: abs(choices.index(item) - place))


def _quick_lead(core: Core, found: Verdict, key: str, to: Any) -> float | None:
    """Lead of the advised family after the change when only the rules speak; None when no other way is left."""
    old = core.situation
    facts = facts_for(old.answers.model_copy(update={key: to}), old.knowledge, old.as_of)
    asking = _rules_on(core, key)
    names = {rule.id for rule in asking}
    before = [item for item in core.fired if item.rule.id in names]
    after = rules.fire(asking, facts)
    scores: dict[str, float] = {}
    for name, item in core.outcomes.items():
        if not any(fired.rule.effect == "excludes" and fired.touches(name, item.place.hosting) for fired in after):
            moved = _mean_score(core, name) + _weights(core, after, name) - _weights(core, before, name)
            scores[FAMILY[name]] = max(moved, scores.get(FAMILY[name], -np.inf))
    mine = scores.pop(FAMILY[found.option], -np.inf)
    return mine - max(scores.values(), default=-np.inf) if scores else None


def _rules_on(core: Core, key: str) -> list[Rule]:
    """The rules that look at an answer, directly or through a fact."""
    kept = core.situation.shared.setdefault("rules on", {})
    if key not in kept:
        valid = valid_rules(core.situation.knowledge, core.situation.as_of)
        kept[key] = [rule for rule in valid if any(key in answers_behind(name) for name in facts_of(rule.when))]
    return kept[key]  # type: ignore[no-any-return]


def _mean_score(core: Core, name: str) -> float:
    kept = core.situation.shared.setdefault("mean scores", {})
    if name not in kept:
        kept[name] = float(np.mean(core.outcomes[name].score))
    return kept[name]  # type: ignore[no-any-return]


def _weights(core: Core, fired: Iterable[rules.Fired], name: str) -> float:
    known, day = core.situation.knowledge.parameters, core.situation.as_of
    return sum(known[item.rule.weight].on(day).mode for item in fired if item.rule.weight and name in item.rule.options)


def _applied(core: Core, key: str, to: Any) -> Core | None:
    """The core with the changed answer."""
    answers = core.situation.answers.model_copy(update={key: to})
    return _again(core, answers, Draws(core.situation.draws.count, core.situation.draws.seed))


def _point(core: Core, key: str, to: Any, seen: Core) -> TippingPoint:
    knowledge, given = core.situation.knowledge, core.situation.facts.get(key)
    winner = seen.order[0]
    text = "{question}: with “{to}” instead of “{from}”, the advice is: {option}."
    if given is None:
        text = "{question}: if the answer is “{to}”, the advice is: {option}."
    values: dict[str, Value] = {"question": label(name_of(core, key)), "to": shown(knowledge, key, to), "option": label(knowledge.options[winner].label)}  # fmt: skip
    if given is not None:
        values["from"] = shown(knowledge, key, given)
    return TippingPoint(message=text, values=values, key=key, from_=given, to=to, new_option=winner, new_hosting=seen.outcomes[winner].place.hosting)  # fmt: skip


def name_of(core: Core, key: str) -> str:
    """Short name of the question that fills a key."""
    for question in core.situation.knowledge.questions.values():
        for part in question.fields:
            if part.id == key:
                return part.short or part.text
        if key in question.keys and not question.fields:
            return question.short or question.text
    return key.replace("_", " ")


# --- break-even


def break_even(core: Core, found: Verdict) -> list[BreakEven]:
    """At which volume the advice and each other option cost the same over the horizon, or never within the curve."""
    curves = by_volume(core)
    rivals = [name for name in core.order if name != found.option][:4]
    return [_break_even(core, found.option, name, curves) for name in rivals]


def _break_even(core: Core, option: str, against: str, curves: dict[str, Any]) -> BreakEven:
    x = np.log(curves[option].x)
    gap = np.array(curves[option].p50) - np.array(curves[against].p50)
    crossing = np.flatnonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0)
    names = {
        key: label(core.situation.knowledge.options[name].label)
        for key, name in (("option", option), ("against", against))
    }
    if not crossing.size:
        text = (
            "{option} stays cheaper than {against} at any volume."
            if gap[-1] < 0
            else "{option} stays dearer than {against} at any volume."
        )
        return BreakEven(
            message=text, values=names, option=option, against=against, key="requests_per_month", value="never"
        )
    place = crossing[0]
    share = gap[place] / (gap[place] - gap[place + 1])
    volume = float(f"{float(np.exp(x[place] + share * (x[place + 1] - x[place]))):.2g}")
    text = "{option} is cheaper than {against} from about {volume} requests a month."
    if gap[place] < 0:
        text = "{option} is cheaper than {against} up to about {volume} requests a month."
    return BreakEven(message=text, values={**names, "volume": value("count", volume)}, option=option, against=against, key="requests_per_month", value=volume)  # fmt: skip


# --- value of information


def next_question(core: Core, found: Verdict, among: Collection[str] | None = None) -> NextQuestion | None:
    """The open question whose answers would change the advice most often; `among` these keys if given."""
    open_keys = {
        key: ladder for key, ladder in _candidates(core.situation.answers).items()
        if core.situation.facts.get(key) is None and (among is None or key in among)
    }  # fmt: skip
    gains = {key: _gain(core, found, key, ladder) for key, ladder in open_keys.items()}
    best = max(gains, key=lambda key: gains[key], default=None)
    if best is None or gains[best] <= 0:
        return None
    text = "The answer to “{question}” would settle most."
    return NextQuestion(message=text, values={"question": label(name_of(core, best))}, key=best, gain=gains[best])


def _gain(core: Core, found: Verdict, key: str, ladder: list[Any]) -> float:
    """Share of the possible answers with which another way would lead."""
    leads = [_quick_lead(core, found, key, to) for to in ladder]
    return float(f"{sum(lead is not None and lead < 0 for lead in leads) / max(len(leads), 1):.3f}")
