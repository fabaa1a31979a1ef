"""Conditions: each operator, unknown facts, and the trace."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.conditions import facts_of, fired_by, holds
from app.domain.knowledge import Condition

FACTS = {"task_type": "extraction", "examples": 40, "rights": False, "classes": ["public", "personal"], "open": None}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"fact": "task_type", "is": "extraction"}, True),
        ({"fact": "task_type", "is": "code"}, False),
        ({"fact": "rights", "is": False}, True),
        ({"fact": "rights", "is": 0}, False),
        ({"fact": "examples", "at_least": 40}, True),
        ({"fact": "examples", "at_least": 41}, False),
        ({"fact": "examples", "at_most": 40}, True),
        ({"fact": "examples", "between": [10, 39]}, False),
        ({"fact": "examples", "between": [10, 40]}, True),
        ({"fact": "task_type", "one_of": ["code", "extraction"]}, True),
        ({"fact": "classes", "includes_any": ["personal", "social_data"]}, True),
        ({"fact": "classes", "includes_any": ["social_data"]}, False),
        ({"fact": "open", "answered": False}, True),
        ({"fact": "examples", "answered": True}, True),
        ({"fact": "open", "is": "x"}, False),
        ({"fact": "never heard of", "at_least": 1}, False),
        ({"not": {"fact": "open", "is": "x"}}, True),
        ({"all": [{"fact": "examples", "at_least": 1}, {"fact": "rights", "is": False}]}, True),
        ({"all": [{"fact": "examples", "at_least": 1}, {"fact": "rights", "is": True}]}, False),
        ({"any": [{"fact": "examples", "at_least": 100}, {"fact": "rights", "is": False}]}, True),
    ],
)
def test_each_operator(condition: dict[str, Any], expected: bool) -> None:
    assert holds(Condition.model_validate(condition), FACTS) is expected


def test_the_trace_names_only_the_facts_that_made_it_true() -> None:
    condition = Condition.model_validate(
        {"any": [{"fact": "examples", "at_least": 100}, {"fact": "rights", "is": False}]}
    )
    assert fired_by(condition, FACTS) == ["rights"]
    assert list(facts_of(condition)) == ["examples", "rights"]
    assert fired_by(Condition.model_validate({"fact": "rights", "is": True}), FACTS) == []


def test_a_condition_without_operator_is_an_error() -> None:
    with pytest.raises(ValueError, match="no operator"):
        holds(Condition.model_validate({"fact": "examples"}), FACTS)
