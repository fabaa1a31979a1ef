"""The price books in use: built once for a day, and again when a snapshot or the file of own prices has changed."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from pathlib import Path
from threading import Lock

from app.domain.catalogue import PriceBook
from app.domain.knowledge import Knowledge
from app.prices.catalogue import Additions, build
from app.prices.own import read_own_prices
from app.prices.snapshots import folder_of, snapshot_on, stamp
from app.prices.source import all_sources

_BOOKS: OrderedDict[tuple[object, ...], PriceBook] = OrderedDict()
_LOCK = Lock()
_KEPT = 64


def price_book(
    knowledge: Knowledge, as_of: date, data_dir: Path | None = None, own_prices: Path | None = None
) -> PriceBook:
    """All prices in force on a day, kept for the next call.

    `data_dir` adds the snapshots of the price sources, `own_prices` the customer's own; without them the book is that of the knowledge base.
    Raises KnowledgeError, OwnPricesInvalid, SnapshotDamaged.
    """
    snapshots = stamp(folder_of(data_dir)) if data_dir else ()
    own = (
        (str(own_prices), own_prices.stat().st_mtime_ns)
        if own_prices and own_prices.is_file()
        else (str(own_prices), 0)
    )
    wanted = (knowledge.hash, as_of, snapshots, own)
    with _LOCK:
        book = _BOOKS.get(wanted)
    if book is None:
        book = build(knowledge, as_of, additions_on(as_of, data_dir, own_prices))
        _keep(wanted, book)
    return book


def additions_on(as_of: date, data_dir: Path | None, own_prices: Path | None) -> Additions:
    """What an installation adds to the knowledge base on a day."""
    folder = folder_of(data_dir) if data_dir else None
    found = (snapshot_on(folder, name, as_of) for name in all_sources()) if folder and folder.is_dir() else ()
    snapshots = tuple(snapshot for snapshot in found if snapshot)
    return Additions(snapshots, read_own_prices(own_prices), own_prices) if own_prices else Additions(snapshots)


def _keep(wanted: tuple[object, ...], book: PriceBook) -> None:
    with _LOCK:
        _BOOKS[wanted] = book
        while len(_BOOKS) > _KEPT:
            _BOOKS.popitem(last=False)
