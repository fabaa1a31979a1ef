"""What is beyond the stated budget or comes after the deadline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.costs import OptionCosts
from app.domain.decision import Exclusion
from app.domain.draws import Array
from app.domain.messages import value
from app.domain.situation import Situation
from app.domain.statistics import median

BUDGETS = {
    "budget_once": "It costs about {amount} once; the budget is {limit}.",
    "budget_monthly": "It costs about {amount} a month; the budget is {limit}.",
}


def beyond_means(situation: Situation, costs: OptionCosts) -> Iterator[Exclusion]:
    """A budget that is more likely exceeded than kept; a deadline that even the quickest course misses."""
    for key, amounts in (("budget_once", costs.one_off), ("budget_monthly", costs.monthly)):
        limit = getattr(situation.answers, key)
        if limit is not None and median(amounts) > limit:
            yield _budget(situation, key, amounts, limit)
    deadline = situation.answers.deadline_weeks
    if deadline is not None and (soonest := int(np.min(costs.weeks))) > deadline:
        text = "It takes at least {soonest} weeks; the deadline is in {deadline} weeks."
        values = {"soonest": value("count", soonest), "deadline": value("number", deadline)}
        yield Exclusion(rule="deadline", message=text, values=values, answers=["deadline_weeks"], sources=[])


def _budget(situation: Situation, key: str, amounts: Array, limit: float) -> Exclusion:
    amount = round(median(amounts), 2)
    values = {name: value("money", number, unit=situation.currency) for name, number in (("amount", amount), ("limit", limit))}  # fmt: skip
    return Exclusion(rule="budget", message=BUDGETS[key], values=values, answers=[key], sources=[])
