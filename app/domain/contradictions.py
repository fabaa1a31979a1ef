"""Which answers of an assessment do not go together. Nothing is blocked: people are asked to look again."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from app.domain.answers import Answers
from app.domain.conditions import facts_of, holds
from app.domain.facts import answers_behind, facts_for
from app.domain.knowledge import Condition, Knowledge


class Found(NamedTuple):
    """A contradiction: what it says (English gettext id), and the answers it lies between."""

    says: str
    answers: list[str]


def contradictions(answers: Answers, knowledge: Knowledge, as_of: date) -> list[Found]:
    """All contradictions between these answers."""
    facts = facts_for(answers, knowledge, as_of)
    return [
        Found(item.says, _given(item.when, answers))
        for item in knowledge.contradictions.values()
        if holds(item.when, facts)
    ]


def _given(when: Condition, answers: Answers) -> list[str]:
    """The stated answers behind the facts of a condition."""
    keys = dict.fromkeys(key for fact in facts_of(when) for key in answers_behind(fact))
    return [key for key in keys if getattr(answers, key) is not None]
