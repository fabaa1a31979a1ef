"""Asks the price sources and keeps what they say. The only place that uses the network; no request of the web calls it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from app.errors import AppError
from app.prices.snapshots import folder_of, snapshot_on, store
from app.prices.source import Context, Snapshot, Source, all_sources
from app.prices.web import SourceFailed, SourceSkipped


class Outcome(NamedTuple):
    """What came of asking one source. `found` counts the prices, `last` is the snapshot that holds now, None where there never was one."""

    source: Source
    state: Literal["new", "same", "failed", "skipped"]
    found: int
    last: Snapshot | None
    problem: str = ""


def refresh(names: Iterable[str], context: Context, data_dir: Path) -> Iterator[Outcome]:
    """Asks the named sources, all where none is named; a source that fails keeps its last snapshot. Raises KeyError."""
    sources = all_sources()
    for name in tuple(names) or tuple(sources):
        yield _asked(sources[name], context, folder_of(data_dir))


def _asked(source: Source, context: Context, folder: Path) -> Outcome:
    try:
        count, new = _fetched(source, context, folder)
    except AppError as error:
        state: Literal["failed", "skipped"] = "skipped" if isinstance(error, SourceSkipped) else "failed"
        return Outcome(source, state, 0, snapshot_on(folder, source.name, context.today), error.says)
    return Outcome(source, "new" if new else "same", count, snapshot_on(folder, source.name, context.today))


def _fetched(source: Source, context: Context, folder: Path) -> tuple[int, bool]:
    """Fetches, tries the content out, and only then keeps it. Raises SourceFailed."""
    try:
        data = source.fetch(context)
        trial = Snapshot(source=source.name, since=context.today, checked=context.today, data=data)
        count = len(list(source.prices(trial, context.today, context.knowledge)))
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError, AttributeError, SyntaxError) as error:
        raise SourceFailed(
            "{title} answers in another form than known ({reason}).", "Report this; the last prices stay.",
            title=source.title, reason=f"{type(error).__name__}: {error}"[:200],
        ) from None  # fmt: skip
    if not count:
        raise SourceFailed("{title} holds none of the prices looked for.", "The last prices stay.", title=source.title)
    return count, store(folder, source.name, context.today, data)
