"""Work that few answers settle is kept for later decisions, and can see nothing but these answers."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.answers import read_answers
from app.domain.components import settled as module
from app.domain.components.compliance import review_lines
from app.domain.components.labour import operating
from app.domain.components.lines import Desk, PricedLine, summed
from app.domain.components.profile import Way
from app.domain.components.settled import settled
from app.domain.draws import Draws
from app.domain.inputs import prepare
from app.domain.situation import Situation
from app.knowledge import load_knowledge
from app.prices import price_book

DAY = date(2026, 11, 24)
WAY = Way("prompting", "api_eu", None)


def situation(**answers: object) -> Situation:
    knowledge = load_knowledge()
    read = read_answers({"task_type": "extraction", **answers})
    return prepare(read, knowledge, price_book(knowledge, DAY), DAY, Draws(64, 0))


def days(desk: Desk) -> list[PricedLine]:
    """A line for people of the stated team."""
    return list(operating(desk, WAY))


def test_the_same_answers_are_worked_out_once() -> None:
    first, again, other = (
        settled(Desk(situation(team=team, examples=examples)), "operating in a test", ("team",), days)
        for team, examples in (("ml_team", 1), ("ml_team", 99), ("none", 1))
    )
    assert first is again
    assert other is not first


def test_kept_work_still_names_its_draws() -> None:
    runs = [situation(team="ml_team"), situation(team="ml_team")]
    for run in runs:
        settled(Desk(run), "named draws in a test", ("team",), days)
    assert runs[0].draws.names == runs[1].draws.names
    assert "operation.prompting" in runs[1].draws.names


def test_work_sees_only_the_answers_it_names() -> None:
    with pytest.raises(AttributeError, match="team"):
        settled(Desk(situation(team="ml_team")), "too few answers in a test", (), days)


def test_inputs_are_no_part_of_it() -> None:
    with pytest.raises(KeyError):
        settled(Desk(situation()), "inputs in a test", ("error_risk",), review_lines)


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DRAWS_KEPT", 64 * module.ARRAYS_OF_A_BUNDLE * 3)
    for number in range(6):
        settled(Desk(situation(team="none")), f"room in a test {number}", ("team",), days)
    assert len(module._KEPT) <= 3


def test_it_equals_work_without_keeping() -> None:
    run = situation(team="strong_ml")
    kept = settled(Desk(run), "compared in a test", ("team",), days)
    assert kept.monthly == pytest.approx(summed(tuple(days(Desk(situation(team="strong_ml"))))).monthly)
