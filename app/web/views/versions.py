"""The versions of a report, and what differs between two: results, answers, prices, rules and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.catalogue import PriceBook
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.locales import N_, Formatter
from app.web.views.names import Names


@dataclass(frozen=True)
class Snapshot:
    """A version with everything it was made from; knowledge and prices only where two are compared."""

    number: int
    created: date
    note: str
    answers: dict[str, Any]
    decision: Decision
    knowledge: Knowledge | None = None
    prices: PriceBook | None = None

    def with_basis(self, knowledge: Knowledge, prices: PriceBook) -> Snapshot:
        """The same with what it was made from."""
        return replace(self, knowledge=knowledge, prices=prices)


@dataclass(frozen=True)
class VersionRow:
    """One line of the list."""

    number: int
    base: str
    created: str
    note: str
    advice: str
    confidence: str
    total: str


@dataclass(frozen=True)
class Change:
    """What was and what is."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two versions."""

    before: int
    after: int
    results: tuple[Change, ...]
    answers: tuple[Change, ...]
    prices: tuple[Change, ...]
    rules: tuple[Change, ...]


@dataclass(frozen=True)
class VersionsPage:
    """The list, and the comparison where there are two."""

    base: str  # of the newest version
    versions: tuple[VersionRow, ...]
    difference: Difference | None


def versions_page(
    versions: list[Snapshot], pair: tuple[Snapshot, Snapshot] | None, token: str, formatter: Formatter
) -> VersionsPage:
    """Newest first."""
    rows = tuple(_row(version, token, formatter) for version in reversed(versions))
    return VersionsPage(rows[0].base, rows, _difference(*pair, formatter) if pair else None)


def _row(version: Snapshot, token: str, formatter: Formatter) -> VersionRow:
    decision = version.decision
    total = _total(decision, formatter)
    confidence = formatter.percent(decision.recommended.confidence)
    base = f"/r/{token}~{version.number}"
    return VersionRow(
        version.number,
        base,
        formatter.date(version.created),
        formatter.t(version.note),
        formatter.say(decision.recommended),
        confidence,
        total,
    )


def _total(decision: Decision, formatter: Formatter) -> str:
    cost = decision.option(decision.recommended.option).cost
    return formatter.money_range(cost.total if cost else None)


def _difference(before: Snapshot, after: Snapshot, formatter: Formatter) -> Difference:
    return Difference(
        before.number, after.number,
        tuple(_results(before.decision, after.decision, formatter)),
        tuple(_answers(before, after, formatter)),
        tuple(_prices(before, after, formatter)),
        tuple(_rules(before, after, formatter)),
    )  # fmt: skip


def _results(before: Decision, after: Decision, formatter: Formatter) -> Iterator[Change]:
    t, say = formatter.t, formatter.say
    old, new = before.option(before.recommended.option), after.option(after.recommended.option)
    lines = (
        (t("Advice"), say(before.recommended), say(after.recommended)),
        (
            t("Confidence"),
            formatter.percent(before.recommended.confidence),
            formatter.percent(after.recommended.confidence),
        ),
        (t("Total cost"), _total(before, formatter), _total(after, formatter)),
        (t("Net benefit"), formatter.money_range(old.net_value), formatter.money_range(new.net_value)),
        (t("Day of the prices"), formatter.date(before.as_of), formatter.date(after.as_of)),
        (t("Engine"), before.engine_version, after.engine_version),
    )
    return (Change(*line) for line in lines if line[1] != line[2])


def _answers(before: Snapshot, after: Snapshot, formatter: Formatter) -> Iterator[Change]:
    assert after.knowledge is not None
    names = Names(after.knowledge, formatter)
    for key in dict.fromkeys((*before.answers, *after.answers)):
        old, new = before.answers.get(key), after.answers.get(key)
        if old != new:
            yield Change(
                names.key(key),
                names.answer(key, old, before.decision.currency),
                names.answer(key, new, after.decision.currency),
            )


def _prices(before: Snapshot, after: Snapshot, formatter: Formatter) -> Iterator[Change]:
    assert before.prices is not None
    assert after.prices is not None
    old, new = before.prices.prices, after.prices.prices
    for key in sorted({*old, *new}):
        texts = [_price(book.get(key), formatter) for book in (old, new)]
        if texts[0] != texts[1]:
            yield Change(formatter.t((new.get(key) or old[key]).label), *texts)


def _price(price: Any, formatter: Formatter) -> str:
    if price is None:
        return formatter.t("not in the price book")
    return f"{formatter.money_exact(price.amount, price.currency)} / {formatter.t(price.unit)}"


CHANGED, NEW, GONE = N_("changed"), N_("new"), N_("no longer there")


def _rules(before: Snapshot, after: Snapshot, formatter: Formatter) -> Iterator[Change]:
    """Rules and parameters: changed values with both values, else what happened."""
    assert before.knowledge is not None
    assert after.knowledge is not None
    old_rules, new_rules = before.knowledge.rules, after.knowledge.rules
    for name in sorted({*old_rules, *new_rules}):
        if old_rules.get(name) != new_rules.get(name):
            title = formatter.t((new_rules.get(name) or old_rules[name]).title)
            yield Change(title, "", formatter.t(_what_happened(old_rules.get(name), new_rules.get(name))))
    yield from _parameters(before, after, formatter)


def _parameters(before: Snapshot, after: Snapshot, formatter: Formatter) -> Iterator[Change]:
    assert before.knowledge is not None
    assert after.knowledge is not None
    old, new = before.knowledge.parameters, after.knowledge.parameters
    for name in sorted({*old, *new}):
        texts = [_parameter(side.get(name), version, formatter) for side, version in ((old, before), (new, after))]
        if texts[0] != texts[1]:
            yield Change(formatter.t((new.get(name) or old[name]).label), *texts)


def _parameter(parameter: Any, version: Snapshot, formatter: Formatter) -> str:
    if parameter is None:
        return "–"
    value = parameter.on(date.fromisoformat(version.decision.as_of))
    names = Names(version.knowledge, formatter) if version.knowledge else None
    assert names is not None
    middle, spread = (
        names.between(value.mode, value.mode, parameter.unit),
        names.between(value.low, value.high, parameter.unit),
    )
    return middle if middle == spread else f"{middle} ({spread})"


def _what_happened(old: Any, new: Any) -> str:
    return CHANGED if old and new else NEW if new else GONE
