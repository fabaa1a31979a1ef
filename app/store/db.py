"""Connections: one writer and many readers on SQLite, a pool on PostgreSQL; one session per request, committed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.errors import SettingError
from app.store import sqlite
from app.store.sessions import LateWriting

Result = TypeVar("Result")
READERS, WRITERS = 20, 12  # sessions at the same time on SQLite; of the writers, one at a time writes
POSTGRES_POOL = 10
TIMEOUT_SECONDS = 5
WAIT_SECONDS = 30  # for one's turn when many people work at once
# PostgreSQL asks to try again after a serialisation failure and after a deadlock.
TRANSIENT = {"40001", "40P01"}
ATTEMPTS = 3


class Database:
    """One database. Readers cannot write: SQLite connections are query-only, PostgreSQL transactions read-only."""

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.reader, self.writer = _sqlite_engines(url) if self.is_sqlite else _postgres_engines(url)
        # With a rollback journal a reader would block the writer of the same session.
        self._late = self.is_sqlite and sqlite.version(sqlite.driver()) >= sqlite.SAFE_WAL
        self.readers, self.writers = (READERS, WRITERS) if self.is_sqlite else (POSTGRES_POOL, POSTGRES_POOL)

    def new_session(self, write: bool) -> Session:
        """A session that connects on its first query; the caller commits and closes it."""
        if write and self._late:
            return LateWriting(self.reader, self.writer)
        return Session(self.writer if write else self.reader, expire_on_commit=False)

    @contextmanager
    def session(self, write: bool = False) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back on an error."""
        with self.new_session(write) as session:
            yield session
            session.commit()

    def transact(self, work: Callable[[Session], Result]) -> Result:
        """Runs `work` in a transaction of its own, again when the database asks for it."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.session(write=True) as session:
                    return work(session)
            except (DBAPIError, StaleDataError) as error:
                if attempt == ATTEMPTS or not is_transient(error):
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Closes all connections."""
        self.reader.dispose()
        self.writer.dispose()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError(
            detail="DATABASE_URL is not the address of a database that Lotse can use.",
            mend="Write it like postgresql://user:password@host/name, or remove it to use SQLite.",
        )
    return parsed


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Turns a database that cannot be reached or opened into one sentence. Raises SettingError."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0].rstrip(".")
        raise SettingError(
            detail="{what} cannot be used: {reason}.",
            mend="Check that it exists, runs and may be written.",
            what=f"The database {database.url.database}" if database.is_sqlite else "DATABASE_URL",
            reason=reason,
        ) from None


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    if isinstance(error, StaleDataError):  # somebody was faster; what is read now is current
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in TRANSIENT


def _sqlite_engines(url: str) -> tuple[Engine, Engine]:
    module = sqlite.driver()
    journal = sqlite.journal_mode(module)
    make_folder(Path(make_url(url).database or "").parent)
    # One connection writes: waiting writers queue in the pool instead of polling the lock of the file.
    reading = _sqlite_engine(url, module, journal, READERS + WRITERS, False)
    return reading, _sqlite_engine(url, module, journal, 1, True)


def make_folder(folder: Path) -> None:
    """Makes the data folder, readable by its owner alone. Raises SettingError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(
            detail="LOTSE_DATA_DIR: the folder {folder} cannot be made: {reason}.",
            mend="Choose a folder that may be written.",
            folder=folder,
            reason=(error.strerror or "unknown reason").lower(),
        ) from None


def _sqlite_engine(url: str, module: Any, journal: str, size: int, write: bool) -> Engine:
    # The driver must not open transactions by itself: it does so too late and never as IMMEDIATE.
    options = {"isolation_level": None, "check_same_thread": False}
    engine = create_engine(
        url,
        module=module,
        connect_args=options,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
    )
    event.listen(engine, "connect", lambda connection, _: sqlite.prepare(connection, journal, write))
    begin = "BEGIN IMMEDIATE" if write else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _postgres_engines(url: str) -> tuple[Engine, Engine]:
    milliseconds = TIMEOUT_SECONDS * 1000
    options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c timezone=UTC"
    engine = create_engine(
        url,
        connect_args={"options": options, "connect_timeout": TIMEOUT_SECONDS, "application_name": "lotse"},
        pool_size=POSTGRES_POOL,
        max_overflow=POSTGRES_POOL,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,  # answers belong in no log
    )
    return engine.execution_options(postgresql_readonly=True), engine
