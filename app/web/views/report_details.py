"""Builds the pages behind page one of the report from a decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.domain.decision import Assumption, CostLine, Decision, OptionResult, SimilarCase
from app.domain.messages import Value
from app.domain.pilot import PilotUpdate
from app.domain.values import MoneyRange, SourceRef
from app.locales import Formatter
from app.locales.format import significant
from app.web.charts.comparison import is_advice, ranked
from app.web.charts.quantities import quantity
from app.web.views.exclusions import grounds_of
from app.web.views.names import SIZES, Names
from app.web.views.report_parts import (
    AnswerRow,
    AssumptionRow,
    CaseRow,
    CostRow,
    CostTable,
    Details,
    DutyRow,
    ExcludedRow,
    HostingRow,
    Noted,
    Pilot,
    RiskRow,
    RuleRow,
    SourceRow,
    money_amount,
)


@dataclass
class Footnotes:
    """Numbers the sources in the order in which the page cites them; the same source keeps its number."""

    sources: dict[str, SourceRef] = field(default_factory=dict)  # by address, or by title where there is none

    def of(self, cited: Iterable[SourceRef]) -> tuple[int, ...]:
        """The numbers of these sources."""
        for source in cited:
            self.sources.setdefault(source.url or source.title, source)
        order = {key: number for number, key in enumerate(self.sources, 1)}
        return tuple(dict.fromkeys(order[source.url or source.title] for source in cited))


@dataclass(frozen=True)
class DetailsBuilder:
    """Builds in the order of the page, since that is the order of the footnotes."""

    decision: Decision
    given: dict[str, Any]  # the answers
    names: Names
    footnotes: Footnotes

    @property
    def formatter(self) -> Formatter:
        """Of the reader's language."""
        return self.names.formatter

    def build(self) -> Details:
        """All of it."""
        say, decision = self.formatter.say, self.decision
        return Details(
            costs=tuple(self.cost_table(option) for option in ranked(decision)),
            hostings=tuple(self.hostings()),
            lock_in=self.lock_in(),
            runner_up=say(decision.runner_up),
            sure_of=self.sure_of(),
            base_model=self.base_model(),
            excluded=tuple(self.excluded()),
            duties=tuple(self.duties()),
            risks=tuple(self.risks()),
            cases=tuple(self.case(case) for case in decision.similar_cases),
            pilot=self.pilot(),
            monitoring=tuple((say(item), self.formatter.t(item.cadence)) for item in decision.monitoring),
            rules=tuple(self.rules()),
            assumptions=tuple(self.assumption(item) for item in decision.assumptions),
            sizes=tuple(
                (self.formatter.t(label), self.formatter.value(rounded(decision.facts[key])))
                for key, label in SIZES.items()
                if key in decision.facts
            ),
            excluded_costs=tuple(say(item) for item in decision.excluded_costs),
            next_question=say(decision.next_question),
            answers=tuple(
                AnswerRow(self.names.key(key), self.answer(key))
                for key, given in self.given.items()
                if given is not None
            ),
            sources=tuple(self.sources()),
        )

    def sure_of(self) -> str:
        """That the confidence is about the kind of approach, where several options of that kind are near to one another."""
        advice = self.decision.option(self.decision.recommended.option)
        same = [option for option in ranked(self.decision) if option.family == advice.family]
        if len(same) == 1 or advice.probability_best >= self.decision.recommended.confidence:
            return ""
        return self.formatter.t(
            "The advice is sure as to the kind of approach: {family}. Which option of that kind is best is less sure: {option} comes first in {share} of the simulated courses.",
            family=self.names.family(advice.family), option=self.formatter.t(advice.label), share=self.formatter.percent(advice.probability_best),
        )  # fmt: skip

    def base_model(self) -> Noted:
        """Which model is compared on both sides, and why."""
        model = self.decision.base_model
        return Noted(self.formatter.say(model), self.footnotes.of(model.sources)) if model else Noted("")

    def cost_table(self, option: OptionResult) -> CostTable:
        """All cost lines of a feasible option."""
        t, cost = self.formatter.t, option.cost
        assert cost is not None  # ranked() gives only options with costs
        horizon = t("Over {months}", months=self.formatter.months(self.decision.horizon_months))
        named = ((t("One-off"), cost.one_off), (t("Per month"), cost.monthly), (horizon, cost.total))
        unknown = {line.price_key: t(line.label) for line in cost.lines if line.amount is None}
        return CostTable(
            option=t(option.label),
            setting=" · ".join(part for part in (t(option.hosting_label), option.model_label) if part),
            advice=is_advice(self.decision, option),
            rows=tuple(self.cost_row(line) for line in cost.lines),
            sums=tuple((name, *exact(self.formatter, amounts)) for name, amounts in named),
            missing=tuple(dict.fromkeys(unknown.get(key, key) for key in option.missing_prices)),
        )

    def cost_row(self, line: CostLine) -> CostRow:
        """One line with its exact amounts."""
        t, formatter = self.formatter.t, self.formatter
        return CostRow(
            label=t(line.label), group=self.names.group(line.group),
            timing=t("once") if line.timing == "one_off" else t("per month"),
            quantity=self.quantity(line),
            unit_price=formatter.money_exact(line.unit_price, line.unit_currency or self.decision.currency) if line.unit_price else "",
            amounts=exact(formatter, line.amount), notes=self.footnotes.of(line.sources),
        )  # fmt: skip

    def quantity(self, line: CostLine) -> str:
        """The middle quantity with its unit; "x" before the unit that the price is for: "30 x 1M tokens"."""
        if line.quantity is None:
            return ""
        if line.unit_price is None:
            return quantity(self.formatter, line.quantity.p50, line.unit)
        return f"{self.formatter.plain(significant(line.quantity.p50, 3))} × {self.formatter.t(line.unit)}"

    def hostings(self) -> Iterator[HostingRow]:
        """The recommended option in each of its hostings, feasible ones first."""
        advice = self.decision.option(self.decision.recommended.option)
        for hosting in sorted(advice.hostings, key=lambda item: not item.feasible):
            reason = self.formatter.say(hosting.exclusions[0]) if hosting.exclusions else ""
            chosen = hosting.hosting == advice.hosting
            # The recommended one with the figure of the whole report: the others are worked out with fewer draws.
            total = advice.cost.total if chosen and advice.cost else hosting.total
            yield HostingRow(
                self.names.hosting(hosting.hosting), chosen, self.names.model(hosting.model), money_amount(total, self.formatter), reason,
            )  # fmt: skip

    def lock_in(self) -> str:
        """How strongly the advice binds to its provider, from 1 to 5."""
        degree = self.decision.option(self.decision.recommended.option).lock_in
        if degree is None:
            return ""
        return self.formatter.t("Lock-in: {degree} of 5 (1 none, 5 strong).", degree=self.formatter.number(degree, 1))

    def excluded(self) -> Iterator[ExcludedRow]:
        """One row for each reason: the options and the hostings that are out because of it."""
        for ground in grounds_of(self.decision):
            options = tuple(self.formatter.t(option.label) for option in ground.options)
            places = tuple(self.place(where, hostings) for where, hostings in ground.places().items())
            reason = Noted(sentence(self.formatter.say(ground.exclusion)), self.footnotes.of(ground.exclusion.sources))
            yield ExcludedRow(options, places, reason, self.answered(ground.exclusion.answers))

    def place(self, where: tuple[str, ...], hostings: list[str]) -> str:
        """Hostings that are out; `where` names the options they are out for, empty for all."""
        names = "; ".join(self.names.hosting(hosting) for hosting in hostings)
        options = ", ".join(self.formatter.t(label) for label in where)
        return f"{options}: {names}" if options else names

    def answered(self, keys: list[str]) -> tuple[tuple[str, str], ...]:
        """Questions with the answers given."""
        return tuple((self.names.key(key), self.answer(key)) for key in keys)

    def answer(self, key: str) -> str:
        """One answer in words."""
        return self.names.answer(key, self.given.get(key), self.decision.currency)

    def duties(self) -> Iterator[DutyRow]:
        """With norm and date."""
        for duty in self.decision.duties:
            applies = self.formatter.date(duty.applies_from) if duty.applies_from else ""
            yield DutyRow(
                self.formatter.t(duty.norm), self.formatter.say(duty), applies, self.footnotes.of(duty.sources)
            )

    def risks(self) -> Iterator[RiskRow]:
        """With what to do about them."""
        for risk in self.decision.risks:
            mitigation = self.formatter.say(risk.mitigation)
            yield RiskRow(
                self.formatter.say(risk),
                self.names.severity(risk.severity),
                mitigation,
                self.footnotes.of(risk.sources),
            )

    def case(self, case: SimilarCase) -> CaseRow:
        """A precedent."""
        t = self.formatter.t
        return CaseRow(
            case.organisation, str(case.year or ""), t(case.task), self.names.family(case.chosen), t(case.outcome), t(case.why),
            web_address(case.url), case.same_as_advice,
        )  # fmt: skip

    def pilot(self) -> Pilot:
        """The test before spending."""
        plan, formatter = self.decision.pilot, self.formatter
        cases = formatter.t(
            "{count}; they show the success rate to within about {points} percentage points (with 95 % certainty).",
            count=formatter.count(plan.test_cases), points=formatter.count(plan.half_width * 100),
        )  # fmt: skip
        cost = formatter.money_range(plan.experiment_cost) if plan.experiment_cost else ""
        say = formatter.say
        results = tuple(self.measured(update) for update in self.decision.pilot_results)
        return Pilot(
            say(plan.baseline), say(plan.metric), cases, say(plan.experiment), cost, say(plan.stop_rule), results
        )

    def measured(self, update: PilotUpdate) -> str:
        """What a pilot of the user's own found, and how it moved the estimate."""
        moved = self.formatter.t(
            "Success rate: {before} before, {after} with the pilot.",
            before=self.formatter.percent_range(update.before), after=self.formatter.percent_range(update.after),
        )  # fmt: skip
        return f"{self.formatter.say(update)} {moved}"

    def rules(self) -> Iterator[RuleRow]:
        """Rule, answer, effect."""
        for reason in self.decision.reasons:
            effect = self.names.effect(reason.effect, reason.rule, reason.option)
            yield RuleRow(
                self.formatter.say(reason), self.answered(reason.answers), effect, self.footnotes.of(reason.sources)
            )

    def assumption(self, item: Assumption) -> AssumptionRow:
        """A parameter with its range and basis."""
        t, between = self.formatter.t, self.names.between
        basis = t("your answer") if item.from_answer else self.names.basis(item.grade, item.strength)
        return AssumptionRow(
            t(item.label), between(item.mode, item.mode, item.unit), between(item.low, item.high, item.unit), basis,
            self.footnotes.of(item.sources),
        )  # fmt: skip

    def sources(self) -> Iterator[SourceRow]:
        """Every source cited so far."""
        for number, source in enumerate(self.footnotes.sources.values(), 1):
            checked = self.formatter.date(source.checked) if source.checked else ""
            basis = self.names.basis(source.grade, source.strength)
            yield SourceRow(number, self.formatter.t(source.title), web_address(source.url), checked, basis)


def sentence(text: str) -> str:
    """With a capital at its start, also where it starts with a value."""
    return text[:1].upper() + text[1:]


def rounded(size: Value) -> Value:
    """A size with two significant digits: an estimate is no more precise than that."""
    if isinstance(size.value, str):
        return size
    high = None if size.high is None else float(significant(size.high))
    return size.model_copy(update={"value": float(significant(size.value)), "high": high})


def exact(formatter: Formatter, amounts: MoneyRange | None) -> tuple[str, str, str]:
    """Low, middle and high without cents; words for an unknown price."""
    if amounts is None:
        return "–", formatter.t("price unknown"), "–"
    low, middle, high = (
        formatter.money_whole(amount, amounts.currency) for amount in (amounts.p10, amounts.p50, amounts.p90)
    )
    return low, middle, high


def web_address(url: str | None) -> str:
    """Only links to the web, so that no other scheme gets into a page."""
    return url if url and url.startswith(("https://", "http://")) else ""
