"""Chat prices per million tokens from the package `genai-prices` (dated, tiered, with cache and batch prices)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from genai_prices import data

from app.domain.catalogue import ModelInfo, Price
from app.domain.messages import label
from app.domain.values import SourceRef

UNIT = "1M tokens"
# field of the package -> last part of our key and label
_FIELDS = {
    "input_mtok": ("input", label("Input tokens")),
    "output_mtok": ("output", label("Output tokens")),
    "cache_read_mtok": ("cached_input", label("Input tokens from the cache")),
    "cache_write_mtok": ("cache_write", label("Input tokens written to the cache")),
}
_BATCH = {
    "input": label("Input tokens, batch"),
    "output": label("Output tokens, batch"),
    "cached_input": label("Input tokens from the cache, batch"),
    "cache_write": label("Input tokens written to the cache, batch"),
}


def model_prices(model: ModelInfo, as_of: date, source: SourceRef) -> Iterator[Price]:
    """The prices of one model on a day, in USD per 1M tokens, with the keys `llm.<model>.<what>`.

    `batch_…` are the prices of requests that may wait a day; `long_…` apply to the whole request once the prompt is longer
    than `long_from` tokens.
    """
    offer = _offers().get((model.genai_provider or "", model.genai_model or ""))
    if offer is None:
        return
    moment = datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC)
    yield from _priced(model, offer.get_prices(moment), "", source)
    batch = offer.get_prices(moment, {"processing": "batch"})
    if _differs(batch, offer.get_prices(moment)):
        yield from _priced(model, batch, "batch_", source)


@cache
def _offers() -> dict[tuple[str, str], Any]:
    return {(provider.id, model.id): model for provider in data.providers for model in provider.models}


def _differs(batch: Any, standard: Any) -> bool:
    return bool(getattr(batch, "output_mtok", None) != getattr(standard, "output_mtok", None))


def _priced(model: ModelInfo, prices: Any, prefix: str, source: SourceRef) -> Iterator[Price]:
    for field, (name, plain) in _FIELDS.items():
        amount = getattr(prices, field, None)
        if amount is None:
            continue
        tier = getattr(amount, "tiers", [])[:1]
        row = Price(
            key=f"llm.{model.id}.{prefix}{name}", label=str((_BATCH[name] if prefix else plain).value), subject=model.label, amount=getattr(amount, "base", amount), currency="USD",
            unit=UNIT, tier=f"{prefix}{name}", source=source,
        )  # fmt: skip
        yield row
        for step in tier:
            yield row.model_copy(update={"key": f"llm.{model.id}.long_{prefix}{name}", "amount": step.price})
            if field == "input_mtok" and not prefix:
                yield row.model_copy(update=_threshold(model, step.start))


def _threshold(model: ModelInfo, start: int) -> dict[str, Any]:
    name = label("Prompt length from which a higher price applies").value
    return {"key": f"llm.{model.id}.long_from", "label": name, "unit": "tokens", "amount": Decimal(start)}
