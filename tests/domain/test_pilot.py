"""A pilot's results: the posterior, what it changes in the advice, how many more cases decide."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.answers import read_answers
from app.domain.core import Core, run
from app.domain.decide import decide
from app.domain.decision import Decision
from app.domain.draws import Draws
from app.domain.pilot import Beta, Evidence, PilotResult, prior_of, updated
from app.domain.pilot_updates import cases_until_sure, evidence_of, needed
from app.knowledge import load_knowledge
from app.prices import price_book

DAY = date(2026, 11, 24)
KNOWLEDGE = load_knowledge()
BOOK = price_book(KNOWLEDGE, DAY)
ANSWERS = read_answers(KNOWLEDGE.examples["law-firm-contracts"].answers)


def _evidence(option: str, cases: int, successes: int) -> Evidence:
    return Evidence(results=(PilotResult(option=option, cases=cases, successes=successes),))


def _core(evidence: Evidence) -> Core:
    return run(ANSWERS, KNOWLEDGE, BOOK, DAY, Draws(512), evidence)


def test_quantiles_of_a_uniform_and_of_a_known_beta() -> None:
    shares = np.array([0.1, 0.5, 0.9])
    assert Beta(1, 1).quantiles(shares) == pytest.approx(shares, abs=1e-3)
    assert Beta(2, 1).quantiles(shares) == pytest.approx(np.sqrt(shares), abs=1e-3)
    assert Beta(1, 3).quantiles(shares) == pytest.approx(1 - (1 - shares) ** (1 / 3), abs=1e-3)


@given(st.integers(1, 1_000_000), st.floats(0, 1))
def test_quantiles_rise_and_stay_between_nothing_and_all(cases: int, share: float) -> None:
    found = Beta(8, 2).after(PilotResult(option="rag", cases=cases, successes=round(cases * share)))
    rates = found.quantiles(np.linspace(0.01, 0.99, 50))
    assert np.all(np.diff(rates) >= 0)
    assert rates[0] >= 0
    assert rates[-1] <= 1
    assert rates.mean() == pytest.approx(found.mean, abs=0.01)


def test_the_prior_has_mean_and_spread_of_the_draws_and_at_most_its_weight() -> None:
    draws = Beta(16, 4).quantiles((np.arange(4096) + 0.5) / 4096)
    found = prior_of(draws, 1000)
    assert (found.mean, found.weight) == (pytest.approx(0.8, abs=1e-3), pytest.approx(20, rel=0.02))
    assert prior_of(draws, 10).weight == 10


def test_a_large_pilot_outweighs_the_model_and_keeps_the_order_of_the_draws() -> None:
    draws = np.random.default_rng(1).uniform(0.6, 0.9, 1000)
    found = updated(draws, PilotResult(option="rag", cases=10_000, successes=4000), 10)
    assert found.mean() == pytest.approx(0.4, abs=0.002)
    assert np.all(np.argsort(found, kind="stable") == np.argsort(draws, kind="stable"))


def test_without_evidence_nothing_changes_and_nothing_is_said() -> None:
    plain = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core")
    assert decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core", evidence=Evidence()).as_json() == plain.as_json()
    assert "pilot_results" not in plain.as_json()


def test_a_bad_pilot_lowers_the_confidence_and_a_hopeless_one_changes_the_advice() -> None:
    plain = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core")
    option = plain.recommended.option
    bad = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core", evidence=_evidence(option, 50, 10))
    hopeless = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core", evidence=_evidence(option, 1000, 20))
    assert bad.recommended.confidence < plain.recommended.confidence
    assert hopeless.recommended.family != plain.recommended.family


def test_more_successes_never_make_an_option_less_probable() -> None:
    option = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core").recommended.option
    shares = [_core(_evidence(option, 40, successes)).options[option] for successes in (0, 10, 20, 30, 40)]
    assert shares == sorted(shares)


def test_the_decision_names_the_pilot_and_can_be_made_again_from_its_own_text() -> None:
    evidence = _evidence("rag", 60, 51)
    made = decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core", evidence=evidence)
    read = Decision.from_json(json.loads(made.as_json()))
    assert evidence_of(read) == evidence
    assert decide(ANSWERS, KNOWLEDGE, BOOK, DAY, depth="core", evidence=evidence_of(read)).as_json() == made.as_json()
    (update,) = made.pilot_results
    assert update.after.p10 < update.after.p50 < update.after.p90
    assert made.option("rag").success_rate == update.after


def test_the_rate_that_changes_the_advice_really_does() -> None:
    core = _core(Evidence())
    found = needed(core, core.order[0])
    assert found.flips_at is not None
    above, below = (_core(_evidence(core.order[0], 100_000, round(100_000 * (found.flips_at + step)))).order[0] for step in (0.03, -0.03))  # fmt: skip
    assert (above == core.order[0], below == core.order[0]) == (True, False)


def test_the_nearer_the_rate_the_more_cases_are_needed() -> None:
    now = Beta(8, 2)
    assert cases_until_sure(now, 0.78) > cases_until_sure(now, 0.7) >= cases_until_sure(now, 0.5) >= 1


@pytest.mark.parametrize("cases, successes", [(0, 0), (10, 11), (10, -1), (2_000_000, 1)])
def test_impossible_results_are_refused(cases: int, successes: int) -> None:
    with pytest.raises(ValidationError):
        PilotResult(option="rag", cases=cases, successes=successes)


def test_each_option_may_stand_in_the_evidence_once() -> None:
    with pytest.raises(ValidationError, match="once"):
        Evidence(
            results=(PilotResult(option="rag", cases=5, successes=1), PilotResult(option="rag", cases=5, successes=2))
        )
