"""Snapshots of the price sources in the data folder: one file for each day on which a source said something new.

`<data folder>/prices/<source>/<day>.json`. A source that fails leaves its last file as it is. Files are replaced whole, so a reader
never sees half a file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.errors import AppError
from app.prices.source import Snapshot


class SnapshotDamaged(AppError):
    """A stored snapshot cannot be read."""

    code, title = "snapshot_damaged", "Stored prices are damaged"


def folder_of(data_dir: Path) -> Path:
    """Where the snapshots lie."""
    return data_dir / "prices"


def snapshot_on(folder: Path, source: str, as_of: date) -> Snapshot | None:
    """The latest snapshot of a source that was taken on a day or before. Raises SnapshotDamaged."""
    days = [day for day in _days(folder / source) if day <= as_of]
    return _read(folder / source / f"{max(days)}.json") if days else None


def store(folder: Path, source: str, today: date, data: Any) -> bool:
    """Keeps what a source said today; whether it is new. The same as before only moves the day of the last check."""
    last = snapshot_on(folder, source, today)
    new = last is None or last.data != json.loads(json.dumps(data))
    since = today if new or last is None else last.since
    _write(
        folder / source / f"{since}.json",
        Snapshot(source=source, since=since, checked=today, data=data).model_dump(mode="json"),
    )
    return new


def stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """What changes whenever a snapshot does: the folders with the time of their last change, for files are replaced in them."""
    if not folder.is_dir():
        return ()
    return tuple(sorted((entry.path, entry.stat().st_mtime_ns) for entry in os.scandir(folder) if entry.is_dir()))


def _days(folder: Path) -> Iterator[date]:
    for path in folder.glob("????-??-??.json"):
        yield date.fromisoformat(path.stem)


def _read(path: Path) -> Snapshot:
    try:
        return Snapshot.model_validate_json(path.read_bytes())
    except (ValidationError, ValueError):
        raise SnapshotDamaged(
            "{path} cannot be read.", "Delete it and run lotse prices refresh.", path=str(path)
        ) from None


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")
    part.replace(path)
