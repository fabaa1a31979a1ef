"""The what-if page: fields with their values, and base and scenario side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.decision import Decision, OptionResult
from app.domain.entry import UNKNOWN
from app.domain.knowledge import Question
from app.domain.numerals import write_number
from app.domain.values import MoneyRange
from app.locales import N_, Formatter
from app.web.charts import Figure, figure
from app.web.charts.comparison import cost_chart, ranked
from app.web.views.names import VERDICTS, Names
from app.web.views.report_parts import Amount, money_amount

NUMBERS = ("number", "integer", "share", "money")
YES_NO = ((True, "yes", N_("yes")), (False, "no", N_("no")))


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One thing to change. `kind` is number, choice or choices; `base` says what the report has."""

    name: str
    id: str
    label: str
    kind: str
    text: str
    unit: str
    choices: tuple[Choice, ...]
    base: str
    changed: bool
    error: str
    whole: bool  # only whole numbers


@dataclass(frozen=True)
class Row:
    """One figure of base and scenario."""

    label: str
    before: Amount
    after: Amount
    difference: str


@dataclass(frozen=True)
class OptionLine:
    """An option in the scenario."""

    label: str
    advice: bool
    feasible: bool
    total: str
    net: str
    probability: str
    reason: str


@dataclass(frozen=True)
class Changed:
    """An answer that differs from the report's."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """The result of a scenario."""

    announcement: str
    advice: str
    verdict: str
    changed: tuple[Changed, ...]
    rows: tuple[Row, ...]
    options: tuple[OptionLine, ...]
    chart: Figure | None


@dataclass(frozen=True)
class WhatIfPage:
    """The whole page. `kept` are the raw values that a new version would be made from."""

    base: str
    number: int
    decisive: tuple[Field, ...]
    others: tuple[Field, ...]
    parameters: tuple[Field, ...]
    outcome: Outcome | None
    problems: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    key: str
    decimal_sign: str
    group_sign: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the page."""
        return self.decisive + self.others + self.parameters

    @property
    def summary(self) -> list[dict[str, str]]:
        """The problems as the error summary takes them."""
        return [{"id": name, "says": says} for name, says in self.problems]


@dataclass(frozen=True)
class FieldMaker:
    """Makes fields from questions: what the report has, what the scenario has or what was typed, and the problem with it."""

    names: Names
    base: Mapping[str, Any]
    scenario: Mapping[str, Any]
    typed: Mapping[str, list[str]]
    problems: Mapping[str, str]
    currency: str

    def make(self, item: Question, label: str) -> Field:
        """The field of one question."""
        before, now = self.base.get(item.id), self.scenario.get(item.id)
        error = self.problems.get(item.id, "")
        return Field(
            name=item.id, id=item.id.replace(".", "-"), label=label, kind="number" if item.kind in NUMBERS else _choosing(item),
            text=self.typed.get(item.id, [""])[0] if error else self.written(item, now), unit=self.unit(item),
            choices=self.choices(item, now), base=self.words(item, before), changed=before != now, error=error,
            whole=item.kind == "integer",
        )  # fmt: skip

    def written(self, item: Question, number: Any) -> str:
        """A number as it is typed in this language; empty for none."""
        if number is None or item.kind not in NUMBERS:
            return ""
        exact = Decimal(repr(number)) * (100 if item.kind == "share" else 1)
        return write_number(exact, self.names.formatter.language)

    def unit(self, item: Question) -> str:
        """What stands behind the field."""
        if item.kind == "money":
            return self.names.formatter.currency(self.currency)
        return "%" if item.kind == "share" else self.names.formatter.t(item.unit)

    def words(self, item: Question, given: Any) -> str:
        """A value in words."""
        if item.kind in NUMBERS:
            number = self.written(item, given)
            return f"{number} {self.unit(item)}".strip() if number else self.names.formatter.t("don't know")
        return self.names.answer(item.id, given, self.currency)

    def choices(self, item: Question, now: Any) -> tuple[Choice, ...]:
        """The answers to choose from, "don't know" last."""
        t = self.names.formatter.t
        if item.kind in NUMBERS:
            return ()
        unsure = (Choice(UNKNOWN, t("don't know"), now is None),) if item.optional and item.kind != "choices" else ()
        if item.kind == "yes_no":
            return (*(Choice(name, t(label), now is value) for value, name, label in YES_NO), *unsure)
        chosen = now if isinstance(now, list) else [now]
        return (
            *(Choice(str(choice.value), t(choice.label), choice.value in chosen) for choice in item.choices),
            *unsure,
        )


def _choosing(item: Question) -> str:
    return "choices" if item.kind == "choices" else "choice"


def outcome(before: Decision, after: Decision, changed: tuple[Changed, ...], names: Names) -> Outcome:
    """Base and scenario side by side."""
    formatter = names.formatter
    chart = cost_chart(after, formatter)
    return Outcome(
        announcement=_announcement(before, after, changed, formatter),
        advice=formatter.say(after.recommended),
        verdict=formatter.t(VERDICTS[after.status]),
        changed=changed,
        rows=tuple(_rows(before, after, formatter)),
        options=tuple(_option_line(after, option, formatter) for option in _in_order(after)),
        chart=figure(chart, "scenario-") if chart else None,
    )


def _announcement(before: Decision, after: Decision, changed: tuple[Changed, ...], formatter: Formatter) -> str:
    t = formatter.t
    if not changed:
        return t("Nothing is changed yet: these are the numbers of the report.")
    old, new = before.option(before.recommended.option), after.option(after.recommended.option)
    total = formatter.money(new.cost.total.p50, new.cost.total.currency) if new.cost else "–"
    if old.option != new.option:
        return t(
            "The advice changes from {old} to {new}; total cost about {total}.",
            old=t(old.label),
            new=t(new.label),
            total=total,
        )
    return t("The advice stays {option}; total cost about {total}.", option=t(new.label), total=total)


@dataclass(frozen=True)
class Amounts:
    """The amounts of an option, None where it has none."""

    one_off: MoneyRange | None
    monthly: MoneyRange | None
    total: MoneyRange | None
    success: float | None

    @classmethod
    def of(cls, option: OptionResult) -> Amounts:
        """Those of an option."""
        cost, success = option.cost, option.success_rate.p50 if option.success_rate else None
        return cls(cost.one_off, cost.monthly, cost.total, success) if cost else cls(None, None, None, success)


def _rows(before: Decision, after: Decision, formatter: Formatter) -> list[Row]:
    t = formatter.t
    old, new = before.option(before.recommended.option), after.option(after.recommended.option)
    was, now = Amounts.of(old), Amounts.of(new)
    months = formatter.months(after.horizon_months)
    return [
        Row(
            t("Advice"),
            Amount(t(old.label)),
            Amount(t(new.label)),
            "" if old.option == new.option else t("another option"),
        ),
        _shares(t("Confidence"), before.recommended.confidence, after.recommended.confidence, formatter),
        _money(t("One-off"), was.one_off, now.one_off, formatter),
        _money(t("Per month"), was.monthly, now.monthly, formatter),
        _money(t("Total cost over {months}", months=months), was.total, now.total, formatter),
        _money(t("Net benefit"), old.net_value, new.net_value, formatter),
        _shares(t("Success rate"), was.success, now.success, formatter),
        Row(
            t("Time to value"),
            Amount(formatter.weeks_range(old.weeks_to_value)),
            Amount(formatter.weeks_range(new.weeks_to_value)),
            "",
        ),
    ]


def _money(label: str, before: MoneyRange | None, after: MoneyRange | None, formatter: Formatter) -> Row:
    difference = ""
    if before and after and before.currency == after.currency and before.p50 != after.p50:
        distance = formatter.money(abs(after.p50 - before.p50), after.currency)
        difference = _signed(distance, after.p50 > before.p50)
    return Row(label, money_amount(before, formatter), money_amount(after, formatter), difference)


def _signed(amount: str, more: bool) -> str:
    return f"{'+' if more else '−'}{amount}"


def _shares(label: str, before: float | None, after: float | None, formatter: Formatter) -> Row:
    points = 0 if before is None or after is None else round(after * 100) - round(before * 100)
    distance = formatter.n("{n} percentage point", "{n} percentage points", abs(points))
    texts = (Amount(formatter.percent(before)), Amount(formatter.percent(after)))
    return Row(label, *texts, _signed(distance, points > 0) if points else "")


def _in_order(decision: Decision) -> list[OptionResult]:
    feasible = ranked(decision)
    return [*feasible, *(option for option in decision.options if option not in feasible)]


def _option_line(decision: Decision, option: OptionResult, formatter: Formatter) -> OptionLine:
    return OptionLine(
        formatter.t(option.label), option.option == decision.recommended.option, option.feasible,
        formatter.money_range(option.cost.total if option.cost else None), formatter.money_range(option.net_value),
        formatter.percent(option.probability_best), formatter.say(option.exclusions[0]) if option.exclusions else "",
    )  # fmt: skip
