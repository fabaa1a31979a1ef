"""Conditions of rules and questions: a closed set of operators over facts, no arithmetic.

A fact that is missing or None is unknown: every comparison with it is false, only `answered` may ask for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.knowledge import Condition

Facts = Mapping[str, Any]


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true for these facts. Raises ValueError when it has no operator."""
    if condition.all is not None:
        return all(holds(part, facts) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, facts) for part in condition.any)
    if condition.not_ is not None:
        return not holds(condition.not_, facts)
    return _compare(condition, facts.get(condition.fact or ""))


def _compare(condition: Condition, given: Any) -> bool:
    if condition.answered is not None:
        return condition.answered is (given is not None)
    if given is None:
        return False
    if condition.one_of is not None:
        return given in condition.one_of
    if condition.includes_any is not None:
        return any(item in condition.includes_any for item in given)
    if condition.is_ is not None:
        return bool(given == condition.is_ and isinstance(given, bool) == isinstance(condition.is_, bool))
    return _in_range(condition, given)


def _in_range(condition: Condition, given: Any) -> bool:
    low, high = condition.between or (condition.at_least, condition.at_most)
    if low is None and high is None:
        raise ValueError(f"the condition on {condition.fact!r} has no operator")
    return (low is None or given >= low) and (high is None or given <= high)


def facts_of(condition: Condition) -> Iterator[str]:
    """Names of all facts the condition looks at, in reading order."""
    for part in (*(condition.all or ()), *(condition.any or ()), *((condition.not_,) if condition.not_ else ())):
        yield from facts_of(part)
    if condition.fact:
        yield condition.fact


def fired_by(condition: Condition, facts: Facts) -> list[str]:
    """The facts that made the condition true: the trace shown to users. Empty when it is false."""
    if not holds(condition, facts):
        return []
    if condition.not_ is not None:
        return list(dict.fromkeys(facts_of(condition.not_)))
    parts = condition.all if condition.all is not None else condition.any
    if parts is not None:
        return list(dict.fromkeys(name for part in parts for name in fired_by(part, facts)))
    return [condition.fact] if condition.fact else []
