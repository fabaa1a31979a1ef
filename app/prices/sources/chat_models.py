"""Chat prices per million tokens from the package `genai-prices` (dated, tiered, with cache and batch prices)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from genai_prices import data
from genai_prices.types import (
    StartDateConstraint,
    _providers_from_raw,
)  # the package's own reader; its downloader has no limit of size
from genai_prices.update_prices import DEFAULT_UPDATE_URL

from app.domain.catalogue import ModelInfo, Price
from app.domain.knowledge import Knowledge
from app.domain.messages import label
from app.domain.values import SourceRef
from app.prices.source import Context, Snapshot, Source
from app.prices.web import SourceFailed

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

Offers = dict[tuple[str, str], Any]  # provider and model of the package -> its record


class ChatModels(Source):
    """The data of genai-prices as published today, of the models in the knowledge base; with the package's own history of prices."""

    name: ClassVar[str] = "chat_models"
    title: ClassVar[str] = "genai-prices, published data"
    url: ClassVar[str] = "https://github.com/pydantic/genai-prices"

    def fetch(self, context: Context) -> Any:
        """The providers of our models as the package publishes them, without what prices do not need."""
        published = context.web.json(DEFAULT_UPDATE_URL)
        if not isinstance(published, list):
            raise SourceFailed("{title} is no list of providers.", title=self.title)
        wanted = {(model.genai_provider, model.genai_model) for model in context.knowledge.models.values()}
        providers = ({**provider, "extractors": None, "models": _named(provider, wanted)} for provider in published)
        return [provider for provider in providers if provider["models"]]

    def prices(self, snapshot: Snapshot, as_of: date, knowledge: Knowledge) -> Iterable[Price]:
        """Chat prices on a day, with the changes that the data date."""
        source = SourceRef(
            title=self.title, url=self.url, checked=snapshot.checked.isoformat(), grade="V", strength="VF"
        )
        offers = _offers_of(_providers_from_raw(snapshot.data))
        return [price for model in knowledge.models.values() for price in model_prices(model, as_of, source, offers)]


def _named(provider: dict[str, Any], wanted: set[tuple[str | None, str | None]]) -> list[dict[str, Any]]:
    return [model for model in provider["models"] if (provider["id"], model["id"]) in wanted]


def model_prices(model: ModelInfo, as_of: date, source: SourceRef, offers: Offers | None = None) -> Iterator[Price]:
    """The prices of one model on a day, in USD per 1M tokens, with the keys `llm.<model>.<what>`.

    `batch_…` are the prices of requests that may wait a day; `long_…` apply to the whole request once the prompt is longer
    than `long_from` tokens.
    """
    offer = (_bundled() if offers is None else offers).get((model.genai_provider or "", model.genai_model or ""))
    if offer is None:
        return
    moment = datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC)
    standard, batch = offer.get_prices(moment), offer.get_prices(moment, {"processing": "batch"})
    since = _since(offer, as_of)
    for row in _priced(model, standard, "", source):
        yield row.model_copy(update={"valid_from": since})
    if _differs(batch, standard):
        for row in _priced(model, batch, "batch_", source):
            yield row.model_copy(update={"valid_from": since})


def _since(offer: Any, as_of: date) -> date | None:
    """The day from which the prices hold, where the package dates them."""
    steps = offer.prices if isinstance(offer.prices, list) else []
    starts = [step.constraint.start_date for step in steps if isinstance(step.constraint, StartDateConstraint)]
    return max((start for start in starts if start <= as_of), default=None)


@cache
def _bundled() -> Offers:
    return _offers_of(data.providers)


def _offers_of(providers: Iterable[Any]) -> Offers:
    return {(provider.id, model.id): model for provider in providers for model in provider.models}


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
            unit=UNIT, region="world", tier=f"{prefix}{name}", source=source,
        )  # fmt: skip
        yield row
        for step in tier:
            yield row.model_copy(update={"key": f"llm.{model.id}.long_{prefix}{name}", "amount": step.price})
            if field == "input_mtok" and not prefix:
                yield row.model_copy(update=_threshold(model, step.start))


def _threshold(model: ModelInfo, start: int) -> dict[str, Any]:
    name = label("Prompt length from which a higher price applies").value
    return {"key": f"llm.{model.id}.long_from", "label": name, "unit": "tokens", "amount": Decimal(start)}
