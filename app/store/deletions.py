"""What people deleted or revoked, and what launches did: remembered, so that restoring an older backup does not undo it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import Conflict, SettingError
from app.store.assessments import utc_now
from app.store.launch_states import ACTIVE
from app.store.launches import live
from app.store.models import Assessment, Deletion, Launch, ShareLink

DELETION_DAYS = 365  # for so long a deletion is remembered: no backup should be kept longer
# What happened on a platform is not undone by a restore: with the older state a launch could be sent a second time.
COURSE = (
    "state", "wish", "handle", "said", "result", "trouble", "attempts", "cost", "approved_by", "approval_hash",
    "next_at", "submitted_at", "started_at", "ended_at", "removed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """Deleted assessments by their public id, revoked links by the hash of their token, and launches with their course."""

    deletions: list[dict[str, object]]
    revoked: list[str]
    launches: list[dict[str, object]]


def delete_assessment(session: Session, assessment: Assessment) -> None:
    """Removes it wholly, with its reports, links and keys; remembers only its random number.

    Raises Conflict while a launch of it may still cost something: with its row we would forget how to stop it.
    """
    session.refresh(assessment, with_for_update=True)
    if live(session, assessment):
        raise Conflict(
            detail="A launch of this assessment may still exist on its platform.",
            mend="Stop it and remove everything first; it can be deleted as soon as the platform says that all is gone.",
        )
    session.add(Deletion(public_id=assessment.public_id, deleted_at=utc_now()))
    session.delete(assessment)
    session.flush()


def ended_since(connection: Connection) -> Ended:
    """What the database remembers now, before it is replaced; nothing in one of an older version."""
    tables = set(inspect(connection).get_table_names())
    deletions, revoked, launches = [], [], []
    if "deletion" in tables:
        deletions = [dict(row) for row in connection.execute(select(Deletion.__table__)).mappings()]
    if "share_link" in tables:
        revoked = list(connection.scalars(select(ShareLink.token_hash).where(ShareLink.revoked_at.is_not(None))))
    if "launch" in tables:
        columns = [Launch.__table__.c[name] for name in ("public_id", *COURSE)]
        launches = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    return Ended(deletions, revoked, launches)


def end_again(connection: Connection, ended: Ended) -> None:
    """Deletes and revokes the same once more, and takes launches to where they are. Raises SettingError if one would be forgotten."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for row in ended.deletions:
        connection.execute(dialect.insert(Deletion).values(row).on_conflict_do_nothing())
        connection.execute(delete(Assessment).where(Assessment.public_id == row["public_id"]))
    for token_hash in ended.revoked:
        open_link = (ShareLink.token_hash == token_hash) & ShareLink.revoked_at.is_(None)
        connection.execute(update(ShareLink).where(open_link).values(revoked_at=utc_now()))
    _go_on(connection, ended.launches)


def _go_on(connection: Connection, launches: list[dict[str, object]]) -> None:
    known = set(connection.scalars(select(Launch.public_id)))
    lost = [str(row["public_id"]) for row in launches if row["state"] in ACTIVE and row["public_id"] not in known]
    if lost:
        raise SettingError(
            detail="The backup does not know launches that may still cost something: {launches}.",
            mend="Stop them and remove everything first, or take a newer backup; nothing was changed.",
            launches=", ".join(lost),
        )
    for row in launches:
        course = {name: row[name] for name in COURSE} | {"lease": None, "lease_until": None}
        connection.execute(update(Launch).where(Launch.public_id == row["public_id"]).values(course))
