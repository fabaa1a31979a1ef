"""Passages of documents, and what every store of passages can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .records import Document

Vector = list[float]
Embed = Callable[[list[str]], list[Vector]]


@dataclass(frozen=True)
class Hit:
    """A passage that was found: the `place`-th of its document."""

    document: str
    title: str
    text: str
    place: int = 0


class Store(Protocol):
    """Keeps passages, their words, vectors and readers. The filter by rights is part of every query of the store itself."""

    def replace(self, document: Document, passages: list[str], vectors: list[Vector] | None) -> None:
        """Adds a document, or replaces it with all that belongs to it."""

    def delete(self, document: str) -> None:
        """Removes a document with its passages, words, vectors and readers."""

    def by_words(self, question: str, groups: Sequence[str], top: int) -> list[Hit]:
        """The passages that fit best by words, among those a member of `groups` may read."""

    def by_vector(self, vector: Vector, groups: Sequence[str], top: int) -> list[Hit]:
        """The passages nearest by meaning, among those a member of `groups` may read."""

    def all(self, groups: Sequence[str]) -> list[Hit]:
        """Every passage that a member of `groups` may read, in a fixed order."""

    def count(self, document: str = "") -> int:
        """Passages of a document, or of all."""

    def close(self) -> None:
        """Ends the connection."""


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
