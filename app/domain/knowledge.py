"""The typed, frozen knowledge base that the loader fills: one class per kind of item, one file per item.

Values are dated and append only; every item carries sources. `grade`: V read in the source, W secondary, K from memory,
D derived, A assumption. `strength`: CS controlled study, CSp preregistered, BM benchmark of an interested party, VG vendor guidance,
VF vendor fact, LAW norm or authority, SV survey, AN anecdote.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from app.domain.catalogue import Gpu, ModelInfo, PlatformInfo, PriceItem
from app.domain.messages import Frozen
from app.domain.sizing.items import ModelArchitecture, SizingTable, Stack
from app.domain.values import Family, HostingId, OptionId, SourceRef

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

    @cached_property
    def ref(self) -> SourceRef:
        """As shown in a decision."""
        return SourceRef(
            id=self.id, title=self.title, url=self.url, checked=self.checked.isoformat(), grade=self.grade, strength=self.strength
        )  # fmt: skip


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
    """One question: asked as `text`, with `why` in one line. Fields of a group need only id, kind, text and what belongs to them."""

    id: str  # the key in Answers, or a group's own id
    order: int = 0  # most decisive first
    group: str = ""  # task, quality, knowledge, data, volume, privacy, team, money
    short_path: bool = False
    keys: list[str] = []  # keys of Answers that this page fills (one, or a tight group)
    kind: Literal[
        "choice", "choices", "yes_no", "number", "integer", "share", "money", "text", "shares", "group", "country"
    ]
    text: str
    short: str = ""  # a few words, for lists of answers
    why: str = ""
    help: str = ""
    unit: str = ""
    choices: list[Choice] = []
    fields: list[Question] = []  # of a group
    shown_when: Condition | None = None
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = True  # "I don't know" is offered
    compact: bool = False  # a choice shown as a list box
    changeable: bool = False  # whether another answer may be shown as what would change the advice
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
    effect: Literal["excludes", "requires", "favours", "discourages", "warns", "duty", "step", "monitor", "not_ready"]
    options: list[OptionId] = []  # empty: all
    hostings: list[HostingId] = []  # empty: all
    weight: str | None = None  # id of a parameter, for favours and discourages
    says: str  # English gettext id with {facts}
    mitigation: str = ""
    severity: Literal["low", "medium", "high"] = "medium"
    owner: str = ""  # of a step: English gettext id of a role
    weeks: tuple[int, int] | None = None  # of a step: first and last week from now
    cadence: str = ""  # of monitoring: English gettext id
    order: int = 0  # of steps and monitoring in a plan
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

    def on(self, day: date) -> ParameterValue:
        """The value in force on a day: the latest not after it, else the first."""
        if len(self.values) == 1:
            return self.values[0]
        past = [value for value in self.values if value.valid_from <= day]
        return max(past or self.values[:1], key=lambda value: value.valid_from)


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
    steps: list[str] = []  # what it does to mistakes: parameters `effect.<step>.<cause>`
    headline: str = ""  # English gettext id of the advice, with {where}
    tuned: bool = False  # changes weights
    experiment: str = ""  # English gettext id: the cheapest way to try it


class HostingInfo(Frozen):
    """Texts of one hosting."""

    id: HostingId
    label: str
    summary: str
    data_protection: str  # the class of where data go
    lock_in: int
    where: str = ""  # English gettext id: how the headline names it
    serves: Literal["api", "open_weights"] = "api"  # kind of base model that runs there


class Example(Frozen):
    """An example assessment offered on the start page."""

    id: str
    order: int
    title: str
    summary: str
    industry: str
    answers: dict[str, Any]


class Contradiction(Frozen):
    """Answers of one assessment that do not go together. It never blocks; people are asked to look again."""

    id: str
    when: Condition
    says: str  # English gettext id
    examples: list[RuleExample]


class Disagreement(Frozen):
    """Published sources that disagree, and the rule we draw from the evidence."""

    id: str
    order: int
    topic: str
    claim: str
    objection: str
    our_rule: str
    sources: list[str]


class Knowledge(Frozen):
    """All of it. `hash` is the SHA-256 of the canonical content."""

    evidence: dict[str, Evidence]
    questions: dict[str, Question]
    rules: dict[str, Rule]
    parameters: dict[str, Parameter]
    models: dict[str, ModelInfo]
    gpus: dict[str, Gpu]
    architectures: dict[str, ModelArchitecture]
    stacks: dict[str, Stack]
    sizing: dict[str, SizingTable]
    prices: dict[str, PriceItem]
    platforms: dict[str, PlatformInfo]
    laws: dict[str, Law]
    cases: dict[str, Case]
    options: dict[str, OptionInfo]
    hostings: dict[str, HostingInfo]
    examples: dict[str, Example]
    contradictions: dict[str, Contradiction] = {}  # snapshots of old reports have none
    disagreements: dict[str, Disagreement] = {}
    hash: str

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        """Whether the content is the same, by its hash: results can be kept for a knowledge base."""
        return isinstance(other, Knowledge) and self.hash == other.hash
