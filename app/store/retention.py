"""What is deleted when: drafts, reports, keys, viewings, counters. Run by `lotse cleanup` and by the server once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from app.store.db import Database
from app.store.deletions import DELETION_DAYS
from app.store.launch_states import ACTIVE
from app.store.models import (
    Assessment,
    Deletion,
    IdempotencyKey,
    Launch,
    Orphan,
    RateCounter,
    Report,
    ShareLink,
    Snapshot,
    Viewing,
)

KEY_DAYS = 7
PORTION = 500
ENDED_LINK_DAYS = 30
ORPHAN_DAYS = 3  # after the daily search no longer found it


@dataclass(frozen=True)
class Deleted:
    """How many were deleted."""

    drafts: int
    reported: int


def clean(database: Database, now: datetime, draft_days: int, report_days: int) -> Deleted:
    """Deletes everything that has outlived its time, in portions, so that writers do not wait long."""
    total = Deleted(0, 0)
    while True:
        portion = database.transact(lambda session: delete_expired(session, now, draft_days, report_days))
        total = Deleted(total.drafts + portion.drafts, total.reported + portion.reported)
        if max(portion.drafts, portion.reported) < PORTION:
            return total


def delete_expired(session: Session, now: datetime, draft_days: int = 30, report_days: int = 180) -> Deleted:
    """Deletes drafts, and assessments with reports, that were not changed for so many days: one portion of each.

    A report with a link that still works is kept until that link ends, and one with a launch until nothing of it is left.
    """
    has_report = exists().where(Report.assessment_id == Assessment.id)
    live_link = (
        exists()
        .where(Report.assessment_id == Assessment.id)
        .where(ShareLink.report_id == Report.id, ShareLink.revoked_at.is_(None), ShareLink.expires_at > now)
    )
    live_launch = (
        exists()
        .where(Report.assessment_id == Assessment.id)
        .where(Launch.report_id == Report.id, Launch.state.in_(ACTIVE))
    )
    draft = ~has_report & (Assessment.updated_at < now - timedelta(days=draft_days))
    reported = has_report & ~live_link & ~live_launch & (Assessment.updated_at < now - timedelta(days=report_days))
    deleted = Deleted(_delete_all(session, draft), _delete_all(session, reported))
    _delete_leftovers(session, now)
    return deleted


def _delete_all(session: Session, condition: ColumnElement[bool]) -> int:
    # The database removes reports, links and keys with them.
    found = session.scalars(select(Assessment.id).where(condition).limit(PORTION)).all()
    # Once more with the condition: one of them may have been changed since.
    deleted = session.execute(delete(Assessment).where(Assessment.id.in_(found), condition).returning(Assessment.id))
    return len(deleted.all())


def _delete_leftovers(session: Session, now: datetime) -> None:
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - timedelta(days=KEY_DAYS)))
    session.execute(delete(Viewing).where(Viewing.expires_at < now))
    session.execute(delete(ShareLink).where(ShareLink.expires_at < now - timedelta(days=ENDED_LINK_DAYS)))
    session.execute(delete(RateCounter).where(RateCounter.expires_at < now))
    session.execute(delete(Deletion).where(Deletion.deleted_at < now - timedelta(days=DELETION_DAYS)))
    session.execute(delete(Orphan).where(Orphan.seen_at < now - timedelta(days=ORPHAN_DAYS)))
    used = select(Report.knowledge_hash).union(select(Report.prices_hash))
    # A snapshot just made may belong to a report that is being written.
    old = Snapshot.created_at < now - timedelta(days=1)
    session.execute(delete(Snapshot).where(Snapshot.hash.not_in(used), old))
