"""Passages in one SQLite file: BM25 by FTS5, vectors compared one by one.

Right for one machine and some ten thousand passages (10,000 vectors of 384 numbers take about 0.7 seconds to compare);
beyond that PostgreSQL or Qdrant.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from math import sqrt
from operator import mul
from pathlib import Path
from typing import Any

from .passages import Hit, Vector
from .records import Document
from .setup import SetupError
from .wording import search_words

TABLES = """
create table if not exists chunk (
  id integer primary key, document text not null, place integer not null, title text not null, text text not null,
  vector blob, unique (document, place));
create table if not exists reader (document text not null, name text not null, primary key (document, name));
create virtual table if not exists words using fts5 (text);
"""
READABLE = """(not exists (select 1 from reader where reader.document = chunk.document) or exists (
  select 1 from reader, json_each(?) as mine where reader.document = chunk.document and reader.name = mine.value))"""
HIT = "chunk.document, chunk.title, chunk.text, chunk.place"


class SqliteStore:
    """Passages in a SQLite file, or in memory."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self.database = sqlite3.connect(path, check_same_thread=False)
        self.database.executescript(TABLES)

    def replace(self, document: Document, passages: list[str], vectors: list[Vector] | None) -> None:
        """See Store."""
        with self.database:
            self._drop(document.id)
            for place, passage in enumerate(passages):
                self._insert(document, place, passage, vectors[place] if vectors else None)
            self.database.executemany(
                "insert into reader values (?, ?)", [(document.id, name) for name in set(document.allowed)]
            )

    def delete(self, document: str) -> None:
        """See Store."""
        with self.database:
            self._drop(document)

    def by_words(self, question: str, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store."""
        query = " OR ".join(f'"{word}"' for word in search_words(question))
        if not query:
            return []
        found = (
            f"select {HIT} from words join chunk on chunk.id = words.rowid where words match ? and {READABLE} "  # noqa: S608 (constants)
            "order by bm25(words), chunk.document, chunk.place limit ?"
        )
        return self._hits(found, (query, json.dumps(list(groups)), top))

    def by_vector(self, vector: Vector, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store. Raises SetupError when the passages were taken in with other embeddings."""
        query = f"select vector, {HIT} from chunk where vector is not null and {READABLE}"  # noqa: S608 (constants)
        rows = self.database.execute(query, (json.dumps(list(groups)),))
        found = [(_cosine(vector, blob), Hit(*row)) for blob, *row in rows]
        return [hit for _, hit in sorted(found, key=lambda item: (-item[0], item[1].document, item[1].place))[:top]]

    def all(self, groups: Sequence[str]) -> list[Hit]:
        """See Store."""
        query = f"select {HIT} from chunk where {READABLE} order by document, place"  # noqa: S608 (constants)
        return self._hits(query, (json.dumps(list(groups)),))

    def count(self, document: str = "") -> int:
        """See Store."""
        query = "select count(*) from chunk where ? in ('', document)"
        return int(self.database.execute(query, (document,)).fetchone()[0])

    def close(self) -> None:
        """See Store."""
        self.database.close()

    def _hits(self, query: str, values: Iterable[Any]) -> list[Hit]:
        return [Hit(*row) for row in self.database.execute(query, tuple(values))]

    def _insert(self, document: Document, place: int, passage: str, vector: Vector | None) -> None:
        blob = array("f", vector).tobytes() if vector else None
        row = self.database.execute(
            "insert into chunk (document, place, title, text, vector) values (?, ?, ?, ?, ?)",
            (document.id, place, document.title, passage, blob),
        )
        text = f"{document.title} {passage}"
        self.database.execute("insert into words (rowid, text) values (?, ?)", (row.lastrowid, text))

    def _drop(self, document: str) -> None:
        rows = self.database.execute("select id from chunk where document = ?", (document,)).fetchall()
        self.database.executemany("delete from words where rowid = ?", rows)
        self.database.execute("delete from chunk where document = ?", (document,))
        self.database.execute("delete from reader where document = ?", (document,))


def _cosine(one: Vector, blob: bytes) -> float:
    other = array("f", blob)
    if len(other) != len(one):
        raise SetupError("The passages were taken in with other embeddings; delete the index and ingest again.")
    lengths = sqrt(sum(map(mul, one, one))) * sqrt(sum(map(mul, other, other)))
    return float(sum(map(mul, one, other)) / (lengths or 1.0))
