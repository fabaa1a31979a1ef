"""Full-text search with BM25 (SQLite FTS5) and, where embeddings are set up, vectors; joined by reciprocal rank fusion."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from .metrics import words
from .records import Document

Embed = Callable[[list[str]], list[list[float]]]
TABLES = """
create table if not exists chunk (id integer primary key, document text not null, title text not null, text text not null, vector blob);
create table if not exists reader (document text not null, name text not null, primary key (document, name));
create virtual table if not exists words using fts5 (text);
"""


@dataclass(frozen=True)
class Hit:
    """A passage that was found."""

    document: str
    title: str
    text: str


def chunks(text: str, size: int, overlap: int) -> list[str]:
    """Passages of about `size` words, cut at paragraphs where possible; long ones overlap by `overlap` words."""
    found: list[str] = []
    held: list[str] = []
    for paragraph in (part.split() for part in text.split("\n\n")):
        if held and len(held) + len(paragraph) > size:
            found.append(" ".join(held))
            held = held[-overlap:] if overlap else []
        held += paragraph
        while len(held) > size:
            found.append(" ".join(held[:size]))
            held = held[size - overlap :]
    return [*found, " ".join(held)] if held else found


class Index:
    """Documents in one SQLite file; a document can be replaced and deleted, and is found only by those who may read it."""

    def __init__(self, path: Path | str = ":memory:", embed: Embed | None = None) -> None:
        self.database, self.embed = sqlite3.connect(path, check_same_thread=False), embed
        self.database.executescript(TABLES)

    def add(self, document: Document, size: int, overlap: int) -> int:
        """Adds or replaces a document; returns the number of passages."""
        passages = chunks(document.text, size, overlap)
        vectors = self.embed(passages) if self.embed and passages else [None] * len(passages)
        with self.database:
            self._drop(document.id)
            for passage, vector in zip(passages, vectors, strict=True):
                self._insert(document, passage, vector)
            readers = [(document.id, name) for name in document.allowed]
            self.database.executemany("insert into reader values (?, ?)", readers)
        return len(passages)

    def delete(self, document: str) -> None:
        """Removes a document with all its passages and vectors."""
        with self.database:
            self._drop(document)

    def find(self, question: str, top: int, groups: Sequence[str] = (), fusion: int = 60) -> list[Hit]:
        """The best passages that a member of `groups` may read."""
        lists = [self._by_words(question, top * 4), self._by_vector(question, top * 4) if self.embed else []]
        points: dict[int, float] = {}
        for ranking in lists:
            for place, row in enumerate(ranking):
                points[row] = points.get(row, 0.0) + 1 / (fusion + place + 1)
        best = sorted(points, key=lambda row: (-points[row], row))
        return [hit for row in best if (hit := self._readable(row, set(groups)))][:top]

    def all(self, groups: Sequence[str] = ()) -> list[Hit]:
        """Every passage that a member of `groups` may read, in a fixed order."""
        rows = self.database.execute("select id from chunk order by document, id").fetchall()
        return [hit for (row,) in rows if (hit := self._readable(row, set(groups)))]

    def _insert(self, document: Document, passage: str, vector: list[float] | None) -> None:
        blob = array("f", vector).tobytes() if vector else None
        values = (document.id, document.title, passage, blob)
        row = self.database.execute("insert into chunk (document, title, text, vector) values (?, ?, ?, ?)", values)
        text = f"{document.title} {passage}"
        self.database.execute("insert into words (rowid, text) values (?, ?)", (row.lastrowid, text))

    def _drop(self, document: str) -> None:
        rows = self.database.execute("select id from chunk where document = ?", (document,)).fetchall()
        self.database.executemany("delete from words where rowid = ?", rows)
        self.database.execute("delete from chunk where document = ?", (document,))
        self.database.execute("delete from reader where document = ?", (document,))

    def _by_words(self, question: str, top: int) -> list[int]:
        query = " OR ".join(f'"{word}"' for word in words(question))
        if not query:
            return []
        found = self.database.execute(
            "select rowid from words where words match ? order by bm25(words), rowid limit ?", (query, top)
        )
        return [int(row) for (row,) in found]

    def _by_vector(self, question: str, top: int) -> list[int]:
        wanted = self.embed([question])[0] if self.embed else []
        rows = self.database.execute("select id, vector from chunk where vector is not null").fetchall()
        return [row for row, _ in sorted(rows, key=lambda item: (-_cosine(wanted, item[1]), item[0]))[:top]]

    def _readable(self, row: int, groups: set[str]) -> Hit | None:
        document, title, text = self.database.execute(
            "select document, title, text from chunk where id = ?", (row,)
        ).fetchone()
        readers = {name for (name,) in self.database.execute("select name from reader where document = ?", (document,))}
        return Hit(document, title, text) if not readers or readers & groups else None


def _cosine(one: Sequence[float], blob: bytes) -> float:
    other = array("f")
    other.frombytes(blob)
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / ((sqrt(sum(a * a for a in one)) * sqrt(sum(b * b for b in other))) or 1.0)
