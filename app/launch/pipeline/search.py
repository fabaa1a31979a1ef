"""Hybrid search: words and, where embeddings are set up, vectors; joined by reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Sequence

from .passages import Embed, Hit, Store, chunks
from .records import Document
from .store_sqlite import SqliteStore


class Index:
    """Documents in a store; a document can be replaced and deleted, and is found only by those who may read it."""

    def __init__(self, store: Store | None = None, embed: Embed | None = None) -> None:
        self.store: Store = store or SqliteStore()
        self.embed = embed

    def add(self, document: Document, size: int, overlap: int) -> int:
        """Adds or replaces a document; returns the number of passages."""
        passages = chunks(document.text, size, overlap)
        vectors = self.embed([f"{document.title}\n{text}" for text in passages]) if self.embed and passages else None
        self.store.replace(document, passages, vectors)
        return len(passages)

    def delete(self, document: str) -> None:
        """Removes a document with all its passages and vectors."""
        self.store.delete(document)

    def find(self, question: str, top: int, groups: Sequence[str] = (), fusion: int = 60) -> list[Hit]:
        """The best passages that a member of `groups` may read."""
        lists = [self.store.by_words(question, groups, top * 4)]
        if self.embed:
            lists.append(self.store.by_vector(self.embed([question])[0], groups, top * 4))
        return fuse(lists, fusion)[:top]

    def all(self, groups: Sequence[str] = ()) -> list[Hit]:
        """Every passage that a member of `groups` may read, in a fixed order."""
        return self.store.all(groups)


def fuse(lists: list[list[Hit]], constant: int) -> list[Hit]:
    """Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009): a passage earns 1 / (constant + rank) in each list."""
    points: dict[Hit, float] = {}
    for ranking in lists:
        for rank, hit in enumerate(ranking, 1):
            points[hit] = points.get(hit, 0.0) + 1 / (constant + rank)
    return sorted(points, key=lambda hit: (-points[hit], hit.document, hit.place))
