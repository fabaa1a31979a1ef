"""Which changes of an answer flip the advice."""

from __future__ import annotations

from app.domain.decision import NextQuestion, TippingPoint
from app.domain.verdict import Verdict


def explore(verdict: Verdict) -> tuple[list[TippingPoint], NextQuestion | None]:
    """Tipping points and the most valuable open question."""
    return [], None
