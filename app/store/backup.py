"""Backup and restore: one compressed file of JSON lines that any database and any newer version can take back."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, inspect, select

from app.errors import SettingError
from app.store.db import Database
from app.store.migrate import current_revision, known_revisions, lock_schema, upgrade
from app.store.models import Base

FORMAT = "lotse-backup-1"
BATCH = 500
# Counters and open viewings are not worth keeping.
SKIPPED = {"rate_counter", "viewing"}


def backup(database: Database, target: Path) -> int:
    """Writes all rows of one moment. The number of rows. Nobody has to stop working meanwhile."""
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


def _lines(connection: Connection) -> Iterator[str]:
    for table in (table for table in Base.metadata.sorted_tables if table.name not in SKIPPED):
        for row in connection.execute(select(table), execution_options={"yield_per": BATCH}).mappings():
            yield json.dumps({"table": table.name, "row": {name: _plain(value) for name, value in row.items()}})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    return {"time": value.isoformat()} if isinstance(value, date) else value


def _typed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "base64" in value:
        return b64decode(value["base64"])
    text = str(value["time"])
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def holds_data(database: Database) -> bool:
    """Whether a restore would overwrite something."""
    with database.reader.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        kept = [table for table in Base.metadata.sorted_tables if table.name in tables - SKIPPED]
        return any(connection.scalar(select(func.count()).select_from(table)) for table in kept)


def restore(database: Database, source: Path) -> int:
    """Puts the rows of a backup in the place of everything there is, in one transaction. The number of rows."""
    revision, rows = _check(source)
    with database.writer.begin() as connection:
        lock_schema(connection)
        _drop_everything(connection)
        upgrade(connection, revision)
        _insert(connection, source)
        upgrade(connection, "head")
    return rows


def _check(source: Path) -> tuple[str, int]:
    """Reads the whole file before anything is touched: the schema it needs and the number of rows."""
    try:
        lines = _read(source)
        head, seen, last = next(lines), 0, {"rows": -1}
        for seen, last in enumerate(lines):  # noqa: B007 -- the last line counts the rows before it
            pass
        revision, rows = str(head["revision"]), int(last["rows"])
        if head["format"] != FORMAT or rows != seen:
            raise ValueError
    except (OSError, EOFError, zlib.error, ValueError, KeyError, StopIteration):
        raise SettingError(
            detail="{file} is not a complete backup.",
            mend="Choose another file; nothing was changed.",
            file=source.name,
        ) from None
    if revision not in known_revisions():
        raise SettingError(
            detail="This backup was made by a newer version of Lotse (schema {revision}).",
            mend="Install that version first; nothing was changed.",
            revision=revision,
        )
    return revision, rows


def _read(source: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _drop_everything(connection: Connection) -> None:
    existing = MetaData()
    existing.reflect(connection)
    existing.drop_all(connection)


def _insert(connection: Connection, source: Path) -> None:
    schema = MetaData()
    schema.reflect(connection)
    lines = (line for line in _read(source) if "table" in line)
    for name, group in groupby(lines, key=itemgetter("table")):  # in the file, tables stand after those they refer to
        table = schema.tables[name]
        while rows := [_row(table, line["row"]) for line in islice(group, BATCH)]:
            connection.execute(insert(table), rows)
    if connection.dialect.name == "postgresql":
        _move_sequences(connection, schema)


def _row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(table.columns[name].type, JSON) else _typed(value) for name, value in row.items()}


def _move_sequences(connection: Connection, schema: MetaData) -> None:
    """The next id comes after the restored ones."""
    for table in schema.sorted_tables:
        if "id" in table.columns:
            newest = connection.scalar(select(func.max(table.columns.id)))
            connection.execute(
                select(func.setval(func.pg_get_serial_sequence(table.name, "id"), newest or 1, newest is not None))
            )
