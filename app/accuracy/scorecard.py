"""What the scorecard says: one class per part. Figures are stored as published and compared with those of the next run."""

from __future__ import annotations

from functools import cache
from typing import Literal

from app.accuracy.measurements import FOLDER
from app.domain.messages import Frozen, Message
from app.domain.values import Family

Kind = Literal["engine", "learned", "ladder", "statistics"]
STORED = FOLDER / "scorecard.json"


class Publication(Frozen):
    """One source of measurements: how many of its rows were estimated, and how well."""

    url: str
    rows: int
    fold_median: float
    fold_p90: float
    coverage: float  # share of the measurements inside the stated 10-90 band
    verified: bool


class Quantity(Frozen):
    """Training, memory or serving. Fold: the larger of predicted/published and published/predicted."""

    name: str
    unit: str
    rows: int
    refused: int
    fold_median_of_sources: float
    pooled_median: float
    pooled_p90: float
    coverage: float
    sources: list[Publication]
    points: list[tuple[float, float]]  # published, predicted


class Agreement(Frozen):
    """How well a way to decide agrees with the published decisions; all shares from 0 to 1.

    `acceptable` counts what the authors of a case would also have accepted. `confusion`: published, given, number of cases.
    """

    id: str
    kind: Kind
    label: str
    sources: list[str] = []
    n: int
    exact: float
    acceptable: float
    kappa: float
    exact_high_confidence: float
    exact_obvious_failed: float
    recall: dict[str, float]
    confusion: list[tuple[str, str, int]]


class Bin(Frozen):
    """Advice whose stated confidence lies between low and high: how many, the mean confidence, how often it was right."""

    low: float
    high: float
    n: int
    confidence: float
    frequency: float


class Miss(Frozen):
    """A published decision that the advice does not equal, with the engine's reasons."""

    case: str
    published: Family
    advised: Family
    acceptable: bool
    confidence: float
    probability_published: float
    why: list[Message]  # for the advice
    against: list[Message]  # against the published way: what excludes it or speaks against it


class Engine(Frozen):
    """What only the engine states besides its advice."""

    top_two: float
    on_premises: tuple[int, int]  # advice on the own premises, of the cases that ask for it
    residency: tuple[int, int]  # advice in an allowed place, of the cases that name one
    calibration_error: float
    bins: list[Bin]
    misses: list[Miss]


class Scorecard(Frozen):
    """Everything `/accuracy` shows. `as_of` is the day of rules and prices."""

    as_of: str
    engine_version: str
    knowledge_hash: str
    quantities: list[Quantity]
    agreements: list[Agreement]  # the engine first
    engine: Engine

    def agreement(self, name: str) -> Agreement:
        """One way to decide, by its id. Raises StopIteration."""
        return next(item for item in self.agreements if item.id == name)


@cache
def stored() -> Scorecard:
    """The scorecard as last published."""
    return Scorecard.model_validate_json(STORED.read_bytes())


def as_text(scorecard: Scorecard) -> str:
    """The stored form: one line per part, so that a difference can be read."""
    text = scorecard.model_dump_json(indent=None, exclude={"engine": {"misses": {"__all__": _SAYS}}})
    return text + "\n"


_SAYS = {"why": {"__all__": {"says"}}, "against": {"__all__": {"says"}}}
