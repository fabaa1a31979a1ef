"""A decision as tables with real numbers: what the spreadsheet and the CSV file write. No formatting, no rounding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.decision import Assumption, CostLine, Decision, OptionResult
from app.domain.knowledge import Knowledge
from app.domain.values import MoneyRange, Range, SourceRef
from app.locales import N_, Formatter
from app.store.repository import Report
from app.web.charts.comparison import ranked
from app.web.views.names import Names
from app.web.views.report import check_again

Kind = Literal["text", "wide", "money", "price", "percent", "number", "count", "date"]
Cell = str | int | float | Decimal | date | None
Cells = tuple[Cell, ...]
# How a text may begin that a spreadsheet would take for a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@dataclass(frozen=True)
class Column:
    """A heading and the kind of what stands below it; `wide` is a long text."""

    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """One table: every row has a cell for each column; None is unknown."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]


@dataclass(frozen=True)
class Tables:
    """Builds the tables of one report in one language."""

    report: Report
    decision: Decision
    names: Names

    def sheets(self) -> tuple[Sheet, ...]:
        """All sheets of the workbook after the summary."""
        return (self.options(), self.costs(), self.course(), self.assumptions(), self.sources(), self.answers())

    @property
    def _formatter(self) -> Formatter:
        return self.names.formatter

    def _columns(self, *named: tuple[str, Kind]) -> tuple[Column, ...]:
        return tuple(Column(self._formatter.t(label), kind) for label, kind in named)

    def _triple(self, label: str, kind: Kind) -> tuple[Column, ...]:
        t = self._formatter.t
        return tuple(Column(f"{t(label)}, {t(part)}", kind) for part in (N_("low"), N_("middle"), N_("high")))

    def summary(self) -> Sheet:
        """The advice, its figures, what moves it, what to do next, and what it was made from."""
        columns = self._columns((N_("What"), "text"), (N_("Text"), "wide"))
        return Sheet(self._formatter.t("Summary"), columns, tuple(self._summary_rows()))

    def _summary_rows(self) -> Iterator[Cells]:
        t, say, decision = self._formatter.t, self._formatter.say, self.decision
        yield t("Organisation"), str(self.report.answers.get("organisation") or "")
        yield t("Title"), str(self.report.answers.get("title") or "")
        yield t("Advice"), say(decision.recommended)
        yield (
            t("Confidence"),
            f"{t(decision.recommended.confidence_word)}: {self._formatter.percent(decision.recommended.confidence)}",
        )
        for label, messages in (
            (N_("Why"), decision.recommended.why), (N_("What would change the advice"), decision.tipping_points),
            (N_("Break-even"), decision.break_even),
        ):  # fmt: skip
            for message in messages:
                yield t(label), say(message)
        for step in decision.next_steps:
            weeks = t("weeks {first} to {last}", first=step.week_from, last=step.week_to)
            yield t("Next step"), f"{say(step)} ({t(step.owner)}, {weeks})"
        yield from self._origin_rows()

    def _origin_rows(self) -> Iterator[Cells]:
        t, decision = self._formatter.t, self.decision
        yield t("Report"), self.report.public_id
        yield t("Version"), str(self.report.number)
        yield t("Rules"), decision.knowledge_hash
        yield t("Prices"), decision.prices_hash
        yield t("Engine"), decision.engine_version
        yield t("Prices of"), self._formatter.date(decision.as_of)
        for rate in decision.exchange_rates:
            yield (
                t("Exchange rate of {day}", day=self._formatter.date(rate.day)),
                f"1 EUR = {rate.per_eur} {rate.currency}",
            )
        yield t("Check again by"), self._formatter.date(check_again(decision))
        yield t("Ranges"), t("low and high are the 10th and the 90th percentile, middle is the 50th")
        for message in decision.excluded_costs:
            yield t("Not counted"), self._formatter.say(message)

    def options(self) -> Sheet:
        """One row per option, the advice first, the excluded ones last."""
        horizon = self._formatter.t("Over {months}", months=self._formatter.months(self.decision.horizon_months))
        columns = (
            *self._columns(
                (N_("Rank"), "count"), (N_("Option"), "text"), (N_("Hosting"), "text"), (N_("Model"), "text"),
                (N_("Feasible"), "text"), (N_("Probability of being best"), "percent"),
            ),
            *self._triple(N_("Success rate"), "percent"), *self._triple(N_("One-off"), "money"),
            *self._triple(N_("Per month"), "money"), *self._triple(horizon, "money"),
            *self._triple(N_("Benefit"), "money"), *self._triple(N_("Net benefit"), "money"),
            *self._columns((N_("Currency"), "text")), *self._triple(N_("Weeks to value"), "number"),
            *self._columns(
                (N_("Lock-in (1 to 5)"), "number"), (N_("Data protection"), "wide"), (N_("Main risk"), "wide"),
                (N_("Reasons for exclusion"), "wide"), (N_("Prices unknown"), "text"),
            ),
        )  # fmt: skip
        feasible = ranked(self.decision)
        others = [option for option in self.decision.options if option not in feasible]
        rows = tuple(self._option_row(option) for option in (*feasible, *others))
        return Sheet(self._formatter.t("Options"), columns, rows)

    def _option_row(self, option: OptionResult) -> Cells:
        t, say, cost = self._formatter.t, self._formatter.say, option.cost
        return (
            option.rank, t(option.label), self.names.hosting(option.hosting), option.model_label or "",
            t("yes" if option.feasible else "no"), option.probability_best, *_three(option.success_rate),
            *_three(cost.one_off if cost else None), *_three(cost.monthly if cost else None), *_three(cost.total if cost else None),
            *_three(option.benefit.total if option.benefit else None), *_three(option.net_value), self.decision.currency,
            *_three(option.weeks_to_value), option.lock_in, t(option.data_protection), say(option.main_risk),
            " ".join(say(reason) for reason in option.exclusions), ", ".join(option.missing_prices),
        )  # fmt: skip

    def costs(self) -> Sheet:
        """Every cost line of every feasible option, then its sums."""
        columns = (
            *self._columns(
                (N_("Option"), "text"), (N_("Line"), "text"), (N_("Group"), "text"), (N_("When"), "text"),
            ),
            *self._triple(N_("Quantity"), "number"),
            *self._columns((N_("Unit"), "text"), (N_("Unit price"), "price"), (N_("Currency of the price"), "text")),
            *self._triple(N_("Amount"), "money"),
            *self._columns((N_("Currency"), "text"), (N_("Price key"), "text"), (N_("Source"), "wide")),
        )  # fmt: skip
        rows = tuple(row for option in ranked(self.decision) for row in self._cost_rows(option))
        return Sheet(self._formatter.t("Costs line by line"), columns, rows)

    def _cost_rows(self, option: OptionResult) -> Iterator[Cells]:
        t, name = self._formatter.t, self._formatter.t(option.label)
        for line in option.cost.lines if option.cost else ():
            yield (name, *self._cost_row(line))
        horizon = t("Over {months}", months=self._formatter.months(self.decision.horizon_months))
        for label, amounts in self._sums(option, horizon):
            no_quantity_or_price = (None, None, None, "", None, "")
            yield (name, t("Sum"), "", label, *no_quantity_or_price, *_three(amounts), amounts.currency, "", "")

    def _sums(self, option: OptionResult, horizon: str) -> tuple[tuple[str, MoneyRange], ...]:
        cost, t = option.cost, self._formatter.t
        if cost is None:
            return ()
        return (t("once"), cost.one_off), (t("per month"), cost.monthly), (horizon, cost.total)

    def _cost_row(self, line: CostLine) -> Cells:
        t = self._formatter.t
        return (
            t(line.label), self.names.group(line.group), t("once") if line.timing == "one_off" else t("per month"),
            *_three(line.quantity), t(line.unit), Decimal(line.unit_price) if line.unit_price else None,
            line.unit_currency or "", *_three(line.amount), self.decision.currency, line.price_key or "",
            _cited(line.sources),
        )  # fmt: skip

    def course(self) -> Sheet:
        """Cumulative cost of each option at the end of each month."""
        options = [option for option in ranked(self.decision) if option.cumulative_cost]
        columns = (
            *self._columns((N_("Month"), "count")),
            *(column for option in options for column in self._triple(option.label, "money")),
        )
        months = options[0].cumulative_cost.x if options and options[0].cumulative_cost else []
        rows = tuple(
            (int(month), *(amount for option in options for amount in _at(option, place)))
            for place, month in enumerate(months)
        )
        return Sheet(self._formatter.t("Cost over time"), columns, rows)

    def assumptions(self) -> Sheet:
        """Every parameter that was used, with its range and basis."""
        columns = self._columns(
            (N_("Quantity"), "wide"), (N_("low"), "number"), (N_("middle"), "number"), (N_("high"), "number"),
            (N_("Unit"), "text"), (N_("Basis"), "text"), (N_("Key"), "text"), (N_("Source"), "wide"),
        )  # fmt: skip
        rows = tuple(self._assumption_row(item) for item in self.decision.assumptions)
        return Sheet(self._formatter.t("Assumptions"), columns, rows)

    def _assumption_row(self, item: Assumption) -> Cells:
        t = self._formatter.t
        basis = t("your answer") if item.from_answer else self.names.basis(item.grade, item.strength)
        return t(item.label), item.low, item.mode, item.high, t(item.unit), basis, item.key, _cited(item.sources)

    def sources(self) -> Sheet:
        """Every source cited anywhere in the decision."""
        columns = self._columns(
            (N_("Source"), "wide"), (N_("Address"), "wide"), (N_("Checked on"), "date"), (N_("Basis"), "text")
        )
        rows = tuple(
            (source.title, source.url or "", _day(source.checked), self.names.basis(source.grade, source.strength))
            for source in _all_sources(self.decision)
        )
        return Sheet(self._formatter.t("Sources"), columns, rows)

    def answers(self) -> Sheet:
        """Questions with the answers given, and the keys under which they can be imported again."""
        columns = self._columns((N_("Question"), "wide"), (N_("Answer"), "wide"), (N_("Key"), "text"))
        given = self.report.answers
        rows = tuple(
            (self.names.key(key), self.names.answer(key, value, self.decision.currency), key)
            for key, value in given.items()
        )
        return Sheet(self._formatter.t("Answers"), columns, rows)


def tables_of(report: Report, decision: Decision, knowledge: Knowledge, formatter: Formatter) -> Tables:
    """The tables of a report."""
    return Tables(report, decision, Names(knowledge, formatter))


def _three(amounts: MoneyRange | Range | None) -> tuple[Cell, Cell, Cell]:
    return (amounts.p10, amounts.p50, amounts.p90) if amounts else (None, None, None)


def _at(option: OptionResult, place: int) -> tuple[Cell, Cell, Cell]:
    course = option.cumulative_cost
    if course is None or place >= len(course.x):
        return None, None, None
    return course.p10[place], course.p50[place], course.p90[place]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _cited(sources: list[SourceRef]) -> str:
    return "; ".join(
        dict.fromkeys(f"{source.title} ({source.url})" if source.url else source.title for source in sources)
    )


def _all_sources(decision: Decision) -> list[SourceRef]:
    found: dict[tuple[str, str | None], SourceRef] = {}
    for source in _sources_in(decision):
        found.setdefault((source.title, source.url), source)
    return list(found.values())


def _sources_in(decision: Decision) -> Iterator[SourceRef]:
    for option in decision.options:
        for line in option.cost.lines if option.cost else ():
            yield from line.sources
        for exclusion in option.exclusions:
            yield from exclusion.sources
    for cited in (decision.reasons, decision.risks, decision.duties, decision.assumptions):
        for item in cited:
            yield from item.sources
