"""What is deleted when, with a clock that travels."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.store import retention
from app.store.counters import DatabaseStorage
from app.store.db import Database
from app.store.models import Assessment, IdempotencyKey, RateCounter, ShareLink, Snapshot, Viewing
from app.store.repository import (
    Deleted,
    LinkTerms,
    create_assessment,
    create_share_link,
    freeze_report,
    open_share_link,
    revoke_share_link,
    save_answers,
    utc_now,
)
from tests.store.samples import knowledge, prices, sample_decision


def later(**time: float) -> datetime:
    return utc_now() + timedelta(**time)


def clean(database: Database, now: datetime) -> Deleted:
    return retention.clean(database, now, draft_days=30, report_days=180)


def count(database: Database, table: type) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def reported(database: Database, **link: int) -> None:
    with database.session(write=True) as session:
        assessment, _ = create_assessment(session, "de", {})
        report = freeze_report(session, assessment, sample_decision(), knowledge(), prices())
        if link:
            open_share_link(session, create_share_link(session, report, LinkTerms(**link), "token"))


def test_drafts_go_after_thirty_days(database: Database) -> None:
    with database.session(write=True) as session:
        assessment, _ = create_assessment(session, "de", {})
        save_answers(session, assessment, {"title": "x"}, 1, "k")
    assert clean(database, later(days=29.9)) == Deleted(0, 0)
    assert clean(database, later(days=30.1)) == Deleted(drafts=1, reported=0)
    assert (count(database, Assessment), count(database, IdempotencyKey)) == (0, 0)


def test_many_drafts_go_in_portions(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PORTION", 3)
    with database.session(write=True) as session:
        for _ in range(8):
            create_assessment(session, "de", {})
    assert clean(database, later(days=31)) == Deleted(drafts=8, reported=0)
    assert count(database, Assessment) == 0


def test_reports_go_after_half_a_year_and_their_snapshots_with_them(database: Database) -> None:
    reported(database)
    assert clean(database, later(days=179)) == Deleted(0, 0)
    assert clean(database, later(days=181)) == Deleted(drafts=0, reported=1)
    assert (count(database, Assessment), count(database, Snapshot)) == (0, 0)


def test_a_working_link_keeps_its_report(database: Database) -> None:
    reported(database, days=300)
    assert clean(database, later(days=299)) == Deleted(0, 0)
    assert count(database, Snapshot) == 2
    assert clean(database, later(days=301)) == Deleted(0, 1)


def test_a_revoked_link_keeps_nothing(database: Database) -> None:
    reported(database, days=300)
    with database.session(write=True) as session:
        link = session.scalars(select(ShareLink)).one()
        revoke_share_link(session, link.report, link.id)
    assert clean(database, later(days=181)) == Deleted(0, 1)


@pytest.mark.parametrize(("table", "hours"), [(Viewing, 8.1), (IdempotencyKey, 7 * 24 + 1), (ShareLink, 31 * 24 + 1)])
def test_leftovers_go(database: Database, table: type, hours: float) -> None:
    reported(database, days=1)
    with database.session(write=True) as session:
        save_answers(session, session.scalars(select(Assessment)).one(), {"title": "x"}, 1, "k")
    assert count(database, table) == 1
    clean(database, later(hours=hours - 2))
    assert count(database, table) == 1
    clean(database, later(hours=hours))
    assert count(database, table) == 0


def test_counters_go(database: Database) -> None:
    DatabaseStorage(database).incr("x", 3600)
    clean(database, later(minutes=59))
    assert count(database, RateCounter) == 1
    clean(database, later(minutes=61))
    assert count(database, RateCounter) == 0
