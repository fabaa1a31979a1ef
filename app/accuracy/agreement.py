"""How well decisions agree with the published ones: shares, kappa, confusion, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from app.accuracy.measurements import read_table
from app.accuracy.scorecard import Agreement, Bin, Kind
from app.domain.answers import Answers, read_answers
from app.domain.knowledge import Case, Knowledge

# No language model and continued pretraining are both rare; they are scored as one class.
NEITHER = "neither"
CLASSES = ("prompting", "rag", "fine_tuning", "rag_fine_tuning", NEITHER)
BINS = 5


@dataclass(frozen=True)
class Scored:
    """A published decision that counts: how sure it is, of whom, and whether the obvious choice had failed there."""

    case: Case
    group: str  # of one organisation: never on both sides of a cross-validation
    obvious_failed: bool

    @cached_property
    def answers(self) -> Answers:
        """Its facts as answers to the questionnaire."""
        return read_answers(self.case.answers)

    @property
    def published(self) -> str:
        """The class of what was chosen."""
        return scored_class(self.case.chosen)

    def accepts(self, given: str) -> bool:
        """Whether this equals the published decision or one that was acceptable as well."""
        return given in {self.published, *(scored_class(family) for family in self.case.also_acceptable)}


class Name(NamedTuple):
    """What a way to decide is called, what it is, and where it was published (ids of evidence)."""

    id: str
    kind: Kind
    label: str
    sources: tuple[str, ...] = ()


def scored_class(family: str) -> str:
    """The class in which a family is scored."""
    return family if family in CLASSES else NEITHER


def scored_cases(knowledge: Knowledge) -> list[Scored]:
    """The published decisions known well enough to score, in the order of their ids."""
    rows = {row["id"]: row for row in read_table("cases")}
    return [
        Scored(case, rows[case.id]["group"], rows[case.id]["obvious_choice_failed"] == "yes")
        for case in sorted(knowledge.cases.values(), key=lambda case: case.id)
        if case.confidence != "low" and case.id in rows
    ]


def agreement(name: Name, cases: Sequence[Scored], given: Sequence[str]) -> Agreement:
    """The figures of one way to decide: `given` holds its class for each case."""
    pairs = [(case.published, answer) for case, answer in zip(cases, given, strict=True)]
    sure = [pair for case, pair in zip(cases, pairs, strict=True) if case.case.confidence == "high"]
    hard = [pair for case, pair in zip(cases, pairs, strict=True) if case.obvious_failed]
    accepted = sum(case.accepts(answer) for case, answer in zip(cases, given, strict=True))
    fields: dict[str, Any] = {**name._asdict(), "sources": list(name.sources)}
    return Agreement(
        **fields, n=len(pairs), exact=share(pairs), acceptable=round(accepted / len(pairs), 3), kappa=round(kappa(pairs), 3),
        exact_high_confidence=share(sure), exact_obvious_failed=share(hard),
        recall={label: share([pair for pair in pairs if pair[0] == label]) for label in CLASSES},
        confusion=[(left, right, count) for (left, right), count in sorted(Counter(pairs).items())],
    )  # fmt: skip


def share(pairs: Sequence[tuple[str, str]]) -> float:
    """Share of equal pairs; 0 for none."""
    return round(sum(left == right for left, right in pairs) / max(len(pairs), 1), 3)


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Agreement beyond chance (Cohen 1960): 0 is chance, 1 is perfect."""
    count = len(pairs)
    agree = sum(left == right for left, right in pairs) / count
    lefts, rights = Counter(left for left, _ in pairs), Counter(right for _, right in pairs)
    chance = sum(lefts[label] * rights[label] for label in lefts) / count**2
    return (agree - chance) / (1 - chance) if chance < 1 else 1.0


def calibration(stated: Sequence[tuple[float, bool]]) -> tuple[float, list[Bin]]:
    """Expected calibration error over five equal bins, and the bins: stated confidence, and whether the advice was acceptable."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in stated:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    error = sum(abs(sum(c for c, _ in items) - sum(r for _, r in items)) for items in bins.values())
    return round(error / max(len(stated), 1), 3), [_bin(place, items) for place, items in sorted(bins.items())]


def _bin(place: int, items: list[tuple[float, bool]]) -> Bin:
    count = len(items)
    return Bin(
        low=place / BINS, high=(place + 1) / BINS, n=count, confidence=round(sum(c for c, _ in items) / count, 3),
        frequency=round(sum(right for _, right in items) / count, 3),
    )  # fmt: skip
