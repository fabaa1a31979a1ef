"""Brings the schema to the newest version, safely when several processes start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from app.errors import SettingError
from app.store.assessments import utc_now
from app.store.backup import backup
from app.store.db import Database
from app.store.revisions import configuration, current_revision, known_revisions, newest_revision

LOCK = 7_205_114  # any number: the advisory lock that all processes agree on


def migrate(database: Database, target: str = "head", backups: Path | None = None) -> None:
    """Applies the missing migrations in one transaction. What an older version left is first written to the folder `backups`.

    Raises SettingError when the database is newer than the program.
    """
    with database.writer.begin() as connection:
        lock_schema(connection)
        _refuse_newer(connection)
        revision = current_revision(connection)
        if backups and revision not in (None, newest_revision()):
            backups.mkdir(mode=0o700, parents=True, exist_ok=True)
            backup(database, backups / f"before-upgrade-of-{revision}-{utc_now():%Y%m%dT%H%M%S}.gz")
        upgrade(connection, target)


def lock_schema(connection: Connection) -> None:
    """Lets one process at a time change the schema. On SQLite the transaction itself does: it began as IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def upgrade(connection: Connection, target: str) -> None:
    """Runs the migrations up to a revision inside the open transaction."""
    command.upgrade(configuration(connection), target)


def at_head(database: Database) -> bool:
    """Whether the database has exactly the schema that this program needs."""
    with database.reader.connect() as connection:
        return current_revision(connection) == newest_revision()


def _refuse_newer(connection: Connection) -> None:
    revision = current_revision(connection)
    if revision is not None and revision not in known_revisions():
        raise SettingError(
            detail="The database was made by a newer version of Lotse (schema {revision}).",
            mend="Install that version, or restore a backup from before the upgrade.",
            revision=revision,
        )
