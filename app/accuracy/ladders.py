"""Published orders of decision as rules: each vendor's ladder and a naive one, from `data/ladders.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import yaml

from app.accuracy.agreement import Name, Scored, agreement, scored_class
from app.accuracy.measurements import FOLDER
from app.accuracy.scorecard import Agreement
from app.domain.conditions import Facts, holds
from app.domain.knowledge import Condition
from app.domain.messages import Frozen
from app.domain.values import Family
from app.locales import N_

N_("Naive rules")  # the one publisher that is no name


class LadderStep(Frozen):
    """The family that is chosen when the condition holds and no earlier one did."""

    when: Condition
    family: Family


class Ladder(Frozen):
    """One publisher's order of decision; `sources` are ids of evidence."""

    id: str
    publisher: str
    summary: str  # English gettext id: the order in a sentence
    sources: list[str]
    steps: list[LadderStep]
    otherwise: Family

    def decide(self, facts: Facts) -> Family:
        """The family of the first step that holds."""
        return next((step.family for step in self.steps if holds(step.when, facts)), self.otherwise)


@cache
def ladders() -> tuple[Ladder, ...]:
    """All ladders in the order of the file."""
    # The C loader of the safe kind: the file is our own, and has no tags.
    data = yaml.load((FOLDER / "ladders.yaml").read_bytes(), yaml.CSafeLoader)
    return tuple(Ladder.model_validate(item) for item in data["ladders"])


def ladder_agreements(cases: Sequence[Scored]) -> list[Agreement]:
    """How often each ladder gives the published decision."""
    return [_agreement(ladder, cases) for ladder in ladders()]


def _agreement(ladder: Ladder, cases: Sequence[Scored]) -> Agreement:
    name = Name(ladder.id, "ladder", ladder.publisher, tuple(ladder.sources))
    return agreement(name, cases, [scored_class(ladder.decide(case.case.answers)) for case in cases])
