"""Migrations: forward on a populated database, by two processes at once, never backward."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from app.errors import SettingError
from app.store.db import Database
from app.store.migrate import at_head, migrate
from app.store.models import Base
from app.store.repository import assessment_by_token, create_share_link, report_for
from app.store.restore import restore
from app.store.revisions import known_revisions
from app.store.share_links import LinkTerms
from app.store.tokens import token_hash
from tests.conftest import BACKENDS, ROOT

OLD_ASSESSMENT = """
INSERT INTO assessment (public_id, token_hash, language, answers, changed, version, created_at, updated_at)
VALUES (:number, :hash, 'de', '{"task_type": "extraction", "title": "Äpfel"}', '{}', 1, '2026-01-02 03:04:05', '2026-01-02 03:04:05')
"""
OLD_REPORT = """
INSERT INTO report (assessment_id, number, public_id, answers, as_of, seed, draws, knowledge_hash, prices_hash, engine_version,
  decision_json, decision_sha256, note, created_at)
SELECT id, 1, public_id, answers, '2026-01-02', 0, 4096, 'k', 'p', '1', '{}', 'x', '', created_at FROM assessment
"""


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> Database:
    """A database without tables."""
    database = Database(new_database(request.param, migrated=False))
    request.addfinalizer(database.close)
    return database


def test_the_tables_are_those_of_the_models(empty: Database) -> None:
    migrate(empty)
    with empty.writer.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_constraint_has_a_name_that_a_migration_can_use(empty: Database) -> None:
    migrate(empty)
    found = inspect(empty.writer)
    for table in Base.metadata.tables:
        constraints = [
            found.get_pk_constraint(table),
            *found.get_foreign_keys(table),
            *found.get_unique_constraints(table),
        ]
        assert all(str(item["name"]).startswith(("pk_", "fk_", "uq_")) for item in constraints), table


def test_a_populated_database_keeps_every_row(empty: Database) -> None:
    migrate(empty, "0001")
    tokens = [f"token {number}" for number in range(300)]
    with empty.session(write=True) as session:
        session.execute(text(OLD_ASSESSMENT), [{"number": t, "hash": token_hash(t)} for t in tokens])
        session.execute(text(OLD_REPORT))
    assert not at_head(empty)
    migrate(empty)
    assert at_head(empty)
    with empty.session(write=True) as session:
        for token in tokens:
            assert assessment_by_token(session, token).answers["title"] == "Äpfel"
            report = report_for(session, f"{token}~1", None).report
        assert create_share_link(session, report, LinkTerms(), "works on old rows").id == 1


def test_a_backup_is_made_before_an_upgrade(empty: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    migrate(empty, "0001", backups=folder)
    assert not folder.exists(), "there was nothing to keep"
    with empty.session(write=True) as session:
        session.execute(text(OLD_ASSESSMENT), {"number": "one", "hash": token_hash("one")})
    for _ in range(2):  # the second time there is nothing to upgrade
        migrate(empty, backups=folder)
    (file,) = folder.iterdir()
    with empty.session(write=True) as session:
        session.execute(text("DELETE FROM assessment"))
    restore(empty, file)
    with empty.session() as session:
        assert assessment_by_token(session, "one").answers["title"] == "Äpfel"
    assert at_head(empty)


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(empty, "0001")
    before = set(inspect(empty.writer).get_table_names())
    with empty.session(write=True) as session:
        session.execute(text("CREATE TABLE rate_counter (key TEXT)"))  # in the way of the last migration
    with pytest.raises(Exception, match="rate_counter"):
        migrate(empty)
    assert set(inspect(empty.writer).get_table_names()) == before | {"rate_counter"}


def test_a_newer_database_is_refused(empty: Database) -> None:
    migrate(empty)
    with empty.session(write=True) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingError, match="newer version"):
        migrate(empty)


def test_revisions_are_numbered_without_gaps() -> None:
    assert known_revisions() == {f"{number:04}" for number in range(1, len(known_revisions()) + 1)}


@pytest.mark.parametrize("backend", BACKENDS)
def test_two_processes_may_start_at_once(backend: str, new_database: Callable[..., str]) -> None:
    url = new_database(backend, migrated=False)
    code = (
        "import sys; from app.store.db import Database; from app.store.migrate import migrate, at_head;"
        "database = Database(sys.argv[1]); migrate(database); assert at_head(database); database.close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
