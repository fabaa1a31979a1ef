"""The typed, frozen knowledge base that the loader fills: one class per kind of item, one file per item.

Values are dated and append only; every item carries sources. `grade`: V read in the source, W secondary, K from memory,
D derived, A assumption. `strength`: CS controlled study, CSp preregistered, BM benchmark of an interested party, VG vendor guidance,
VF vendor fact, LAW norm or authority, SV survey, AN anecdote.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from app.domain.decision import Family, HostingId, OptionId, SourceRef
from app.domain.messages import Frozen

Grade = Literal["V", "W", "K", "D", "A"]
Strength = Literal["CS", "CSp", "BM", "VG", "VF", "LAW", "SV", "AN", "A"]


class Evidence(Frozen):
    """A source that rules, parameters and facts cite by id (S1, F7, L3 ...)."""

    id: str
    title: str
    publisher: str = ""
    year: int | None = None
    url: str | None = None
    checked: date
    grade: Grade
    strength: Strength
    finding: str = ""  # English gettext id: what it says, in own words

    def ref(self) -> SourceRef:
        """As shown in a decision."""
        return SourceRef(
            id=self.id,
            title=self.title,
            url=self.url,
            checked=self.checked.isoformat(),
            grade=self.grade,
            strength=self.strength,
        )


class Choice(Frozen):
    """One answer of a choice question."""

    value: str | bool | int
    label: str
    hint: str = ""


class Condition(Frozen):
    """A closed set of operators over facts; exactly one of the groups is used.

    Either `all`/`any`/`not`, or a `fact` with one of the comparisons.
    """

    all: list[Condition] | None = None
    any: list[Condition] | None = None
    not_: Condition | None = Field(default=None, alias="not")
    fact: str | None = None
    is_: Any = Field(default=None, alias="is")
    one_of: list[Any] | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    answered: bool | None = None
    includes_any: list[Any] | None = None  # for facts that are lists
    model_config = {"frozen": True, "extra": "forbid", "populate_by_name": True}


class Question(Frozen):
    """One question: asked as `text`, with `why` in one line."""

    id: str  # the key in Answers, or a group's own id
    order: int  # most decisive first
    group: str  # task, quality, knowledge, data, volume, privacy, team, money
    short_path: bool = False
    keys: list[str]  # keys of Answers that this page fills (one, or a tight group)
    kind: Literal[
        "choice", "choices", "yes_no", "number", "integer", "share", "money", "text", "shares", "group", "country"
    ]
    text: str
    why: str
    help: str = ""
    unit: str = ""
    choices: list[Choice] = []
    fields: list[Question] = []  # of a group
    shown_when: Condition | None = None
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = True
    sources: list[str] = []


class RuleExample(Frozen):
    """Answers with which the rule fires or does not: the rule's own tests."""

    answers: dict[str, Any]
    fires: bool
    as_of: date | None = None


class Rule(Frozen):
    """If the condition holds for the facts, then the effect. No arithmetic here."""

    id: str
    title: str
    when: Condition
    effect: Literal["excludes", "requires", "favours", "discourages", "warns", "duty", "step"]
    options: list[OptionId] = []  # empty: all
    hostings: list[HostingId] = []  # empty: all
    weight: str | None = None  # id of a parameter, for favours and discourages
    says: str  # English gettext id with {facts}
    mitigation: str = ""
    severity: Literal["low", "medium", "high"] = "medium"
    norm: str = ""
    law: str | None = None  # id of a Law
    valid_from: date | None = None
    valid_to: date | None = None
    strength: Strength
    grade: Grade
    sources: list[str]
    examples: list[RuleExample]


class ParameterValue(Frozen):
    """A value from a day on: low, mode, high of a triangle (or a point when all are equal)."""

    valid_from: date
    low: float
    mode: float
    high: float


class Parameter(Frozen):
    """A number that a source could change, with its range, unit and basis."""

    id: str
    label: str
    unit: str
    values: list[ParameterValue]
    grade: Grade
    strength: Strength
    sources: list[str] = []
    note: str = ""
    editable: bool = False  # offered in the what-if


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
    token_ratio_de: float | None = None  # tokens of German text against English
    sources: list[SourceRef]


class Gpu(Frozen):
    """An accelerator."""

    id: str
    memory_gib: float
    bandwidth_gb_s: float
    tflops_bf16: float  # dense peak
    tflops_fp8: float | None = None
    tdp_watt: float | None = None
    fast_link: bool = False
    sources: list[SourceRef]


class PriceValue(Frozen):
    """An amount from a day on. Append only."""

    valid_from: date
    amount: Decimal


class PriceItem(Frozen):
    """A dated price row. `key` is how cost components ask for it."""

    key: str
    label: str
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


class Law(Frozen):
    """A norm as dated data. Not legal advice."""

    id: str
    norm: str
    title: str
    summary: str  # English gettext id
    countries: list[str]  # ISO codes or EU
    applies_from: date | None = None
    checked: date
    grade: Grade
    url: str | None = None
    evidence: list[str] = []


class Case(Frozen):
    """A published decision."""

    id: str
    organisation: str
    industry: str
    task: str
    year: int | None
    region: str
    chosen: Family
    also_acceptable: list[Family]
    outcome: str
    why: str
    url: str
    confidence: Literal["high", "medium", "low"]
    answers: dict[str, Any]


class OptionInfo(Frozen):
    """Texts and fixed properties of one of the ten options."""

    id: OptionId
    label: str
    short: str  # at most three words
    summary: str
    main_risk: str
    hostings: list[HostingId]  # allowed pairs


class HostingInfo(Frozen):
    """Texts of one hosting."""

    id: HostingId
    label: str
    summary: str
    data_protection: str  # the class of where data go
    lock_in: int


class Example(Frozen):
    """An example assessment offered on the start page."""

    id: str
    order: int
    title: str
    summary: str
    industry: str
    answers: dict[str, Any]


class Knowledge(Frozen):
    """All of it. `hash` is the SHA-256 of the canonical content."""

    evidence: dict[str, Evidence]
    questions: dict[str, Question]
    rules: dict[str, Rule]
    parameters: dict[str, Parameter]
    models: dict[str, ModelInfo]
    gpus: dict[str, Gpu]
    prices: dict[str, PriceItem]
    platforms: dict[str, PlatformInfo]
    laws: dict[str, Law]
    cases: dict[str, Case]
    options: dict[str, OptionInfo]
    hostings: dict[str, HostingInfo]
    examples: dict[str, Example]
    hash: str


class Price(Frozen):
    """A price on a day, ready to multiply: `amount` in `currency` per `unit`."""

    key: str
    label: str
    amount: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str
    unit: str
    region: str = ""
    tier: str = ""
    valid_from: date | None = None
    stale: bool = False  # checked more than 30 days before the day asked for
    source: SourceRef


class PriceBook(Frozen):
    """All prices of a day, with the exchange rates (`fx`: units of that currency for one EUR). A missing key is unknown, never zero."""

    as_of: date
    prices: dict[str, Price]
    fx: dict[str, Decimal]
    fx_source: SourceRef
    hash: str

    def get(self, key: str) -> Price | None:
        """The price, or None when it is unknown."""
        return self.prices.get(key)
