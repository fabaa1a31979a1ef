"""The engine on the published decisions: what it advises, how sure it is, where and why it differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.accuracy.agreement import Name, Scored, agreement, calibration, scored_class
from app.accuracy.scorecard import Agreement, Engine, Miss
from app.domain.catalogue import PriceBook
from app.domain.components.profile import IN_EU
from app.domain.decide import decide
from app.domain.decision import Decision, OptionResult
from app.domain.knowledge import Knowledge
from app.domain.messages import Message

NAME = Name("engine", "engine", "Lotse")
HOSTINGS_ALLOWED = {"on_premises": ("on_premises",), "eu": tuple(IN_EU), "germany": tuple(IN_EU)}
MOST_REASONS = 2


def decisions(cases: Sequence[Scored], knowledge: Knowledge, book: PriceBook, as_of: date) -> list[Decision]:
    """The decision for each case, with the usual number of draws."""
    return [decide(case.answers, knowledge, book, as_of, depth="core") for case in cases]


def engine_agreement(cases: Sequence[Scored], made: Sequence[Decision]) -> Agreement:
    """How often the advice equals the published decision."""
    return agreement(NAME, cases, [scored_class(item.recommended.family) for item in made])


def engine_part(cases: Sequence[Scored], made: Sequence[Decision]) -> Engine:
    """Calibration, residency and the misses."""
    pairs = list(zip(cases, made, strict=True))
    stated = [(one.recommended.confidence, case.accepts(scored_class(one.recommended.family))) for case, one in pairs]
    error, bins = calibration(stated)
    places = [(case.case.answers.get("residency"), one.recommended.hosting) for case, one in pairs]
    allowed = [(place, there in HOSTINGS_ALLOWED[place]) for place, there in places if place in HOSTINGS_ALLOWED]
    at_home = [fits for place, fits in allowed if place == "on_premises"]
    return Engine(
        top_two=round(sum(case.published in _first_two(one) for case, one in pairs) / len(pairs), 3),
        on_premises=(sum(at_home), len(at_home)), residency=(sum(fits for _, fits in allowed), len(allowed)),
        calibration_error=error, bins=bins,
        misses=[_miss(case, one) for case, one in pairs if scored_class(one.recommended.family) != case.published],
    )  # fmt: skip


def _first_two(made: Decision) -> list[str]:
    ranked = sorted((option for option in made.options if option.feasible), key=lambda option: option.rank or 0)
    return list(dict.fromkeys([scored_class(option.family) for option in ranked]))[:2]


def _miss(case: Scored, made: Decision) -> Miss:
    rivals = [option for option in made.options if scored_class(option.family) == case.published]
    best = max(rivals, key=lambda option: (option.feasible, option.probability_best))
    return Miss(
        case=case.case.id, published=case.case.chosen, advised=made.recommended.family,
        acceptable=case.accepts(scored_class(made.recommended.family)), confidence=made.recommended.confidence,
        probability_published=round(sum(option.probability_best for option in rivals), 3),
        why=[_plain(message) for message in made.recommended.why], against=_against(made, best),
    )  # fmt: skip


def _against(made: Decision, option: OptionResult) -> list[Message]:
    """What excludes the published way, else the rules that speak against it."""
    excluded = [_plain(item) for item in option.exclusions]
    spoken = [_plain(item) for item in made.reasons if item.option == option.option and item.effect == "against"]
    return list({item.says: item for item in excluded or spoken}.values())[:MOST_REASONS]


def _plain(message: Message) -> Message:
    return Message(message=message.message, values=message.values)
