"""What an option brings: the work it saves less the damage of its wrong answers, against doing nothing."""

from __future__ import annotations

import numpy as np

from app.domain.draws import Array
from app.domain.situation import Situation
from app.domain.statistics import median

WEEKS_PER_MONTH = 365.25 / 7 / 12


def worth_of_work(situation: Situation) -> Array:
    """Money a month for all the work done by people today: requests x minutes x cost of an hour."""
    inputs = situation.inputs
    return situation.once(
        "worth", lambda: inputs["requests_per_month"] * inputs["minutes_saved_per_request"] / 60 * inputs["hourly_cost"]
    )


def damage(situation: Situation) -> Array:
    """Money a month if every single answer were wrong."""
    return situation.once("damage", lambda: situation.inputs["requests_per_month"] * situation.inputs["cost_per_error"])


def monthly_benefit(situation: Situation, success: Array) -> Array:
    """Money a month at a success rate: right answers save work, wrong ones cost."""
    return success * worth_of_work(situation) - (1 - success) * damage(situation)


def months_of_use(situation: Situation, weeks: Array) -> Array:
    """Months within the horizon in which the option already works."""
    return np.maximum(situation.horizon_months - weeks / WEEKS_PER_MONTH, 0.0)


def break_even_rate(situation: Situation, total_cost: float, months: float) -> float | None:
    """From which success rate on the benefit covers the cost; None when not even 1 is enough."""
    worth, harm = situation.once("typical worth", lambda: (median(worth_of_work(situation)), median(damage(situation))))
    if months <= 0 or worth + harm <= 0:
        return None
    rate = (total_cost / months + harm) / (worth + harm)
    return rate if rate <= 1 else None
