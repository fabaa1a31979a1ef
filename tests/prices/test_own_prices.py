"""The customer's own prices: discounts, single prices, their marks, and mistakes named with their mend."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.knowledge import load_knowledge
from app.main import create_app
from app.prices import price_book
from app.prices.own import OWN_PRICE, OwnPricesInvalid
from app.settings import Settings

KNOWLEDGE = load_knowledge()
DAY = date(2026, 11, 24)
FILE = """
discounts:
- {keys: llm.claude-*, factor: 0.85, valid_from: 2026-07-01, note: framework contract}
- {keys: '*', factor: 0.95, valid_from: 2027-01-01}
prices:
- {key: gpu.H100-SXM.rented_eu, amount: 2.10, currency: EUR, unit: GPU-hour, valid_from: 2026-10-01}
- {key: labour.external.day, amount: 1100, currency: EUR, unit: person-day, valid_from: 2026-01-01}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(FILE)
    return path


def test_a_discount_counts_on_what_its_pattern_names(own: Path) -> None:
    listed, book = price_book(KNOWLEDGE, DAY), price_book(KNOWLEDGE, DAY, own_prices=own)
    key = "llm.claude-opus-5.input"
    assert book.prices[key].amount == listed.prices[key].amount * Decimal("0.85")
    assert book.prices[key].own
    assert book.prices["llm.gpt-6-luna.input"] == listed.prices["llm.gpt-6-luna.input"]


def test_a_discount_never_touches_thresholds_and_exchange_rates(own: Path) -> None:
    later = date(2027, 1, 2)
    listed, book = price_book(KNOWLEDGE, later), price_book(KNOWLEDGE, later, own_prices=own)
    assert book.fx == listed.fx
    assert book.prices["llm.gpt-6-luna.long_from"] == listed.prices["llm.gpt-6-luna.long_from"]
    assert book.prices["egress.data"].amount == listed.prices["egress.data"].amount * Decimal("0.95")
    high = listed.prices["egress.data"].high
    assert high
    assert book.prices["egress.data"].high == high * Decimal("0.95")


def test_an_own_price_holds_from_its_day_on_and_never_grows_stale(own: Path) -> None:
    key = "gpu.H100-SXM.rented_eu"
    before, after = (price_book(KNOWLEDGE, day, own_prices=own).prices[key] for day in (date(2026, 9, 30), DAY))
    assert not before.own
    assert (after.amount, after.currency, after.own, after.source.title) == (Decimal("2.10"), "EUR", True, OWN_PRICE)
    assert (after.low, after.stale) == (None, False)


def test_own_prices_are_part_of_the_hash_and_show_in_the_report(own: Path) -> None:
    answers = read_answers({"task_type": "document_qa", "requests_per_month": 10_000})
    listed, book = price_book(KNOWLEDGE, DAY), price_book(KNOWLEDGE, DAY, own_prices=own)
    assert listed.hash != book.hash
    decisions = [decide(answers, KNOWLEDGE, prices, DAY, draws=256) for prices in (listed, book)]
    titles = [{source.title for option in item.options if option.cost for line in option.cost.lines for source in line.sources} for item in decisions]  # fmt: skip
    assert OWN_PRICE not in titles[0]
    assert OWN_PRICE in titles[1]


def test_a_price_that_was_unknown_may_be_one_s_own(own: Path) -> None:
    own.write_text(
        "prices: [{key: gpu.GB300.rented_eu, amount: 9, currency: EUR, unit: GPU-hour, valid_from: 2026-01-01}]"
    )
    assert price_book(KNOWLEDGE, DAY).get("gpu.GB300.rented_eu") is None
    found = price_book(KNOWLEDGE, DAY, own_prices=own).get("gpu.GB300.rented_eu")
    assert found
    assert found.amount == 9


def test_a_change_of_the_file_is_seen_without_a_restart(own: Path) -> None:
    first = price_book(KNOWLEDGE, DAY, own_prices=own)
    own.write_text(FILE.replace("2.10", "2.20"))
    assert price_book(KNOWLEDGE, DAY, own_prices=own).hash != first.hash


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("prices: [{key: llm.claude-opus-5.inputs, amount: 1, currency: EUR, unit: 1M tokens, valid_from: 2026-01-01}]", r"near are .*llm\.claude-opus-5\.input"),
        ("prices: [{key: gbu.H100, amount: 1, currency: EUR, unit: GPU-hour, valid_from: 2026-01-01}]", "there is no price gbu.H100"),
        ("prices: [{key: egress.data, amount: 1, currency: EUR, unit: TB, valid_from: 2026-01-01}]", "the unit is 'GB', not 'TB'"),
        ("prices: [{key: egress.data, amount: -1, currency: EUR, unit: GB, valid_from: 2026-01-01}]", "prices.0.amount"),
        ("prices: [{key: egress.data, amount: 1, currency: euro, unit: GB, valid_from: 2026-01-01}]", "prices.0.currency"),
        ("discounts: [{keys: llm.*, factor: 0, valid_from: 2026-01-01}]", "discounts.0.factor"),
        ("discount: []", "discount"),
        ("prices: []\nprices: []", "written twice"),
        ("prices: [", "own.yaml"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(own: Path, content: str, says: str) -> None:
    own.write_text(content)
    with pytest.raises(OwnPricesInvalid, match=says):
        price_book(KNOWLEDGE, DAY, own_prices=own)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OwnPricesInvalid, match=r"absent\.yaml: No such file"):
        price_book(KNOWLEDGE, DAY, own_prices=tmp_path / "absent.yaml")


def test_the_server_does_not_start_with_a_mistake(make_settings: Callable[..., Settings], own: Path) -> None:
    own.write_text("prices: [")
    with pytest.raises(OwnPricesInvalid, match=r"own\.yaml"):
        create_app(make_settings(own_prices=own))
