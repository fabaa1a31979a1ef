"""Published decisions that resemble this one. They are precedents to read, never votes."""

from __future__ import annotations

from math import log10
from typing import Any

from app.domain.answers import Answers
from app.domain.decision import SimilarCase
from app.domain.knowledge import Case, Knowledge
from app.domain.values import Family

SHOWN = 3
# How much each answer says about likeness: the task most of all.
LIKENESS = {
    "task_type": 4.0, "knowledge_size": 2.0, "knowledge_change": 1.5, "examples": 2.0, "citations": 1.5, "prompting_tried": 1.5,
    "repetitiveness": 1.0, "terminology": 1.0, "tone_consistency": 1.0, "requests_per_month": 1.0, "latency": 1.0, "residency": 1.0,
    "data_classes": 1.0, "team": 0.5, "sector": 0.5, "budget": 0.5,
}  # fmt: skip
DECADES = 3.0  # numbers a factor of a thousand apart are not alike at all


def similar_cases(answers: Answers, knowledge: Knowledge, advice: Family) -> list[SimilarCase]:
    """The nearest published decisions by the answers that both have."""
    own = answers.known()
    rated = sorted(((-similarity(own, case.answers), case.id) for case in knowledge.cases.values()))[:SHOWN]
    return [_shown(knowledge.cases[name], -rating, advice) for rating, name in rated]


def similarity(own: dict[str, Any], other: dict[str, Any]) -> float:
    """Weighted share of all compared answers that agree, between 0 and 1; an answer that only one side has counts half against."""
    reached = possible = 0.0
    for key, weight in LIKENESS.items():
        if key in own and key in other:
            reached, possible = reached + weight * _alike(own[key], other[key]), possible + weight
        elif key in own or key in other:
            possible += weight / 2
    return round(reached / possible, 3) if possible else 0.0


def _alike(one: Any, other: Any) -> float:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return max(0.0, 1 - abs(_digits(one) - _digits(other)) / DECADES)
    if isinstance(one, list) and isinstance(other, list):
        return len(set(one) & set(other)) / max(len(set(one) | set(other)), 1)
    return float(one == other)


def _digits(number: float) -> float:
    """Size of a number on the decimal logarithm."""
    return log10(number + 1)


def _shown(case: Case, rating: float, advice: Family) -> SimilarCase:
    return SimilarCase(
        id=case.id, organisation=case.organisation, task=case.task, year=case.year, chosen=case.chosen,
        also_acceptable=case.also_acceptable, outcome=case.outcome, why=case.why, url=case.url, similarity=rating,
        same_as_advice=case.chosen == advice,
    )  # fmt: skip
