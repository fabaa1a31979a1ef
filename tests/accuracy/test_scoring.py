"""The definitions of the figures, worked out by hand on small examples."""

from __future__ import annotations

import pytest

from app.accuracy.agreement import Name, Scored, agreement, calibration, kappa, scored_cases
from app.accuracy.ladders import ladder_agreements, ladders
from app.accuracy.measurements import QUANTITIES, Measurement, measurements
from app.accuracy.sizing import Compared, ninth_tenth, summary
from app.accuracy.statistics import cross_validated, folds
from app.domain.answers import KEYS
from app.domain.conditions import facts_of
from app.knowledge import load_knowledge

CASES = scored_cases(load_knowledge())


def _compared(published: float, predicted: float, source: str, inside: bool = True) -> Compared:
    return Compared(Measurement("x", {}, published, True, source), predicted, inside)


def test_a_fold_counts_both_directions_alike() -> None:
    assert _compared(100, 50, "a").fold == _compared(50, 100, "a").fold == 2


def test_the_headline_is_the_median_over_sources_and_a_refusal_is_counted() -> None:
    rows = [_compared(10, 11, "a/tree/one"), _compared(10, 11, "a/tree/two"), _compared(10, 11, "a/blob/x"), _compared(10, 20, "b", False), _compared(10, 40, "c", False)]  # fmt: skip
    found = summary("memory", 6, rows)
    assert (found.fold_median_of_sources, found.pooled_median, found.pooled_p90) == (2.0, 1.1, 4.0)
    assert (found.coverage, found.refused, len(found.sources)) == (0.6, 1, 3)


def test_nine_tenths_without_interpolation() -> None:
    assert ninth_tenth([float(value) for value in range(10, 0, -1)]) == 10.0


def test_kappa_is_zero_by_chance_and_one_when_all_agree() -> None:
    assert kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == 0
    assert kappa([("a", "a"), ("b", "b")]) == 1


def test_calibration_weighs_bins_by_their_cases() -> None:
    error, bins = calibration([(0.9, True), (0.9, True), (0.9, False), (0.3, False)])
    assert error == pytest.approx((abs(2.7 - 2) + abs(0.3 - 0)) / 4, abs=1e-3)
    assert [(item.low, item.n) for item in bins] == [(0.2, 1), (0.8, 3)]


def test_what_the_authors_accept_counts_as_acceptable_and_not_as_equal() -> None:
    case = next(item for item in CASES if item.case.also_acceptable)
    other = next(name for name in case.case.also_acceptable if name != case.case.chosen)
    found = agreement(Name("x", "ladder", "x"), [case], [other])
    assert (found.exact, found.acceptable) == (0, 1)


def test_the_naive_rules_give_what_they_gave_when_first_published() -> None:
    naive = next(item for item in ladder_agreements(CASES) if item.id == "naive")
    assert (naive.n, naive.exact, naive.acceptable) == (100, 0.59, 0.77)


def test_ladders_ask_for_answers_only_and_cite_evidence() -> None:
    known = load_knowledge().evidence
    for ladder in ladders():
        assert {name for step in ladder.steps for name in facts_of(step.when)} <= set(KEYS), ladder.id
        assert [source for source in ladder.sources if source not in known] == [], ladder.id
        assert ladder.sources or ladder.id == "naive"


def test_no_organisation_is_on_both_sides_of_the_cross_validation() -> None:
    parts = [{CASES[place].group for place in part} for part in folds(CASES)]
    assert sum(len(part) for part in parts) == len({case.group for case in CASES})

    def groups_known(cases: list[Scored], known: list[int], asked: list[int]) -> list[str]:
        seen = {cases[place].group for place in known}
        return ["seen" if cases[place].group in seen else "new" for place in asked]

    assert set(cross_validated(CASES, groups_known)) == {"new"}  # type: ignore[arg-type]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_measurement_names_its_source_once(quantity: str) -> None:
    rows = measurements(quantity)
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.source.startswith("https://") and row.published > 0 for row in rows)
    unofficial = [
        row for row in rows if "mlcommons/training_results" in row.source or "inference_results_v4.1" in row.source
    ]
    assert not any(row.verified for row in unofficial)
