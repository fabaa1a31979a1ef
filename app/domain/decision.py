"""The result of the engine: frozen, self-contained, the same bytes for the same inputs.

Every page, file and kit only shows this. Names are a published contract: they may grow, never change.
Ranges hold the 10th, 50th and 90th percentile; money is a decimal string with its currency beside it; unknown is null.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.domain.messages import Frozen, Message, Value, without_says
from app.domain.pilot import PilotUpdate
from app.domain.values import Family, HostingId, MoneyRange, OptionId, Range, Series, SourceRef, Status


class Exclusion(Message):
    """Why an option or a hosting is out, with the answers that caused it and the norm or source."""

    rule: str
    answers: list[str]
    sources: list[SourceRef]


class Reason(Message):
    """A rule that fired: what it says, which answers fired it, what it did (`effect`: for, against, excludes, requires, warns)."""

    rule: str
    answers: list[str]
    effect: str
    option: str | None = None
    sources: list[SourceRef]


class CostLine(Frozen):
    """One line: quantity x unit price = amount. A null amount means that the price is unknown (named in `missing_prices`)."""

    key: str
    label: str  # English gettext id
    group: str  # labour, data, training, inference, hosting, retrieval, operation, compliance, exit, ...
    timing: Literal["one_off", "monthly"]
    quantity: Range | None = None
    unit: str
    unit_price: str | None = None  # decimal string, in `unit_currency`
    unit_currency: str | None = None
    price_key: str | None = None
    amount: MoneyRange | None
    sources: list[SourceRef] = []


class Cost(Frozen):
    """One-off, per month and over the horizon. Totals leave out lines with unknown prices and say so in `missing_prices`."""

    one_off: MoneyRange
    monthly: MoneyRange
    total: MoneyRange
    lines: list[CostLine]


class Benefit(Frozen):
    """Worth of the work saved less the damage of wrong answers, against doing nothing."""

    monthly: MoneyRange | None
    total: MoneyRange | None
    break_even_success_rate: float | None = None  # from this success rate on the option pays


class HostingResult(Frozen):
    """One hosting of an option: feasible or excluded, and what it would cost."""

    hosting: HostingId
    feasible: bool
    exclusions: list[Exclusion]
    total: MoneyRange | None = None
    model: str | None = None


class OptionResult(Frozen):
    """One option at its best hosting."""

    option: OptionId
    label: str  # English gettext id
    family: Family
    hosting: HostingId | None
    hosting_label: str | None = None
    rank: int | None  # 1 is best; null when excluded
    feasible: bool
    exclusions: list[Exclusion]
    probability_best: float
    success_rate: Range | None
    cost: Cost | None
    benefit: Benefit | None
    net_value: MoneyRange | None
    weeks_to_value: Range | None
    lock_in: float | None  # 1 none to 5 strong
    missing_prices: list[str]
    model: str | None = None  # id of the base model
    model_label: str | None = None
    data_protection: str | None = None  # English gettext id: the class of where data go
    main_risk: Message | None = None
    reasons: list[Reason] = []
    addons: list[str] = []
    hostings: list[HostingResult] = []
    cumulative_cost: Series | None = None  # x: month 0..horizon
    cost_by_volume: Series | None = None  # x: requests per month; y: total over the horizon


class Recommended(Message):
    """The advice in one sentence."""

    option: OptionId
    family: Family
    hosting: HostingId
    confidence: float = Field(ge=0, le=1)
    confidence_word: str  # English gettext id from the fixed scale
    confidence_basis: list[Message] = []
    model: str | None = None
    why: list[Message] = []  # two sentences


class Driver(Frozen):
    """An uncertain input and how far it moves the margin between the advice and the runner-up."""

    key: str
    label: str
    low: float
    high: float
    unit: str = ""
    effect_on_margin: str  # decimal string: margin at high less margin at low
    margin_low: str
    margin_high: str
    currency: str


class TippingPoint(Message):
    """The smallest change of one answer that flips the advice, verified by applying it."""

    key: str
    from_: Any = Field(alias="from", serialization_alias="from")
    to: Any
    new_option: str
    new_hosting: str | None = None
    model_config = {"frozen": True, "extra": "forbid", "populate_by_name": True, "serialize_by_alias": True}


class BreakEven(Message):
    """At which value of `key` an option and another cost the same, or "never"."""

    option: str
    against: str
    key: str
    value: float | Literal["never"]


class RunnerUp(Message):
    """The second best and why it is not the advice."""

    option: str
    hosting: str
    probability_best: float


class Step(Message):
    """What to do, who, when."""

    owner: str  # English gettext id of a role
    week_from: int
    week_to: int


class Risk(Message):
    """A risk of the advice and what to do about it."""

    rule: str
    severity: Literal["low", "medium", "high"]
    mitigation: Message | None = None
    sources: list[SourceRef] = []


class Duty(Message):
    """A legal or operating duty with norm and date."""

    rule: str
    norm: str
    applies_from: str | None = None
    sources: list[SourceRef] = []


class SimilarCase(Frozen):
    """A published case shown as a precedent."""

    id: str
    organisation: str
    task: str
    year: int | None
    chosen: Family
    also_acceptable: list[Family] = []
    outcome: str
    why: str
    url: str
    similarity: float
    same_as_advice: bool


class PilotPlan(Frozen):
    """How to test the advice before spending: baseline, metric, number of test cases, cheapest experiment, stop rule."""

    baseline: Message
    metric: Message
    test_cases: int
    half_width: float  # of the 95 % Wilson interval at that number
    experiment: Message
    experiment_cost: MoneyRange | None
    stop_rule: Message


class Monitor(Message):
    """What to watch in operation and how often."""

    cadence: str  # English gettext id


class Assumption(Frozen):
    """A parameter that was used: its range, unit, basis."""

    key: str
    label: str
    low: float
    mode: float
    high: float
    unit: str
    grade: str
    strength: str
    sources: list[SourceRef] = []
    from_answer: bool = False


class BaseModelChoice(Message):
    """Which base model is compared on both sides, and why."""

    model: str
    label: str
    sources: list[SourceRef] = []


class NextQuestion(Message):
    """The open question that would settle most; `gain`: share of its possible answers that change the advice, verified by applying them."""

    key: str
    gain: float


class Baseline(Message):
    """Doing nothing: what the work costs today, as far as the answers say."""

    monthly: MoneyRange | None


class ExchangeRate(Frozen):
    """A rate that prices were converted with: units of `currency` for one EUR, as text, on a day."""

    currency: str
    per_eur: str
    day: str | None  # ISO date
    source: SourceRef


class Decision(Frozen):
    """Everything the engine found."""

    schema_version: str
    engine_version: str
    as_of: str
    knowledge_hash: str
    prices_hash: str
    seed: int
    draws: int
    currency: str
    horizon_months: int
    status: Status
    recommended: Recommended
    base_model: BaseModelChoice | None
    baseline: Baseline
    options: list[OptionResult]
    runner_up: RunnerUp | None
    reasons: list[Reason]
    drivers: list[Driver]
    tipping_points: list[TippingPoint]
    break_even: list[BreakEven]
    next_steps: list[Step]
    risks: list[Risk]
    duties: list[Duty]
    similar_cases: list[SimilarCase]
    pilot: PilotPlan
    monitoring: list[Monitor]
    assumptions: list[Assumption]
    excluded_costs: list[Message]
    next_question: NextQuestion | None
    prices_stale: list[str] = []
    facts: dict[
        str, Value
    ] = {}  # sizes derived from the answers (tokens a month, effective examples, corpus tokens, GPUs ...)

    exchange_rates: list[ExchangeRate] = []

    # what the user's own pilots changed; left out where there is none, so that older reports keep their bytes
    pilot_results: list[PilotUpdate] = Field(default=[], exclude_if=lambda results: not results)

    def as_json(self) -> str:
        """The published form: the same decision is the same text."""
        return self.model_dump_json(by_alias=True)

    @classmethod
    def from_json(cls, data: Any) -> Decision:
        """Reads what `as_json` wrote (parsed)."""
        return cls.model_validate(without_says(data))

    def option(self, name: str) -> OptionResult:
        """The result of one option. Raises KeyError."""
        return next((item for item in self.options if item.option == name), None) or _missing(name)


def _missing(name: str) -> OptionResult:
    raise KeyError(name)
