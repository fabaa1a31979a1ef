"""Platforms' words for states, as ours. A word that is not known counts as running: it must never end a launch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from app.launch.control import State


def state_of(word: str, known: Mapping[str, State]) -> State:
    """Our state for a platform's word."""
    return known.get(word, "running")


def plain_word(text: object) -> str:
    """A platform's word as it may be stored and shown: letters, digits and few signs, at most 80."""
    return re.sub(r"[^A-Za-z0-9 _./:-]", "", str(text or ""))[:80]


def moment(text: object) -> datetime | None:
    """A time in ISO 8601 or seconds since 1970, in UTC; None where there is none, or none that can be."""
    try:
        if isinstance(text, int | float):
            return datetime.fromtimestamp(text, UTC)
        if not isinstance(text, str) or not text:
            return None
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
