"""Which class of software a free text names."""

from __future__ import annotations

from typing import Literal

from app.domain.knowledge import Knowledge
from app.domain.sizing.items import Stack

UNKNOWN = {"training": "unknown", "serving": "paged"}


def stack_of(knowledge: Knowledge, text: str | None, kind: Literal["training", "serving"] = "training") -> Stack:
    """The first class, in their order, one of whose words stands in the text; else the one for unknown software."""
    wanted = (text or "").lower()
    found = [
        stack for stack in knowledge.stacks.values()
        if stack.kind == kind and any(word in wanted for word in stack.words)
    ]  # fmt: skip
    return min(found, key=lambda stack: stack.order, default=knowledge.stacks[UNKNOWN[kind]])
