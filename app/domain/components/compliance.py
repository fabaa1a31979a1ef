"""Work for data protection, approval and the AI Act; checks by people where an error weighs heavily; data leaving the cloud."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.components.lines import MONTHS_PER_YEAR, Desk, PricedLine
from app.domain.components.profile import IN_EU, Way, requests
from app.domain.statistics import Amount

ANSWERS = ("data_classes", "sector", "annex_iii")  # that the days depend on
RATE = "labour.data_protection.day"
SENSITIVE = frozenset(("special_category", "professional_secret", "social_data", "classified"))
REGULATED = ("finance", "health", "legal_tax", "public")
KB_PER_GB, MINUTES = 1e6, 60.0


def compliance_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Person-days once, and a share of them every year."""
    days = compliance_days(desk, way)
    yield desk.line("compliance.first", "one_off", days, RATE, label="Data protection, law and approval")
    yearly = days * desk.parameter("compliance.yearly") / MONTHS_PER_YEAR
    yield desk.line("compliance.upkeep", "monthly", yearly, RATE, label="Data protection, law and approval: upkeep")


def depends(way: Way) -> tuple[bool, bool, bool]:
    """What of a way the days depend on."""
    return way.model is None, way.hosting in IN_EU, way.tuned


def compliance_days(desk: Desk, way: Way) -> Amount:
    """Person-days by the data, the place, the sector and the use."""
    answers = desk.situation.answers
    classes = set(answers.data_classes or ())
    personal = bool(classes - {"public", "internal", "confidential"})
    parts = ["base"]
    if personal:
        parts.append("sensitive" if classes & SENSITIVE else "personal")
    if way.model is not None:
        parts += ["transfer"] if personal and way.hosting not in IN_EU else []
        parts += ["training_data"] if way.tuned and (personal or not classes) else []
        parts += ["sector"] if answers.sector in REGULATED else []
        parts += ["annex_iii"] if answers.annex_iii == "yes" else []
    days: Amount = 0.0
    for part in parts:
        days = days + desk.parameter(f"compliance.{part}")
    return days


def review_lines(desk: Desk) -> Iterator[PricedLine]:
    """Answers that a person checks: share x minutes x cost of an hour."""
    share = desk.parameter(f"review.{desk.situation.answers.error_risk or 'low'}")
    minutes = desk.input("minutes_saved_per_request") * desk.parameter("review.effort")
    hours = desk.input("requests_per_month") * share * minutes / MINUTES
    amount = hours * desk.input("hourly_cost")
    yield PricedLine(
        key="review.people",
        label="Answers checked by people",
        group="review",
        timing="monthly",
        unit="hours",
        quantity=hours,
        amount=amount,
    )


def egress_lines(desk: Desk) -> Iterator[PricedLine]:
    """Data that leave the cloud."""
    volume = requests(desk) * desk.parameter("egress.per_request")
    yield desk.line("operation.egress", "monthly", volume, "egress.data", KB_PER_GB, label="Data leaving the cloud")
