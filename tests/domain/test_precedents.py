"""Published cases are ranked by the weighted share of the answers that agree."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.precedents import Table, _table, likeness, magnitude
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()


def table() -> Table:
    return _table(KNOWLEDGE, date(2026, 11, 24))


def of_case(identity: str, facts: dict[str, object]) -> float:
    place = [case.id for case in table().cases].index(identity)
    return float(likeness(table(), facts)[place])


def test_a_case_is_most_like_itself() -> None:
    for case in table().cases:
        alike = likeness(table(), case.answers)
        assert of_case(case.id, case.answers) == alike.max()


def test_unstated_answers_do_not_count() -> None:
    case = next(case for case in table().cases if case.answers.get("knowledge_size"))
    weights = table().weights
    expected = weights["task_type"] / (weights["task_type"] + table().unseen_weight)
    assert of_case(case.id, {"task_type": case.answers["task_type"]}) == pytest.approx(expected, abs=0.0006)


def test_examples_count_by_their_order_of_magnitude() -> None:
    case = next(case for case in table().cases if (case.answers.get("examples") or 0) >= 1000)
    number = case.answers["examples"]
    near, far = (of_case(case.id, {"task_type": case.answers["task_type"], "examples": n}) for n in (number + 1, 1))
    assert near > far
    assert magnitude(999) == 3
