"""Versions of the schema: which the program knows, and which a database has."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).parents[2] / "migrations"


def known_revisions() -> set[str]:
    """All revisions of this program."""
    return {script.revision for script in _scripts().walk_revisions()}


def current_revision(connection: Connection) -> str | None:
    """The revision of the database, None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision that this program needs."""
    head = _scripts().get_current_head()
    assert head is not None, "there is no migration"
    return head


def configuration(connection: Connection | None = None) -> Config:
    """What Alembic needs to run the migrations on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())
