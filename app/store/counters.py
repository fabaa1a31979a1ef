"""Rate counters in the database, as storage of the `limits` package: they hold across processes and restarts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.store.assessments import utc_now
from app.store.db import Database
from app.store.models import RateCounter


class DatabaseStorage(Storage):
    """Fixed windows: a counter starts with the first event and ends `expiry` seconds later."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """Nothing is wrapped: errors of the database are handled like everywhere else."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts, in one statement, so that parallel requests cannot overtake the limit. The new count."""
        return self.database.transact(lambda session: _count(session, key, expiry, amount))

    def get(self, key: str) -> int:
        """The count of the current window."""
        counter = self._current(key)
        return counter.count if counter else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        counter = self._current(key)
        return counter.expires_at.timestamp() if counter else utc_now().timestamp()

    def _current(self, key: str) -> RateCounter | None:
        query = select(RateCounter).where(RateCounter.key == key, RateCounter.expires_at > utc_now())
        with self.database.session() as session:
            return session.scalar(query)

    def check(self) -> bool:
        """Whether the database answers."""
        return self.get("") == 0

    def reset(self) -> int | None:
        """Forgets all counters."""
        self.database.transact(lambda session: session.execute(delete(RateCounter)))
        return None

    def clear(self, key: str) -> None:
        """Forgets one counter."""
        self.database.transact(lambda session: session.execute(delete(RateCounter).where(RateCounter.key == key)))


def _count(session: Session, key: str, expiry: int, amount: int) -> int:
    now = utc_now()
    ends = now + timedelta(seconds=expiry)
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(RateCounter).values(key=key, count=amount, expires_at=ends)
    over = RateCounter.expires_at <= now
    statement = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((over, amount), else_=RateCounter.count + amount),
            "expires_at": case((over, insert.excluded.expires_at), else_=RateCounter.expires_at),
        },
    ).returning(RateCounter.count)
    return int(session.execute(statement).scalar_one())
