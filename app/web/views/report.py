"""The report page: everything the template shows, as text in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.domain.advice import WORDS
from app.domain.decision import Decision, Driver, OptionResult
from app.domain.knowledge import Knowledge
from app.locales import N_, Formatter
from app.web.charts import Figure, figures
from app.web.charts.comparison import ranked
from app.web.charts.plain_drivers import plain
from app.web.views.names import VERDICTS, Names
from app.web.views.report_details import DetailsBuilder, Footnotes, sentence
from app.web.views.report_parts import (
    Amount,
    Confidence,
    Details,
    DriverItem,
    ExcludedOptions,
    KeyFigure,
    Noted,
    OptionRow,
    Pair,
    StepItem,
    money_amount,
)
from app.web.views.report_prices import StalePrices, exchange_rates, stale_prices

VALID_DAYS = 90  # how long a report may be relied on before prices and rules are looked at again


@dataclass(frozen=True)
class Frame:
    """What the route knows besides the decision: whose report, which version, what the visitor may do."""

    base: str  # address of the report without language, "/r/..."
    number: int
    public_id: str
    created: date
    answers: dict[str, Any] = field(compare=False)  # never change for a version
    author: bool
    may_download: bool
    newest: int
    expected: str | None = None
    newest_base: str = ""  # address of the newest version, for the author
    edit: str = ""  # address of the check page of the questionnaire, for the author
    key: str = ""  # idempotency key of the re-price form


@dataclass(frozen=True)
class ReportPage:
    """The whole report."""

    frame: Frame
    title: str  # of the browser window
    kicker: tuple[str, ...]
    status: str
    verdict: str
    advice: str
    confidence: Confidence
    why: tuple[str, ...]
    expectation: str
    key_figures: tuple[KeyFigure, ...]
    options: tuple[OptionRow, ...]
    excluded: tuple[ExcludedOptions, ...]
    horizon: str
    drivers: tuple[DriverItem, ...]
    tipping: tuple[str, ...]
    break_even: tuple[str, ...]
    steps: tuple[StepItem, ...]
    roadmap: tuple[StepItem, ...]
    version: tuple[Pair, ...]
    stale: StalePrices
    figures: dict[str, Figure]
    details: Details


def report_page(decision: Decision, frame: Frame, knowledge: Knowledge, formatter: Formatter) -> ReportPage:
    """Builds the page from a decision; the same inputs give the same page."""
    names, footnotes, t = Names(knowledge, formatter), Footnotes(), formatter.t
    advice = decision.option(decision.recommended.option)
    steps = tuple(_step(formatter, step) for step in decision.next_steps)
    title, organisation = frame.answers.get("title"), frame.answers.get("organisation")
    options = _options(decision, names, footnotes)
    return ReportPage(
        frame=frame,
        title=str(title or t("Report")),
        kicker=tuple(
            str(part)
            for part in (
                organisation,
                title,
                formatter.date(decision.as_of),
                t("Version {number}", number=frame.number),
            )
            if part
        ),
        status=decision.status,
        verdict=t(VERDICTS[decision.status]),
        advice=formatter.say(decision.recommended),
        confidence=_confidence(decision, formatter),
        why=_why(decision, formatter),
        expectation=_expectation(decision, frame, names),
        key_figures=_key_figures(decision, advice, formatter),
        options=options,
        excluded=_excluded(options),
        horizon=formatter.months(decision.horizon_months),
        drivers=tuple(_driver(decision, driver, formatter) for driver in decision.drivers[:3]),
        tipping=tuple(formatter.say(point) for point in decision.tipping_points),
        break_even=tuple(formatter.say(point) for point in decision.break_even),
        steps=steps[:3],
        roadmap=steps,
        version=_version(decision, frame, formatter),
        stale=stale_prices(decision, names),
        figures=figures(decision, formatter),
        details=DetailsBuilder(decision, frame.answers, names, footnotes).build(),
    )


def _confidence(decision: Decision, formatter: Formatter) -> Confidence:
    share = decision.recommended.confidence
    basis = tuple(formatter.say(message) for message in decision.recommended.confidence_basis)
    return Confidence(
        sentence(_word(decision.recommended.confidence_word, formatter)),
        formatter.percent(share),
        _in_ten(share, formatter),
        basis,
    )


def _why(decision: Decision, formatter: Formatter) -> tuple[str, ...]:
    """The reasons in short; in a close call also who comes second, and by how little."""
    second = [decision.runner_up] if decision.status == "close_call" and decision.runner_up else []
    return tuple(formatter.say(message) for message in [*second, *decision.recommended.why])


def _in_ten(share: float, formatter: Formatter) -> str:
    """The share as a count of ten, never more certain than it is."""
    count = round(share * 10)
    if count == 10 and share < 1:
        return formatter.t("more than 9 of 10")
    return formatter.t("about {count} of 10", count=count) if count else formatter.t("fewer than 1 of 10")


def _word(word: str, formatter: Formatter) -> str:
    """A word of the fixed scale with its shares: "likely (60–80 %)"; a word that is not in the scale stays alone."""
    starts = [start for start, _ in WORDS]
    for index, (start, name) in enumerate(WORDS):
        if name == word:
            end = starts[index - 1] if index else 1.0
            return f"{formatter.t(word)} ({formatter.count(start * 100)}–{formatter.percent(end)})"
    return formatter.t(word)


def _expectation(decision: Decision, frame: Frame, names: Names) -> str:
    if not frame.expected:
        return ""
    same = frame.expected in (decision.recommended.option, decision.recommended.family)
    says = (
        N_("You expected {option}. The advice is the same.")
        if same
        else N_("You expected {option}. The advice differs; the table of rules says why.")
    )
    return names.formatter.t(says, option=names.option(frame.expected))


def _key_figures(decision: Decision, advice: OptionResult, formatter: Formatter) -> tuple[KeyFigure, ...]:
    t, months = formatter.t, formatter.months(decision.horizon_months)
    weeks = Amount(formatter.weeks_range(advice.weeks_to_value)) if advice.weeks_to_value else Amount("–")
    return (
        KeyFigure(t("Total cost over {months}", months=months), money_amount(advice.cost.total if advice.cost else None, formatter)),
        KeyFigure(t("Net benefit over {months}", months=months), money_amount(advice.net_value, formatter), "" if advice.net_value else t("Give minutes saved and hourly cost to see it.")),
        KeyFigure(t("Time to value"), weeks),
        KeyFigure(t("Break-even"), Amount(""), _break_even(decision, advice, formatter)),
    )  # fmt: skip


def _break_even(decision: Decision, advice: OptionResult, formatter: Formatter) -> str:
    """The crossing nearest to a decision: one at some volume, else against the runner-up; and what success pays at all."""
    second = decision.runner_up.option if decision.runner_up else None
    points = sorted(decision.break_even, key=lambda item: (isinstance(item.value, str), item.against != second))
    pays = _pays_from(advice, formatter)
    return " ".join([formatter.say(point) for point in points[:1]] + ([pays] if pays else [])) or formatter.t(
        "No break-even within the range looked at."
    )


def _pays_from(advice: OptionResult, formatter: Formatter) -> str:
    rate = advice.benefit.break_even_success_rate if advice.benefit else None
    return "" if rate is None else formatter.t("Pays from a success rate of {rate} on.", rate=formatter.percent(rate))


def _options(decision: Decision, names: Names, footnotes: Footnotes) -> tuple[OptionRow, ...]:
    feasible = ranked(decision)
    others = [option for option in decision.options if option not in feasible]
    rows = [_option_row(decision, option, names, footnotes) for option in feasible]
    return (
        *rows,
        _do_nothing(decision, names),
        *(_option_row(decision, option, names, footnotes) for option in others),
    )


def _excluded(options: tuple[OptionRow, ...]) -> tuple[ExcludedOptions, ...]:
    """The excluded options, together where their reasons are the same."""
    together: dict[tuple[Noted, ...], list[str]] = {}
    for row in options:
        if not row.feasible:
            together.setdefault(row.reasons, []).append(row.label)
    return tuple(ExcludedOptions(tuple(labels), reasons) for reasons, labels in together.items())


def _option_row(decision: Decision, option: OptionResult, names: Names, footnotes: Footnotes) -> OptionRow:
    formatter, cost = names.formatter, option.cost
    success = (
        Amount(formatter.percent(option.success_rate.p50), formatter.percent_range(option.success_rate))
        if option.success_rate
        else Amount("–")
    )
    hosting = formatter.t(option.hosting_label) if option.hosting_label else names.hosting(option.hosting)
    return OptionRow(
        label=formatter.t(option.label),
        setting=" · ".join(part for part in (hosting, option.model_label) if part),
        advice=option.option == decision.recommended.option,
        feasible=option.feasible,
        reasons=tuple(Noted(formatter.say(item), footnotes.of(item.sources)) for item in option.exclusions),
        one_off=money_amount(cost.one_off if cost else None, formatter),
        monthly=money_amount(cost.monthly if cost else None, formatter),
        total=money_amount(cost.total if cost else None, formatter),
        success=success,
        net=money_amount(option.net_value, formatter),
        weeks=formatter.weeks_range(option.weeks_to_value),
        probability=formatter.t("best in {share} of the courses", share=formatter.percent(option.probability_best))
        if option.feasible
        else "",
        data_protection=formatter.t(option.data_protection) or "–",
        risk=formatter.say(option.main_risk) or "–",
    )


def _do_nothing(decision: Decision, names: Names) -> OptionRow:
    formatter = names.formatter
    nothing, blank = Amount(formatter.money(0, decision.currency)), Amount("–")
    return OptionRow(
        label=formatter.t("Do nothing"), setting=formatter.t("the base line"), advice=False, feasible=True, reasons=(),
        one_off=nothing, monthly=nothing, total=nothing, success=blank, net=nothing, weeks="–", probability="",
        data_protection=formatter.t("nothing changes"), risk=formatter.say(decision.baseline),
    )  # fmt: skip


def _driver(decision: Decision, driver: Driver, formatter: Formatter) -> DriverItem:
    before, after = (formatter.money(margin, driver.currency) for margin in (driver.margin_low, driver.margin_high))
    runner_up = decision.runner_up
    name = formatter.t(decision.option(runner_up.option).label) if runner_up else formatter.t("the next option")
    effect = formatter.t(
        "Lead over “{option}”: {before} at the first value, {after} at the last",
        option=name,
        before=before,
        after=after,
    )
    return DriverItem(*plain(driver, decision, formatter), effect)


def _step(formatter: Formatter, step: Any) -> StepItem:
    same = step.week_from == step.week_to
    weeks = (
        formatter.t("week {first}", first=step.week_from)
        if same
        else formatter.t("weeks {first} to {last}", first=step.week_from, last=step.week_to)
    )
    return StepItem(formatter.say(step), sentence(formatter.t(step.owner)), weeks)


def _version(decision: Decision, frame: Frame, formatter: Formatter) -> tuple[Pair, ...]:
    t = formatter.t
    return (
        Pair(t("Report"), frame.public_id[:8]),
        Pair(t("Version"), str(frame.number)),
        Pair(t("Rules"), decision.knowledge_hash[:8]),
        Pair(t("Prices of"), f"{formatter.date(decision.as_of)} ({decision.prices_hash[:8]})"),
        *exchange_rates(decision, formatter),
        Pair(t("Engine"), decision.engine_version),
        Pair(t("Check again by"), formatter.date(check_again(decision))),
    )


def check_again(decision: Decision) -> date:
    """When to look again: after 90 days, or earlier when a duty starts before that."""
    as_of = date.fromisoformat(decision.as_of)
    coming = [date.fromisoformat(duty.applies_from) for duty in decision.duties if duty.applies_from]
    return min([as_of + timedelta(days=VALID_DAYS), *(day for day in coming if day > as_of)])
