"""Whether the database and what it holds are sound."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select, text

from app.store.db import Database
from app.store.models import Report, Snapshot


def damaged_reports(database: Database) -> list[str]:
    """Public ids of reports whose stored decision no longer has the hash it was kept with."""
    with database.session() as session:
        rows = session.execute(
            select(Report.public_id, Report.decision_json, Report.decision_sha256).execution_options(yield_per=100)
        )
        return [name for name, body, digest in rows if hashlib.sha256(body.encode()).hexdigest() != digest]


def lost_snapshots(database: Database) -> int:
    """Number of reports that cannot be recomputed because their knowledge or prices are missing."""
    kept = select(Snapshot.hash)
    with database.session() as session:
        incomplete = ~Report.knowledge_hash.in_(kept) | ~Report.prices_hash.in_(kept)
        return session.scalar(select(func.count()).select_from(Report).where(incomplete)) or 0


def file_problem(database: Database) -> str:
    """What SQLite finds wrong with its file; empty when it is sound, and always on PostgreSQL, which checks itself."""
    if not database.is_sqlite:
        return ""
    with database.session() as session:
        found = str(session.scalar(text("PRAGMA quick_check(1)")))
    return "" if found == "ok" else found


def size_of(database: Database) -> int:
    """The size of the database in bytes."""
    query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with database.session() as session:
        return int(
            session.scalar(text(query if database.is_sqlite else "SELECT pg_database_size(current_database())")) or 0
        )
