"""The view of the start page. All texts arrive in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExampleCard:
    """An example assessment; `key` makes opening it twice harmless."""

    id: str
    key: str
    industry: str
    title: str
    summary: str


@dataclass(frozen=True)
class StartPage:
    """`questions` is the most that are ever asked."""

    key: str
    questions: int
    examples: list[ExampleCard]
    deleted: bool = False
