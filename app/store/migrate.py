"""Brings the schema to the newest version, safely when several processes start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.errors import SettingError
from app.store.db import Database

FOLDER = Path(__file__).parents[2] / "migrations"
LOCK = 7_205_114  # any number: the advisory lock that all processes agree on


def migrate(database: Database, target: str = "head") -> None:
    """Applies the missing migrations in one transaction. Raises SettingError when the database is newer than the program."""
    with database.writer.begin() as connection:
        lock_schema(connection)
        _refuse_newer(connection)
        upgrade(connection, target)


def lock_schema(connection: Connection) -> None:
    """Lets one process at a time change the schema. On SQLite the transaction itself does: it began as IMMEDIATE."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def upgrade(connection: Connection, target: str) -> None:
    """Runs the migrations up to a revision inside the open transaction."""
    command.upgrade(_config(connection), target)


def known_revisions() -> set[str]:
    """All revisions of this program."""
    return {script.revision for script in _scripts().walk_revisions()}


def current_revision(connection: Connection) -> str | None:
    """The revision of the database, None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def at_head(database: Database) -> bool:
    """Whether the database has exactly the schema that this program needs."""
    with database.reader.connect() as connection:
        return current_revision(connection) == newest_revision()


def newest_revision() -> str:
    """The revision that this program needs."""
    head = _scripts().get_current_head()
    assert head is not None, "there is no migration"
    return head


def _refuse_newer(connection: Connection) -> None:
    revision = current_revision(connection)
    if revision is not None and revision not in known_revisions():
        raise SettingError(
            detail="The database was made by a newer version of Lotse (schema {revision}).",
            mend="Install that version, or restore a backup from before the upgrade.",
            revision=revision,
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
