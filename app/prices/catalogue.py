"""Puts the price book of a day together. The same knowledge, snapshots, own prices and day give the same book, with the same hash."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from app.domain.catalogue import Price, PriceBook, PriceItem
from app.domain.knowledge import Knowledge
from app.domain.values import SourceRef
from app.errors import KnowledgeError
from app.prices.own import OwnPrices, apply
from app.prices.source import Snapshot, all_sources
from app.prices.sources.chat_models import model_prices

FRESH_FOR = timedelta(days=30)
CHAT_PRICES = "chat_prices"  # the evidence record that describes the package of the chat prices


class Additions(NamedTuple):
    """What an installation adds to the knowledge base: the snapshots in force on a day, and the customer's own prices."""

    snapshots: tuple[Snapshot, ...] = ()
    own: OwnPrices = OwnPrices()
    own_path: Path = Path()


def build(knowledge: Knowledge, as_of: date, additions: Additions) -> PriceBook:
    """All prices in force on a day. Raises KnowledgeError when exchange rates are missing, OwnPricesInvalid."""
    prices = {key: price for key, item in knowledge.prices.items() if (price := price_on(item, as_of))}
    prices |= {price.key: price for price in _bundled_chat_prices(knowledge, as_of)}
    for snapshot in additions.snapshots:
        prices = _merged(prices, snapshot, as_of, knowledge)
    dated = {key: price.model_copy(update={"stale": is_stale(price.source, as_of)}) for key, price in prices.items()}
    dated = apply(additions.own, additions.own_path, dated, as_of)
    fx, fx_source = _exchange_rates(dated)
    book = PriceBook(as_of=as_of, prices=dict(sorted(dated.items())), fx=fx, fx_source=fx_source, hash="")
    return book.model_copy(update={"hash": _hash(book)})


def _bundled_chat_prices(knowledge: Knowledge, as_of: date) -> Iterable[Price]:
    if CHAT_PRICES in knowledge.evidence:
        source = knowledge.evidence[CHAT_PRICES].ref
        for model in knowledge.models.values():
            yield from model_prices(model, as_of, source)


def _merged(prices: dict[str, Price], snapshot: Snapshot, as_of: date, knowledge: Knowledge) -> dict[str, Price]:
    """Of each price the one that was seen last. All prices of a chat model come from one place, for its tiers belong together."""
    found = {price.key: price for price in all_sources()[snapshot.source].prices(snapshot, as_of, knowledge)}
    newer = {key: price for key, price in found.items() if key not in prices or _seen(price, as_of) >= _seen(prices[key], as_of)}  # fmt: skip
    models = {_chat_model(key) for key in newer} - {""}
    return {key: price for key, price in prices.items() if _chat_model(key) not in models} | newer


def _chat_model(key: str) -> str:
    return key.rpartition(".")[0] if key.startswith("llm.") else ""


def _seen(price: Price, as_of: date) -> date:
    """The last day up to the one asked for on which the price was seen in its source."""
    checked = date.fromisoformat(price.source.checked) if price.source.checked else date.min
    return min(max(checked, price.valid_from or date.min), as_of)


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
