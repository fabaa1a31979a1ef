"""What the pages of the report consist of: texts in the reader's language, ready to show."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.values import MoneyRange
from app.locales import Formatter


@dataclass(frozen=True)
class Noted:
    """A text with the numbers of its sources."""

    text: str
    notes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Amount:
    """A middle value and its range, both as text."""

    middle: str
    spread: str = ""


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures beside the advice."""

    label: str
    amount: Amount
    note: str = ""


@dataclass(frozen=True)
class OptionRow:
    """One row of the options table. An infeasible one has `reasons` instead of figures."""

    label: str
    setting: str  # hosting and model
    advice: bool
    feasible: bool
    reasons: tuple[Noted, ...]
    one_off: Amount
    monthly: Amount
    total: Amount
    success: Amount
    net: Amount
    weeks: str
    probability: str
    data_protection: str
    risk: str


@dataclass(frozen=True)
class ExcludedOptions:
    """Options that are out for the same reasons."""

    labels: tuple[str, ...]
    reasons: tuple[Noted, ...]


@dataclass(frozen=True)
class DriverItem:
    """An uncertain input, its range, and what it does to the lead over the runner-up."""

    label: str
    spread: str
    effect: str


@dataclass(frozen=True)
class StepItem:
    """What to do, who, when."""

    says: str
    owner: str
    weeks: str


@dataclass(frozen=True)
class Confidence:
    """As a word of the fixed scale, as a share, and as a count of ten; and what it rests on."""

    word: str
    share: str
    in_ten: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A name and its value."""

    name: str
    value: str


@dataclass(frozen=True)
class CostRow:
    """One line: quantity x unit price = amount, with the exact range."""

    label: str
    group: str
    timing: str
    quantity: str
    unit_price: str
    amounts: tuple[str, str, str]  # low, middle, high
    notes: tuple[int, ...]


@dataclass(frozen=True)
class CostTable:
    """All lines of one option, and its sums."""

    option: str
    setting: str
    advice: bool
    rows: tuple[CostRow, ...]
    sums: tuple[tuple[str, str, str, str], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class HostingRow:
    """One way to host the recommended option, and what it would cost."""

    label: str
    chosen: bool
    model: str
    total: Amount
    reason: str  # why it is out; empty where it is feasible


@dataclass(frozen=True)
class ExcludedRow:
    """A reason, and what is out because of it."""

    options: tuple[str, ...]
    places: tuple[str, ...]
    reason: Noted
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RiskRow:
    """A risk and what to do about it."""

    says: str
    severity: str
    mitigation: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class DutyRow:
    """A duty with its norm and the day from which it applies."""

    norm: str
    says: str
    applies: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class CaseRow:
    """A published case."""

    organisation: str
    year: str
    task: str
    chosen: str
    outcome: str
    why: str
    url: str
    same: bool


@dataclass(frozen=True)
class Pilot:
    """The test before spending."""

    baseline: str
    metric: str
    cases: str
    experiment: str
    cost: str
    stop_rule: str
    results: tuple[str, ...] = ()  # of the user's own pilots


@dataclass(frozen=True)
class RuleRow:
    """A rule, the answers that fired it, what it did."""

    says: str
    answers: tuple[tuple[str, str], ...]
    effect: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class AssumptionRow:
    """A parameter that was used."""

    label: str
    middle: str
    spread: str
    basis: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class SourceRow:
    """A source at the foot."""

    number: int
    title: str
    url: str
    checked: str
    basis: str


@dataclass(frozen=True)
class AnswerRow:
    """A question and what was answered; empty groups are left out."""

    question: str
    answer: str


@dataclass(frozen=True)
class Details:
    """Everything behind page one."""

    costs: tuple[CostTable, ...]
    hostings: tuple[HostingRow, ...]
    lock_in: str
    runner_up: str
    sure_of: str  # of the kind of approach rather than of one option; empty where both are as sure
    base_model: Noted
    excluded: tuple[ExcludedRow, ...]
    duties: tuple[DutyRow, ...]
    risks: tuple[RiskRow, ...]
    cases: tuple[CaseRow, ...]
    pilot: Pilot
    monitoring: tuple[tuple[str, str], ...]
    rules: tuple[RuleRow, ...]
    assumptions: tuple[AssumptionRow, ...]
    sizes: tuple[tuple[str, str], ...]
    excluded_costs: tuple[str, ...]
    next_question: str
    sources: tuple[SourceRow, ...]
    answers: tuple[AnswerRow, ...]


def money_amount(amounts: MoneyRange | None, formatter: Formatter) -> Amount:
    """Middle and range of an amount, rounded for people; a dash for none."""
    if amounts is None:
        return Amount("–")
    middle, spread = formatter.money(amounts.p50, amounts.currency), formatter.money_range(amounts)
    return Amount(middle, "" if spread == middle else spread)
