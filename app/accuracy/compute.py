"""The whole scorecard from the figures kept here, and what has got worse since the stored one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.accuracy.agreement import scored_cases
from app.accuracy.engine import decisions, engine_agreement, engine_part
from app.accuracy.ladders import ladder_agreements
from app.accuracy.learned import learned_agreements
from app.accuracy.scorecard import Quantity, Scorecard
from app.accuracy.sizing import score_sizing
from app.accuracy.statistics import statistical_agreements
from app.domain.catalogue import PriceBook
from app.domain.decide import ENGINE_VERSION
from app.domain.knowledge import Knowledge

# How much worse a figure may come out before it counts as worse: what different processors and one borderline case make.
FOLD_TOLERANCE = 0.01  # relative
SHARE_TOLERANCE = 0.011  # of 100 cases one may fall differently
CALIBRATION_TOLERANCE = 0.01
GOAL = (0.75, 0.85)  # share of the measurements that a 10-90 band should hold


def scorecard(knowledge: Knowledge, book: PriceBook, as_of: date) -> Scorecard:
    """Everything, with the rules and prices of a day."""
    cases = scored_cases(knowledge)
    made = decisions(cases, knowledge, book, as_of)
    learned = learned_agreements(cases, knowledge, book, as_of)
    return Scorecard(
        as_of=as_of.isoformat(), engine_version=ENGINE_VERSION, knowledge_hash=knowledge.hash, quantities=score_sizing(knowledge),
        agreements=[engine_agreement(cases, made), *learned, *statistical_agreements(cases), *ladder_agreements(cases)],
        engine=engine_part(cases, made),
    )  # fmt: skip


def worse(before: Scorecard, now: Scorecard) -> list[str]:
    """The figures that are worse than before by more than the tolerance, each as a line with both values."""
    return [*_worse_sizes(before, now), *_worse_advice(before, now)]


def _worse_sizes(before: Scorecard, now: Scorecard) -> Iterator[str]:
    for old, new in zip(before.quantities, now.quantities, strict=True):
        for figure in ("fold_median_of_sources", "pooled_median", "pooled_p90"):
            was, here = getattr(old, figure), getattr(new, figure)
            if here > was * (1 + FOLD_TOLERANCE):
                yield f"{new.name} {figure}: {was} -> {here}"
        if missed_band(new) > missed_band(old) + SHARE_TOLERANCE:
            yield f"{new.name} coverage: {old.coverage} -> {new.coverage}"
        if new.rows < old.rows or new.refused > old.refused:
            yield f"{new.name} refused: {old.refused} of {old.rows} -> {new.refused} of {new.rows}"


def missed_band(quantity: Quantity) -> float:
    """How far the coverage lies outside 75 to 85 %."""
    return max(GOAL[0] - quantity.coverage, quantity.coverage - GOAL[1], 0.0)


def _worse_advice(before: Scorecard, now: Scorecard) -> Iterator[str]:
    old, new = before.agreement("engine"), now.agreement("engine")
    for figure in ("exact", "acceptable", "kappa"):
        was, here = getattr(old, figure), getattr(new, figure)
        if here < was - (2 if figure == "kappa" else 1) * SHARE_TOLERANCE:
            yield f"advice {figure}: {was} -> {here}"
    if new.n < old.n:
        yield f"advice cases: {old.n} -> {new.n}"
    if now.engine.calibration_error > before.engine.calibration_error + CALIBRATION_TOLERANCE:
        yield f"advice calibration error: {before.engine.calibration_error} -> {now.engine.calibration_error}"
    if now.engine.residency[0] < now.engine.residency[1]:
        yield f"advice residency: respected in {now.engine.residency[0]} of {now.engine.residency[1]}"
