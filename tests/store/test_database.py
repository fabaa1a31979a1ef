"""The connections: pragmas, who may write, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.store import sqlite
from app.store.db import Database
from app.store.repository import create_assessment


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
