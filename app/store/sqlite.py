"""The SQLite driver: the newest one at hand, and write-ahead logging only where it is free of a known corruption bug."""

from __future__ import annotations

import logging
import sqlite3
from types import ModuleType
from typing import Any

# Before this version a reset of the write-ahead log could corrupt the file when two connections wrote at once.
SAFE_WAL = (3, 51, 3)
BUSY_MILLISECONDS = 5000
logger = logging.getLogger(__name__)


def driver() -> ModuleType:
    """`pysqlite3` carries a current SQLite; the standard module is taken where that one is newer or alone."""
    try:
        from pysqlite3 import dbapi2  # noqa: PLC0415 -- absent on other systems than Linux
    except ImportError:
        return sqlite3
    own: ModuleType = dbapi2
    return own if version(own) >= version(sqlite3) else sqlite3


def version(module: ModuleType) -> tuple[int, ...]:
    """The version of SQLite behind a driver."""
    return tuple(int(part) for part in module.sqlite_version.split("."))


def journal_mode(module: ModuleType) -> str:
    """WAL where it is safe, else a rollback journal with a warning."""
    if version(module) >= SAFE_WAL:
        return "WAL"
    logger.warning("SQLite %s has a bug in WAL mode; using a rollback journal instead", module.sqlite_version)
    return "DELETE"


def prepare(connection: Any, journal: str, write: bool) -> None:
    """Sets the pragmas of a new connection. FULL: an acknowledged commit also survives a loss of power."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    if write:
        cursor.execute(f"PRAGMA journal_mode={journal}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted leaves no bytes in the file
    if not write:
        cursor.execute("PRAGMA query_only=ON")
    cursor.close()
