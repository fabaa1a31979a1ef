"""The connections: pragmas, who may write, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.store import sqlite
from app.store.db import Database
from app.store.repository import assessment_by_token, create_assessment, save_answers


def test_the_sqlite_at_hand_has_no_wal_bug() -> None:
    assert sqlite.version(sqlite.driver()) >= sqlite.SAFE_WAL
    assert sqlite.journal_mode(sqlite.driver()) == "WAL"


def test_an_older_sqlite_gets_a_rollback_journal(caplog: pytest.LogCaptureFixture) -> None:
    class Old:
        sqlite_version = "3.40.1"

    assert sqlite.journal_mode(Old()) == "DELETE"  # type: ignore[arg-type]
    assert "3.40.1" in caplog.text


@pytest.mark.parametrize("write", [True, False])
def test_pragmas(new_database: Callable[..., str], write: bool) -> None:
    database = Database(new_database("sqlite"))
    with database.session(write) as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete", "query_only")
        }
    database.close()
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1,
        "query_only": 0 if write else 1,
    }  # fmt: skip


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.session() as session:
        create_assessment(session, "de", {})
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM assessment")) == 0


def test_a_session_takes_the_writers_place_only_when_it_changes_something(database: Database) -> None:
    """While one request thinks, another one writes; both get through."""
    with database.session(write=True) as session:
        token = create_assessment(session, "de", {})[1]
    with database.session(write=True) as slow:
        seen = assessment_by_token(slow, token)
        with database.session(write=True) as quick:
            save_answers(quick, assessment_by_token(quick, token), {"title": "Quick"}, 1, "quick")
        save_answers(slow, seen, {"examples": 7}, 1, "slow")
    with database.session() as session:
        assert assessment_by_token(session, token).answers == {"title": "Quick", "examples": 7}


def test_a_change_without_a_lock_loses_nothing(database: Database) -> None:
    """Whoever changes what somebody else has changed since is told so, and `transact` tries again with what is current."""
    with database.session(write=True) as session:
        token = create_assessment(session, "de", {})[1]
    attempts: list[str] = []

    def work(session: Session) -> None:
        found = assessment_by_token(session, token)
        attempts.append(found.language)
        if len(attempts) == 1:
            with database.session(write=True) as other:
                assessment_by_token(other, token).language = "en"
        found.language += "!"

    database.transact(work)
    assert attempts == ["de", "en"]
    with database.session() as session:
        assert assessment_by_token(session, token).language == "en!"
