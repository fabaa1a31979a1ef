"""What the daily search found on platforms with our tag although no launch accounts for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.store.models import Launch, Orphan


def note_orphan(session: Session, found: Orphan, now: datetime) -> None:
    """Notes that it was seen, for the first time or again."""
    same = (Orphan.platform == found.platform, Orphan.handle == found.handle)
    known = session.scalar(select(Orphan).where(*same))
    if known is None:
        known, found.found_at = found, now
        session.add(known)
    known.seen_at = now
    session.flush()


def orphans(session: Session, since: datetime | None = None) -> list[Orphan]:
    """All that were found, or those seen since a moment; the oldest first."""
    query = select(Orphan).order_by(Orphan.found_at)
    return list(session.scalars(query.where(Orphan.seen_at >= since) if since else query))


def recent_launches(session: Session, now: datetime, days: int, signed_in: Collection[str]) -> list[Launch]:
    """Launches of the last days that can sign in: without a pasted token, or with one that is still held (`signed_in`)."""
    able = or_(Launch.mode != "token", Launch.public_id.in_(signed_in))
    recent = select(Launch).where(Launch.created_at > now - timedelta(days=days), able)
    return list(session.scalars(recent.order_by(Launch.id.desc())))


def states_of(session: Session, public_ids: Iterable[str]) -> dict[str, str]:
    """The states of those launches that are ours."""
    rows = session.execute(select(Launch.public_id, Launch.state).where(Launch.public_id.in_(list(public_ids))))
    return {row.public_id: row.state for row in rows}
