"""No figure gets worse than published: everything is computed again and held against the stored scorecard."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.accuracy.compute import scorecard, worse
from app.accuracy.scorecard import STORED, Scorecard, as_text, stored
from app.accuracy.text import markdown, plain
from app.knowledge import load_knowledge
from app.prices import price_book

DOCUMENT = Path(__file__).parents[2] / "docs" / "accuracy.md"


@pytest.fixture(scope="module")
def now() -> Scorecard:
    knowledge, day = load_knowledge(), date.fromisoformat(stored().as_of)
    return scorecard(knowledge, price_book(knowledge, day), day)


def test_no_figure_is_worse_than_published(now: Scorecard) -> None:
    assert worse(stored(), now) == [], "mend it, or publish the loss on purpose: lotse accuracy --write"


def test_the_document_and_the_stored_scorecard_are_of_one_make() -> None:
    assert markdown(stored()) == DOCUMENT.read_text(), "run: lotse accuracy --write"
    assert as_text(stored()) == STORED.read_text()


def test_each_way_to_decide_stands_beside_the_engine(now: Scorecard) -> None:
    names = {item.id for item in now.agreements}
    assert {"engine", "learned", "statistics", "statistics_in_sample", "naive", "microsoft", "meta"} <= names
    assert all(item.label in plain(now) for item in now.agreements)


def test_a_loss_is_noticed() -> None:
    card = stored()
    worse_size = card.quantities[0].model_copy(update={"pooled_p90": card.quantities[0].pooled_p90 * 1.1})
    worse_advice = card.agreements[0].model_copy(update={"exact": card.agreements[0].exact - 0.05})
    changed = card.model_copy(update={"quantities": [worse_size, *card.quantities[1:]], "agreements": [worse_advice, *card.agreements[1:]]})  # fmt: skip
    assert [line.split(":")[0] for line in worse(card, changed)] == ["training pooled_p90", "advice exact"]
    assert worse(changed, card) == []


def test_the_place_of_data_is_always_respected(now: Scorecard) -> None:
    kept, asked = now.engine.residency
    assert kept == asked > 5
