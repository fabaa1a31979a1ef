"""What every step of the engine works on: the answers, what follows from them, and the knowledge, prices and chances of this run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.draws import Array, Draws
from app.domain.knowledge import Knowledge
from app.domain.pilot import NO_EVIDENCE, Evidence

T = TypeVar("T")


@dataclass(frozen=True)
class Situation:
    """`facts`: plain values that conditions test (str, number, bool, list, None). `inputs`: sampled numbers, one array per name.

    Every input is either the user's answer (a point, or a narrow band) or the triangle of the parameter `prior.<name>`.
    """

    answers: Answers
    knowledge: Knowledge
    book: PriceBook
    as_of: date
    draws: Draws
    facts: dict[str, Any]
    inputs: dict[str, Array]
    currency: str
    horizon_months: int
    evidence: Evidence = NO_EVIDENCE  # results of the user's own pilots
    shared: dict[Any, Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # values worked out once

    def once(self, key: object, work: Callable[[], T]) -> T:
        """The result of some work, kept for whoever needs the same again in this run."""
        if key not in self.shared:
            self.shared[key] = work()
        return self.shared[key]  # type: ignore[no-any-return]

    def parameter(self, name: str) -> Array:
        """Samples of a parameter of the knowledge base. Raises KeyError when there is none of that name."""
        chosen = self.knowledge.parameters[name].on(self.as_of)
        return self.draws.triangle(name, chosen.low, chosen.mode, chosen.high)
