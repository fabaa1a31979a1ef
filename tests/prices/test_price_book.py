"""The price book of a day: dated values, freshness, exchange rates, and nothing unknown counted as zero."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.catalogue import PriceBook, PriceItem, PriceValue
from app.domain.values import SourceRef
from app.errors import KnowledgeError
from app.knowledge import load_knowledge
from app.prices import price_book
from app.prices.catalogue import is_stale, price_on

DAY = date(2026, 11, 24)


def item(*values: tuple[date, str]) -> PriceItem:
    dated = [PriceValue(valid_from=day, amount=Decimal(amount)) for day, amount in values]
    source = SourceRef(title="A list", checked="2026-11-01")
    return PriceItem(key="k", label="K", unit="hour", currency="USD", values=dated, source=source)


def test_the_value_of_the_day_counts() -> None:
    row = item((date(2026, 1, 1), "10"), (date(2026, 6, 1), "8"))
    assert [price_on(row, day).amount for day in (date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1))] == [10, 10, 8]


def test_checked_more_than_thirty_days_ago_is_stale() -> None:
    source = SourceRef(title="A list", checked="2026-11-01")
    assert not is_stale(source, date(2026, 12, 1))
    assert is_stale(source, date(2026, 12, 2))
    assert is_stale(SourceRef(title="Never"), DAY)


def test_unknown_price_is_none() -> None:
    assert price_book(load_knowledge(), DAY).get("no.such.price") is None


def test_every_chat_model_has_both_prices() -> None:
    book, models = price_book(load_knowledge(), DAY), load_knowledge().models.values()
    missing = [model.id for model in models if model.kind == "api" and not (book.get(f"llm.{model.id}.input") and book.get(f"llm.{model.id}.output"))]  # fmt: skip
    assert missing == []


def test_chat_prices_are_those_published() -> None:
    """GPT-6 Luna: 0.10 in, 0.01 cached, 0.125 written, 0.50 out per million tokens; half in a batch; dearer from 272,000 tokens."""
    book = price_book(load_knowledge(), DAY)
    names = ("input", "cached_input", "cache_write", "output", "batch_input", "batch_output", "long_from", "long_input")
    amounts = [book.prices[f"llm.gpt-6-luna.{name}"].amount for name in names]
    assert amounts == [Decimal(text) for text in ("0.1", "0.01", "0.125", "0.5", "0.05", "0.25", "272000", "0.2")]


def test_chat_prices_follow_the_day() -> None:
    """Mistral Large 4 cost 1.36 from 20 October 2026 and 0.70 from 29 October."""
    key = "llm.mistral-large-4.input"
    days = (date(2026, 10, 19), date(2026, 10, 20), date(2026, 10, 29))
    amounts = [price_book(load_knowledge(), day).prices[key].amount for day in days]
    assert amounts == [Decimal("0.68"), Decimal("1.36"), Decimal("0.7")]
    since = [price_book(load_knowledge(), day).prices[key].valid_from for day in days]
    assert since[1:] == [date(2026, 10, 20), date(2026, 10, 29)]


def test_same_day_same_bytes() -> None:
    first = price_book(load_knowledge(), DAY)
    assert price_book(load_knowledge(), DAY) is first
    assert PriceBook.model_validate_json(first.model_dump_json()) == first
    assert price_book(load_knowledge(), date(2026, 10, 1)).hash != first.hash


def test_exchange_rates_are_complete() -> None:
    book = price_book(load_knowledge(), DAY)
    assert set(book.fx) == {"EUR", "USD", "GBP", "CHF"}
    assert book.fx["EUR"] == 1


def test_no_exchange_rates_is_an_error() -> None:
    knowledge = load_knowledge()
    bare = knowledge.model_copy(update={"prices": {}, "hash": "bare"})
    with pytest.raises(KnowledgeError, match="exchange rates are missing"):
        price_book(bare, DAY)


def test_every_price_has_source_unit_and_order() -> None:
    for key, price in price_book(load_knowledge(), DAY).prices.items():
        assert price.unit, key
        assert price.source.title, key
        assert price.source.grade, key
        assert price.amount >= 0, key
        if price.low is not None and price.high is not None:
            assert price.low <= price.amount <= price.high, key


def test_rented_gpus_are_those_of_the_catalogue() -> None:
    gpus = load_knowledge().gpus
    named = {key.split(".", 1)[1].rsplit(".", 1)[0] for key in load_knowledge().prices if key.startswith("gpu.")}
    assert named <= set(gpus)
