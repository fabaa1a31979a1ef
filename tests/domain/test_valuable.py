"""The most valuable question: what it promises comes true when its answer is given."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain import advice, valuable
from app.domain.answers import Answers, read_answers
from app.domain.core import Core, run
from app.domain.decision import NextQuestion
from app.domain.draws import Draws
from app.domain.tipping import candidates
from app.domain.values import FAMILY
from app.knowledge import load_knowledge
from app.prices import price_book

DAY = date(2026, 11, 24)
KNOWLEDGE = load_knowledge()
BOOK = price_book(KNOWLEDGE, DAY)
SETS = {
    "only the task": {"task_type": "document_qa"},
    "tickets": {"task_type": "classification", "repetitiveness": "high", "examples": 900},
    **{name: KNOWLEDGE.cases[name].answers for name in ("anterior-clinical", "agri-microsoft", "honeycomb-query")},
}


def _core(answers: Answers) -> Core:
    return run(answers, KNOWLEDGE, BOOK, DAY, Draws(valuable.GLANCE_DRAWS))


def _asked(answers: Answers) -> NextQuestion | None:
    core = _core(answers)
    return valuable.next_question(core, advice.verdict(core))


@pytest.mark.parametrize("name", SETS)
def test_the_named_answer_leads_to_the_named_way(name: str) -> None:
    answers = read_answers(SETS[name])
    before, found = _core(answers), _asked(answers)
    if found is None:
        pytest.skip("no open answer changes this advice")
    assert getattr(answers, found.key) is None
    named = found.values["option"].value
    winners = [_core(answers.model_copy(update={found.key: to})).order[0] for to in candidates(before)[found.key]]
    changed = [winner for winner in winners if FAMILY[winner] != FAMILY[before.order[0]]]
    assert named in {KNOWLEDGE.options[winner].label for winner in changed}
    assert 0 < found.gain <= 1


def test_some_of_these_have_a_question_worth_asking() -> None:
    assert sum(_asked(read_answers(answers)) is not None for answers in SETS.values()) >= 3


def test_a_question_that_was_answered_is_not_asked_again() -> None:
    answers = read_answers(SETS["agri-microsoft"])
    first = _asked(answers)
    assert first is not None
    ladder = candidates(_core(answers))[first.key]
    again = _asked(answers.model_copy(update={first.key: ladder[-1]}))
    assert again is None or again.key != first.key


def test_only_the_wanted_keys_are_considered() -> None:
    core = _core(read_answers(SETS["only the task"]))
    keys = {promise.key for promise in valuable.promises(core, advice.verdict(core), {"examples", "citations"})}
    assert keys <= {"examples", "citations"}
