"""Backup: one compressed file of JSON lines that any database and any newer version can take back."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, select

from app.store.db import Database
from app.store.revisions import current_revision

FORMAT = "lotse-backup-1"
BATCH = 500
# Counters and open viewings are not worth keeping; the revision stands in the first line.
SKIPPED = {"rate_counter", "viewing", "alembic_version"}
BACKUP_DAYS = 35  # those made before an upgrade


def backup(database: Database, target: Path) -> int:
    """Writes all rows of one moment, in whatever version the schema is. The number of rows. Nobody has to stop working meanwhile."""
    temporary = target.with_name(target.name + ".part")
    with database.reader.connect() as connection, gzip.open(temporary, "wt", encoding="utf-8") as file:
        temporary.chmod(0o600)
        if not database.is_sqlite:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        file.write(json.dumps({"format": FORMAT, "revision": current_revision(connection)}) + "\n")
        rows = 0
        for line in _lines(connection):
            file.write(line + "\n")
            rows += 1
        file.write(json.dumps({"rows": rows}) + "\n")
    temporary.replace(target)
    return rows


def kept_tables(connection: Connection) -> list[Table]:
    """The tables of a backup as they are in the database, each after those it refers to."""
    schema = MetaData()
    schema.reflect(connection)
    return [table for table in schema.sorted_tables if table.name not in SKIPPED]


def _lines(connection: Connection) -> Iterator[str]:
    for table in kept_tables(connection):
        for row in connection.execute(select(table), execution_options={"yield_per": BATCH}).mappings():
            yield json.dumps({"table": table.name, "row": {name: _plain(value) for name, value in row.items()}})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    return {"time": value.isoformat()} if isinstance(value, date) else value


def delete_old_backups(folder: Path, now: datetime) -> int:
    """Deletes backups made before an upgrade that have outlived their time. Their number."""
    oldest = (now - timedelta(days=BACKUP_DAYS)).timestamp()
    old = [file for file in folder.glob("before-upgrade-*") if file.stat().st_mtime < oldest]
    for file in old:
        file.unlink()
    return len(old)
