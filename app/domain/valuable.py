"""Which open question is most worth asking: the value of information, without the rest of a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from app.domain import advice, changes
from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.core import run
from app.domain.decision import NextQuestion
from app.domain.draws import Draws
from app.domain.knowledge import Knowledge

GLANCE_DRAWS = 256  # enough to see whether an answer moves the advice


def most_valuable(
    answers: Answers, knowledge: Knowledge, prices: PriceBook, as_of: date, among: Collection[str]
) -> NextQuestion | None:
    """The key among these whose answer would most often change the advice; None when none would."""
    core = run(answers, knowledge, prices, as_of, Draws(GLANCE_DRAWS, 0))
    return changes.next_question(core, advice.verdict(core), among) if core.order else None
