"""The typed catalogue: models, GPUs, platforms, dated price rows, and the price book of one day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.messages import Frozen
from app.domain.values import HostingId, SourceRef


class ModelInfo(Frozen):
    """A base model: API or open weights."""

    id: str
    label: str
    vendor: str
    kind: Literal["api", "open_weights", "encoder", "embedding", "reranker"]
    tier: Literal["small", "medium", "large"]
    params_b: float | None = None
    active_params_b: float | None = None
    layers: int | None = None
    hidden: int | None = None
    heads: int | None = None
    kv_heads: int | None = None
    head_size: int | None = None
    ffn: int | None = None
    vocabulary: int | None = None
    experts: int | None = None
    context_tokens: int | None = None
    released: date | None = None
    retires: date | None = None
    licence: str = ""
    genai_provider: str | None = None  # ids in genai-prices
    genai_model: str | None = None
    hostings: list[HostingId] = []
    tunable_on: list[str] = []
    languages: list[str] = []  # of an encoder: de, en, other
    token_ratio_de: float | None = None  # tokens of German text against English
    sources: list[SourceRef]


class Gpu(Frozen):
    """An accelerator."""

    id: str
    aliases: list[str] = []  # other names in use
    generation: str = ""  # accelerators that training and serving software uses alike
    memory_gib: float
    bandwidth_gb_s: float
    tflops_bf16: float  # dense peak
    tflops_fp8: float | None = None
    tflops_fp4: float | None = None
    tdp_watt: float | None = None
    fast_link: bool = False
    data_centre: bool = True  # false: the maker's licence keeps it to workstations
    sources: list[SourceRef]


class PriceValue(Frozen):
    """An amount from a day on. Append only."""

    valid_from: date
    amount: Decimal


class PriceItem(Frozen):
    """A dated price row. `key` is how cost components ask for it."""

    key: str
    label: str  # English gettext id: what is paid for
    subject: str = ""  # the model, machine or service by name
    unit: str  # for example "1M tokens", "GPU-hour", "month", "person-day"
    currency: str
    region: str = ""
    tier: str = ""
    values: list[PriceValue]
    low: Decimal | None = None  # spread of the market, where known
    high: Decimal | None = None
    source: SourceRef


class Capability(Frozen):
    """What a platform lets whom do, where, from when to when."""

    method: str  # sft, dpo, rft, distillation, custom_job, serving, rag_service
    models: list[str] = []
    regions: list[str] = []
    residency: Literal["world", "us", "eu", "germany"]
    tier: str = ""
    who: Literal["everyone", "existing_customers", "invited"]
    opens: date | None = None
    closes: date | None = None
    note: str = ""  # English gettext id
    sources: list[SourceRef]


class PlatformInfo(Frozen):
    """A platform with its dated capability records."""

    id: str  # azure, google, aws, openai, gpu_cloud, on_premises
    label: str
    formerly: str = ""
    hostings: list[HostingId]
    capabilities: list[Capability]
    sources: list[SourceRef] = []


class Price(Frozen):
    """A price on a day, ready to multiply: `amount` in `currency` per `unit`."""

    key: str
    label: str
    subject: str = ""
    amount: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str
    unit: str
    region: str = ""
    tier: str = ""
    valid_from: date | None = None
    stale: bool = False  # checked more than 30 days before the day asked for
    own: bool = False  # the customer's own price or discount
    source: SourceRef


class PriceBook(Frozen):
    """All prices of a day, with the exchange rates (`fx`: units of that currency for one EUR). A missing key is unknown, never zero."""

    as_of: date
    prices: dict[str, Price]
    fx: dict[str, Decimal]
    fx_source: SourceRef
    hash: str

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        """Whether the content is the same, by its hash: results can be kept for a price book."""
        return isinstance(other, PriceBook) and self.hash == other.hash

    def get(self, key: str) -> Price | None:
        """The price, or None when it is unknown."""
        return self.prices.get(key)
