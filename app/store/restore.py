"""Restore: takes a backup of this or an older version back, on either database."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, select

from app.errors import SettingError
from app.store.backup import BATCH, FORMAT, kept_tables
from app.store.db import Database
from app.store.deletions import end_again, ended_since
from app.store.migrate import lock_schema, upgrade
from app.store.revisions import known_revisions


def holds_data(database: Database) -> bool:
    """Whether a restore would overwrite something."""
    with database.reader.connect() as connection:
        return any(connection.scalar(select(func.count()).select_from(table)) for table in kept_tables(connection))


def restore(database: Database, source: Path) -> int:
    """Puts the rows of a backup in the place of everything there is, in one transaction. The number of rows.

    What was deleted or revoked since the backup stays so.
    """
    revision, rows = _check(source)
    with database.writer.begin() as connection:
        lock_schema(connection)
        ended = ended_since(connection)
        _drop_everything(connection)
        upgrade(connection, revision)
        _insert(connection, source)
        upgrade(connection, "head")
        end_again(connection, ended)
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


def _typed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "base64" in value:
        return b64decode(value["base64"])
    text = str(value["time"])
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
