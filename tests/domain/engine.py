"""What tests of the engine share: the knowledge base and the prices of one day, loaded once."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from app.domain.answers import read_answers
from app.domain.catalogue import PriceBook
from app.domain.core import Core, run
from app.domain.decide import Depth, decide
from app.domain.decision import Decision
from app.domain.draws import Draws
from app.knowledge import load_knowledge
from app.prices import price_book

DAY = date(2026, 11, 24)
FEW = 256  # draws: enough for what is tested here


@cache
def prices() -> PriceBook:
    """The price book of the day."""
    return price_book(load_knowledge(), DAY)


def decided(answers: dict[str, Any], depth: Depth = "core", draws: int = FEW, seed: int = 0) -> Decision:
    """The decision for answers as a user would send them."""
    return decide(read_answers(answers), load_knowledge(), prices(), DAY, seed, draws, depth)


def core_of(answers: dict[str, Any], draws: int = FEW) -> Core:
    """The core for these answers."""
    return run(read_answers(answers), load_knowledge(), prices(), DAY, Draws(draws, 0))
