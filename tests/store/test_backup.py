"""Backup and restore: every row comes back, on the other database too; a damaged file changes nothing."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import Gone, NotFound, SettingError
from app.store.backup import BACKUP_DAYS, backup, delete_old_backups
from app.store.checks import damaged_reports, file_problem, lost_snapshots, size_of
from app.store.db import Database
from app.store.migrate import at_head
from app.store.models import Launch
from app.store.repository import (
    LinkTerms,
    assessment_by_token,
    create_assessment,
    create_share_link,
    delete_assessment,
    freeze_report,
    knowledge_of,
    report_for,
    revoke_share_link,
    share_link_by_token,
    utc_now,
)
from app.store.restore import holds_data, restore
from tests.conftest import BACKENDS
from tests.runs.toy import seen, stored
from tests.store.samples import knowledge, prices, sample_decision


@pytest.fixture
def token(database: Database) -> str:
    with database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", {"title": "Äpfel", "multi_document_share": 0.5})
        report = freeze_report(session, assessment, sample_decision(), knowledge(), prices(), key="k")
        create_share_link(session, report, LinkTerms(label="Vorstand"), "link")
    return token


@pytest.mark.parametrize("target", BACKENDS)
def test_everything_comes_back_on_any_database(
    database: Database, token: str, target: str, new_database: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "backup.gz"
    rows = backup(database, file)
    assert file.stat().st_mode & 0o777 == 0o600
    other = Database(new_database(target))
    assert not holds_data(other)
    assert restore(other, file) == rows == 6
    assert at_head(other)
    with other.session(write=True) as session:
        old = report_for(session, f"{token}~1", None).report
        assert old.decision_json == sample_decision().as_json()
        assert knowledge_of(session, old) == knowledge()
        assert share_link_by_token(session, "link").label == "Vorstand"
        assert assessment_by_token(session, token).answers == {"title": "Äpfel", "multi_document_share": 0.5}
        assert create_assessment(session, "de", {})[0].id > old.assessment_id
    assert (damaged_reports(other), lost_snapshots(other), file_problem(other)) == ([], 0, "")
    assert size_of(other) > 10_000
    other.close()


def _rewrite(file: Path, change: Callable[[list[str]], list[str]]) -> None:
    with gzip.open(file, "rt") as old:
        lines = old.readlines()
    with gzip.open(file, "wt") as new:
        new.writelines(change(lines))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda file: file.write_bytes(file.read_bytes()[:-40]),
    "empty": lambda file: file.write_bytes(b""),
    "not packed": lambda file: file.write_text("hello"),
    "a line lost": lambda file: _rewrite(file, lambda lines: lines[:2] + lines[3:]),
    "end lost": lambda file: _rewrite(file, lambda lines: lines[:-1]),
    "newer": lambda file: _rewrite(
        file, lambda lines: [json.dumps({"format": "lotse-backup-1", "revision": "9999"}) + "\n", *lines[1:]]
    ),
    "absent": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_changes_nothing(database: Database, token: str, damage: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    backup(database, file)
    DAMAGES[damage](file)
    with pytest.raises(SettingError, match="nothing was changed"):
        restore(database, file)
    with database.session() as session:
        assert assessment_by_token(session, token).answers["title"] == "Äpfel"


def test_a_restore_that_breaks_off_changes_nothing(database: Database, token: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    backup(database, file)
    _rewrite(file, lambda lines: [line.replace('"number": 1', '"number": null') for line in lines])
    with pytest.raises(Exception, match="number"):
        restore(database, file)
    with database.session() as session:
        assert report_for(session, f"{token}~1", None).author


def test_what_was_deleted_since_the_backup_stays_deleted(database: Database, token: str, tmp_path: Path) -> None:
    file, kept = tmp_path / "backup.gz", "kept"
    with database.session(write=True) as session:
        create_assessment(session, "de", {"title": "Birnen"}, kept)
    backup(database, file)
    with database.session(write=True) as session:
        delete_assessment(session, assessment_by_token(session, token))
    for _ in range(2):  # what a restore remembers is remembered by the next one too
        restore(database, file)
        with database.session() as session:
            assert assessment_by_token(session, kept).answers == {"title": "Birnen"}
            with pytest.raises(NotFound):
                assessment_by_token(session, token)


def test_a_link_revoked_since_the_backup_stays_revoked(database: Database, token: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    backup(database, file)
    with database.session(write=True) as session:
        report = report_for(session, f"{token}~1", None).report
        revoke_share_link(session, report, share_link_by_token(session, "link").id)
    restore(database, file)
    with database.session() as session, pytest.raises(Gone):
        share_link_by_token(session, "link")


def test_backups_made_before_an_upgrade_are_deleted_after_a_time(tmp_path: Path) -> None:
    old, new, own = (tmp_path / name for name in ("before-upgrade-of-1.gz", "before-upgrade-of-2.gz", "mine.gz"))
    for file in (old, new, own):
        file.touch()
    past = (utc_now() - timedelta(days=BACKUP_DAYS + 1)).timestamp()
    for file in (old, own):
        os.utime(file, (past, past))
    assert delete_old_backups(tmp_path, utc_now()) == 1
    assert {file.name for file in tmp_path.iterdir()} == {new.name, own.name}
    assert delete_old_backups(tmp_path / "absent", utc_now()) == 0


def test_a_launch_stays_where_it_is(database: Database, tmp_path: Path) -> None:
    """With its older state it could be sent a second time, or would run on although somebody stopped it."""
    name = stored(database)
    backup(database, tmp_path / "b.gz")
    with database.session(write=True) as session:
        launch = session.query(Launch).one()
        launch.state, launch.wish, launch.handle, launch.submitted_at = "torn_down", "remove", "job-1", utc_now()
    restore(database, tmp_path / "b.gz")
    launch = seen(database, name)
    assert (launch.state, launch.wish, launch.handle) == ("torn_down", "remove", "job-1")
    assert launch.submitted_at


def test_a_launch_that_may_still_cost_is_not_forgotten(database: Database, token: str, tmp_path: Path) -> None:
    backup(database, tmp_path / "b.gz")
    name = stored(database)
    with pytest.raises(SettingError, match="launch"):
        restore(database, tmp_path / "b.gz")
    assert seen(database, name).state == "approved"
