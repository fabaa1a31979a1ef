"""Assessments: nothing acknowledged is lost, nothing happens twice, two tabs do not overwrite one another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.errors import Conflict, NotFound
from app.store.db import Database
from app.store.models import Assessment, IdempotencyKey, Report, ShareLink, Viewing
from app.store.repository import (
    LinkTerms,
    Saved,
    assessment_by_token,
    create_assessment,
    create_share_link,
    delete_assessment,
    freeze_report,
    open_share_link,
    save_answers,
    set_expected,
)
from app.store.tokens import derived_token, new_token, token_hash
from tests.store.samples import knowledge, prices, sample_decision


def new(database: Database, **answers: Any) -> str:
    with database.session(write=True) as session:
        return create_assessment(session, "de", {"task_type": "extraction", **answers})[1]


def save(database: Database, token: str, version: int, key: str, **changes: Any) -> Saved:
    with database.session(write=True) as session:
        return save_answers(session, assessment_by_token(session, token), changes, version, key)


def answers_of(database: Database, token: str) -> dict[str, Any]:
    with database.session() as session:
        return assessment_by_token(session, token).answers


def test_answers_come_back_as_they_were_given(database: Database) -> None:
    given_answers = {
        "requests_per_month": 1e15,
        "examples": 3,
        "title": "Ähre €",
        "data_classes": ["personal"],
        "x": 1.0,
    }
    token = new(database, **given_answers)
    found = answers_of(database, token)
    assert found == {"task_type": "extraction", **given_answers}
    assert {name: type(value) for name, value in found.items()}["requests_per_month"] is float


def test_the_database_does_not_hold_the_token(database: Database) -> None:
    token = new(database)
    with database.session() as session:
        rows = [str(row) for row in session.execute(text("SELECT * FROM assessment"))]
    assert token not in "".join(rows)
    assert token_hash(token) in "".join(rows)
    assert len(token) == 43


def test_an_unknown_token_is_not_found(database: Database) -> None:
    with database.session() as session, pytest.raises(NotFound):
        assessment_by_token(session, new_token())


def test_none_clears_an_answer(database: Database) -> None:
    token = new(database, title="Draft")
    assert save(database, token, 1, "a", title=None, examples=40) == Saved(version=2)
    assert answers_of(database, token) == {"task_type": "extraction", "examples": 40}


def test_the_same_form_twice_has_one_effect(database: Database) -> None:
    token = new(database)
    first = save(database, token, 1, "key", title="One")
    save(database, token, 2, "other", title="Two")
    assert save(database, token, 1, "key", title="One") == Saved(version=first.version, repeated=True)
    assert answers_of(database, token)["title"] == "Two"


def test_the_same_key_with_other_content_is_a_conflict(database: Database) -> None:
    token = new(database)
    save(database, token, 1, "key", title="One")
    with pytest.raises(Conflict):
        save(database, token, 2, "key", title="Two")
    assert answers_of(database, token)["title"] == "One"


def test_two_tabs_with_different_questions_are_merged(database: Database) -> None:
    token = new(database)
    save(database, token, 1, "tab 1", title="One")
    save(database, token, 1, "tab 2", examples=7)
    assert answers_of(database, token) == {"task_type": "extraction", "title": "One", "examples": 7}


def test_two_tabs_with_the_same_question_conflict(database: Database) -> None:
    token = new(database)
    save(database, token, 1, "tab 1", title="Mine", examples=3)
    with pytest.raises(Conflict) as caught:
        save(database, token, 1, "tab 2", title="Yours", examples=3)
    assert caught.value.values == {"fields": {"title": {"mine": "Yours", "theirs": "Mine"}}, "version": 2}
    assert answers_of(database, token)["title"] == "Mine"
    assert save(database, token, 2, "tab 2, chosen", title="Yours").version == 3


def test_fifty_parallel_identical_submits_have_one_effect(database: Database) -> None:
    token = new(database)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: save(database, token, 1, "key", title="Once"), range(50)))
    assert [saved.version for saved in results] == [2] * 50
    assert sorted(saved.repeated for saved in results) == [False] + [True] * 49
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_fifty_parallel_creations_with_one_key_make_one_assessment(database: Database) -> None:
    token = derived_token("s" * 40, "key of the form")

    def create(_: int) -> str:
        return database.transact(lambda session: create_assessment(session, "de", {}, token)[0].public_id)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(create, range(50)))) == 1
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Assessment)) == 1


def test_parallel_changes_of_different_answers_are_all_kept(database: Database) -> None:
    token = new(database)
    keys = [f"k{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda key: save(database, token, 1, key, **{key: 1}).version, keys))
    assert sorted(versions) == list(range(2, 42))
    assert set(keys) <= set(answers_of(database, token))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["look", "send", "resend"]),
            st.integers(0, 1),
            st.sampled_from(["a", "b"]),
            st.integers(0, 2),
        ),
        max_size=14,
    )
)
def test_no_update_is_lost_without_a_conflict(database: Database, steps: list[tuple[str, int, str, int]]) -> None:
    """Two tabs in any order of looking, sending and sending again: who overwrites a value has seen it."""
    token = new(database)
    stored: dict[str, int] = {}
    seen = [(1, dict(stored)), (1, dict(stored))]
    sent: list[tuple[int, str, dict[str, int]]] = []
    for number, (action, tab, key, amount) in enumerate(steps):
        if action == "look":
            with database.session() as session:
                found = assessment_by_token(session, token)
                seen[tab] = (found.version, {k: v for k, v in found.answers.items() if k != "task_type"})
        elif action == "resend" and sent:
            version, form, changes = sent[-1]
            assert save(database, token, version, form, **changes).repeated
        elif action == "send":
            version, view = seen[tab]
            try:
                save(database, token, version, f"form {number}", **{key: amount})
            except Conflict:
                assert stored.get(key) != view.get(key), "a conflict only where the value is not the one on the page"
            else:
                stored[key] = amount
                sent.append((version, f"form {number}", {key: amount}))
        assert {k: v for k, v in answers_of(database, token).items() if k != "task_type"} == stored


def test_what_the_user_expected_is_kept(database: Database) -> None:
    token = new(database)
    with database.session(write=True) as session:
        set_expected(session, assessment_by_token(session, token), "rag")
    with database.session() as session:
        assert assessment_by_token(session, token).expected == "rag"


def test_deleting_leaves_nothing(database: Database) -> None:
    token = new(database)
    with database.session(write=True) as session:
        assessment = assessment_by_token(session, token)
        report = freeze_report(session, assessment, sample_decision(), knowledge(), prices(), key="k")
        open_share_link(session, create_share_link(session, report, LinkTerms(), new_token()))
    with database.session(write=True) as session:
        delete_assessment(session, assessment_by_token(session, token))
    with database.session() as session:
        for table in (Assessment, Report, ShareLink, Viewing, IdempotencyKey):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table.__tablename__
