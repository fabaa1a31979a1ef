"""Puts the price book of a day together. The same knowledge and day give the same book, with the same hash."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from app.domain.catalogue import Price, PriceBook, PriceItem
from app.domain.knowledge import Knowledge
from app.domain.values import SourceRef
from app.errors import KnowledgeError
from app.prices.sources.chat_models import model_prices

FRESH_FOR = timedelta(days=30)
CHAT_PRICES = "chat_prices"  # the evidence record that describes the package of the chat prices
_BOOKS: OrderedDict[tuple[str, date], PriceBook] = OrderedDict()
_KEPT = 64


def price_book(knowledge: Knowledge, as_of: date) -> PriceBook:
    """All prices in force on a day, kept for the next call. Raises KnowledgeError when exchange rates are missing."""
    wanted = (knowledge.hash, as_of)
    if wanted not in _BOOKS:
        _BOOKS[wanted] = _build(knowledge, as_of)
        while len(_BOOKS) > _KEPT:
            _BOOKS.popitem(last=False)
    return _BOOKS[wanted]


def _build(knowledge: Knowledge, as_of: date) -> PriceBook:
    prices = {key: price for key, item in knowledge.prices.items() if (price := price_on(item, as_of))}
    if CHAT_PRICES in knowledge.evidence:
        source = knowledge.evidence[CHAT_PRICES].ref
        for model in knowledge.models.values():
            prices.update({price.key: price for price in model_prices(model, as_of, source)})
    dated = {key: price.model_copy(update={"stale": is_stale(price.source, as_of)}) for key, price in prices.items()}
    fx, fx_source = _exchange_rates(dated)
    book = PriceBook(as_of=as_of, prices=dict(sorted(dated.items())), fx=fx, fx_source=fx_source, hash="")
    return book.model_copy(update={"hash": _hash(book)})


def price_on(item: PriceItem, as_of: date) -> Price | None:
    """The value in force on a day: the latest not after it, else the first known one (older reports stay computable)."""
    past = [value for value in item.values if value.valid_from <= as_of] or item.values[:1]
    if not past:
        return None
    value = past[-1]
    newest = value is item.values[-1]
    return Price(
        key=item.key, label=item.label, subject=item.subject, amount=value.amount, currency=item.currency, unit=item.unit, region=item.region,
        tier=item.tier, valid_from=value.valid_from, source=item.source,
        low=item.low if newest else None, high=item.high if newest else None,
    )  # fmt: skip


def is_stale(source: SourceRef, as_of: date) -> bool:
    """Whether the price was last checked more than 30 days before the day asked for."""
    return source.checked is None or as_of - date.fromisoformat(source.checked) > FRESH_FOR


def _exchange_rates(prices: dict[str, Price]) -> tuple[dict[str, Decimal], SourceRef]:
    """Units of a currency for one EUR, from the rows `fx.<currency>`."""
    rows = [price for key, price in prices.items() if key.startswith("fx.")]
    if not rows:
        raise KnowledgeError("prices: exchange rates are missing.", "Add prices/fx.usd.yaml and its like.")
    return {"EUR": Decimal(1)} | {row.currency: row.amount for row in rows}, rows[0].source


def _hash(book: PriceBook) -> str:
    content = book.model_dump(mode="json", exclude={"hash"})
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
