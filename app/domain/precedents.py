"""The published decisions that are most alike: precedents to read, never votes.

    likeness = weight of the answers that agree / (weight of the answers that both sides state + a weight for what is unseen)

The weights are the parameters `likeness.<answer>`; the number of examples counts by its order of magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.advice import Verdict
from app.domain.core import Core
from app.domain.decision import SimilarCase
from app.domain.draws import Array
from app.domain.knowledge import Case, Knowledge
from app.domain.values import FAMILY

MOST_CASES = 5
PREFIX = "likeness."
NUMBER, UNSEEN = "examples", "unseen"
FURTHEST = 3  # orders of magnitude from which on two numbers have nothing in common


@dataclass(frozen=True)
class Table:
    """What the cases answered, a column for each answer that counts; examples as the order of magnitude, NaN when not stated."""

    cases: tuple[Case, ...]
    columns: dict[str, NDArray[Any]]
    weights: dict[str, float]
    magnitudes: Array
    number_weight: float
    unseen_weight: float


def similar_cases(core: Core, found: Verdict) -> list[SimilarCase]:
    """The published decisions nearest to these answers."""
    table = _table(core.situation.knowledge, core.situation.as_of)
    alike = likeness(table, core.situation.facts)
    nearest = sorted(
        zip((-alike).tolist(), (case.id for case in table.cases), table.cases, strict=True), key=lambda row: row[:2]
    )
    return [_shown(case, -similarity, found) for similarity, _, case in nearest[:MOST_CASES]]


@lru_cache(maxsize=4)
def _table(knowledge: Knowledge, day: date) -> Table:
    known, cases = knowledge.parameters, tuple(knowledge.cases.values())
    weights = {name.removeprefix(PREFIX): known[name].on(day).mode for name in known if name.startswith(PREFIX)}
    number_weight, unseen_weight = weights.pop(NUMBER), weights.pop(UNSEEN)
    columns = {key: np.array([case.answers.get(key) for case in cases], dtype=object) for key in weights}
    stated = [case.answers.get(NUMBER) for case in cases]
    magnitudes = np.array([np.nan if number is None else magnitude(number) for number in stated])
    return Table(cases, columns, weights, magnitudes, number_weight, unseen_weight)


def magnitude(number: float) -> int:
    """Digits before the point."""
    return len(str(int(number)))


def likeness(table: Table, facts: dict[str, Any]) -> Array:
    """From 0 to 1 for each case."""
    agreed, total = np.zeros(len(table.cases)), np.full(len(table.cases), table.unseen_weight)
    for key, weight in table.weights.items():
        if facts.get(key) is not None:
            total += weight * (table.columns[key] != None)  # noqa: E711 -- element by element
            agreed += weight * (table.columns[key] == facts[key])
    if facts.get(NUMBER) is not None:
        near = 1 - np.abs(table.magnitudes - magnitude(facts[NUMBER])) / FURTHEST
        total += table.number_weight * ~np.isnan(near)
        agreed += table.number_weight * np.maximum(np.nan_to_num(near), 0)
    alike: Array = np.round(agreed / total, 3)
    return alike


def _shown(case: Case, similarity: float, found: Verdict) -> SimilarCase:
    return SimilarCase(
        id=case.id, organisation=case.organisation, task=case.task, year=case.year, chosen=case.chosen,
        also_acceptable=case.also_acceptable, outcome=case.outcome, why=case.why, url=case.url, similarity=similarity,
        same_as_advice=FAMILY[found.option] in (case.chosen, *case.also_acceptable),
    )  # fmt: skip
