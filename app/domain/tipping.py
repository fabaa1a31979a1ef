"""For each answer the smallest change that flips the advice, verified by applying it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from app.domain import rules
from app.domain.advice import Verdict
from app.domain.conditions import facts_of
from app.domain.core import Core, run, valid_rules
from app.domain.decision import TippingPoint
from app.domain.draws import Draws
from app.domain.facts import answers_behind, facts_for
from app.domain.inputs import parameter_range
from app.domain.knowledge import Knowledge, Question, Rule
from app.domain.messages import Value, label
from app.domain.rules import shown
from app.domain.values import FAMILY

MOST_POINTS, MOST_TRIED, HALVINGS = 6, 14, 10
LADDER = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
STEPPED = ("number", "integer", "share", "money")


def tipping_points(core: Core, found: Verdict) -> list[TippingPoint]:
    """For each answer the smallest change that flips the advice to another way. Likely ones first; every one is verified."""
    likely = sorted(_likely(core, found), key=lambda item: item[0])[:MOST_TRIED]
    points: list[TippingPoint] = []
    for _, key, to in likely:
        if len(points) < MOST_POINTS and key not in {point.key for point in points}:
            seen = _applied(core, key, to)
            if seen.order and FAMILY[seen.order[0]] != FAMILY[found.option]:
                points.append(_point(core, key, to, seen))
    return points


def _likely(core: Core, found: Verdict) -> Iterable[tuple[float, str, Any]]:
    """Changes that may flip the advice, judged by the weights of the rules alone: (rank, key, new value)."""
    for key, ladder in candidates(core).items():
        for distance, to in enumerate(ladder):
            lead = quick_lead(core, found, key, to)
            if lead is not None and lead < 0:
                stated = core.situation.facts.get(key) is not None
                yield (0 if stated else 1) + distance / 100, key, _smallest(core, found, key, to)
                break


def _smallest(core: Core, found: Verdict, key: str, to: Any) -> Any:
    """The nearest number that still flips, to two digits: the space between the answer and `to` is halved again and again."""
    given = getattr(core.situation.answers, key)
    part = next(part for part in _changeable(core.situation.knowledge) if part.id == key)
    if part.kind not in STEPPED or given is None:
        return to
    near, far = float(given), float(to)
    for _ in range(HALVINGS):
        middle = _rounded(part.kind, (near + far) / 2)
        lead = quick_lead(core, found, key, middle)
        near, far = (near, float(middle)) if lead is not None and lead < 0 else (float(middle), far)
    return _rounded(part.kind, far)


def _rounded(kind: str, number: float) -> Any:
    return round(float(f"{number:.2g}")) if kind == "integer" else float(f"{number:.2g}")


def candidates(core: Core) -> dict[str, list[Any]]:
    """Other values of each answer that may be shown to change the advice, the nearest first."""
    found: dict[str, list[Any]] = {}
    for part in _changeable(core.situation.knowledge):
        given = getattr(core.situation.answers, part.id)
        if part.kind in STEPPED:
            found[part.id] = _steps(core, part, given)
        else:
            found[part.id] = _nearest(given, _choices(part))
    return found


@lru_cache(maxsize=4)
def _changeable(knowledge: Knowledge) -> tuple[Question, ...]:
    parts = (part for question in knowledge.questions.values() for part in (question, *question.fields))
    return tuple(part for part in parts if part.changeable)


def _choices(part: Question) -> tuple[Any, ...]:
    return (True, False) if part.kind == "yes_no" else tuple(choice.value for choice in part.choices)


def _steps(core: Core, part: Question, given: float | None) -> list[Any]:
    """Multiples of the answer, or of what is assumed without one."""
    situation = core.situation
    start = given if given is not None else parameter_range(situation, f"prior.{part.id}")[1]
    steps = (start * factor for ladder in LADDER for factor in (ladder, 1 / ladder))
    allowed = {_rounded(part.kind, step) for step in steps if part.kind != "share" or step <= 1} - {given}
    return sorted(allowed, key=lambda step: (abs(np.log((step + 1) / (start + 1))), step))


def _nearest(given: Any, choices: tuple[Any, ...]) -> list[Any]:
    if given not in choices:
        return list(choices)
    place = choices.index(given)
    return sorted((item for item in choices if item != given), key=lambda item: abs(choices.index(item) - place))


def quick_lead(core: Core, found: Verdict, key: str, to: Any) -> float | None:
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


def _applied(core: Core, key: str, to: Any) -> Core:
    """The core with the changed answer."""
    old = core.situation
    answers = old.answers.model_copy(update={key: to})
    return run(answers, old.knowledge, old.book, old.as_of, Draws(old.draws.count, old.draws.seed), old.evidence)


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
