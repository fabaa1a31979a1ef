"""The page for what the user has measured: results of pilots by option, actual costs by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.decision import CostLine, Decision, OptionResult
from app.domain.pilot import Evidence
from app.domain.pilot_updates import Needed
from app.domain.values import MoneyRange
from app.locales import N_, Formatter
from app.web.charts.comparison import ranked

INSIDE, ABOVE, BELOW, UNKNOWN = (
    N_("as estimated"),
    N_("above the estimate"),
    N_("below the estimate"),
    N_("no estimate"),
)


@dataclass(frozen=True)
class ResultRow:
    """One option: what stands in its fields, what is expected of it, what its pilot changed, what is still needed."""

    option: str
    label: str
    cases: str
    successes: str
    expected: str
    changed: str
    needed: str


@dataclass(frozen=True)
class CostRow:
    """One monthly cost line: the estimate, what stands in its field, and how the two compare."""

    key: str
    label: str
    estimate: str
    actual: str
    verdict: str
    difference: str


@dataclass(frozen=True)
class PilotPage:
    """`/r/{id}/pilot`."""

    id: str
    title: str
    number: int
    advice: str
    share: str
    currency: str
    key: str
    rows: list[ResultRow]
    costs: list[CostRow]
    running: str  # id of the option whose costs are asked for
    options: list[tuple[str, str]]  # ids and names of those that may be chosen
    total: str  # sum of the entered lines and of their estimates, as a sentence
    errors: dict[str, str]  # field -> sentence, translated
    saved: bool
    weight: str  # the most cases the estimate counts for
    launched: bool = False  # whether something was started from here, with actual costs of its own


@dataclass(frozen=True)
class Typed:
    """What stands in the fields: as typed after a mistake, else as stored."""

    values: Mapping[str, str]

    @classmethod
    def stored(cls, evidence: Evidence, costs: Mapping[str, Decimal], formatter: Formatter) -> Typed:
        """The fields as they show what is stored."""
        values: dict[str, str] = {}
        for result in evidence.results:
            values |= {f"cases-{result.option}": str(result.cases), f"successes-{result.option}": str(result.successes)}
        values |= {f"actual-{key}": formatter.number(amount).replace("\u2212", "-") for key, amount in costs.items()}
        return cls(values)

    def of(self, name: str) -> str:
        """The text of a field."""
        return self.values.get(name, "")


def result_rows(decision: Decision, needs: Mapping[str, Needed], typed: Typed, formatter: Formatter) -> list[ResultRow]:
    """One row for each possible option, the advice first."""
    return [_result_row(option, decision, needs.get(option.option), typed, formatter) for option in ranked(decision)]


def _result_row(option: OptionResult, decision: Decision, need: Needed | None, typed: Typed, formatter: Formatter) -> ResultRow:  # fmt: skip
    update = next((item for item in decision.pilot_results if item.option == option.option), None)
    expected = update.before if update else option.success_rate
    changed = ""
    if update:
        changed = formatter.t(
            "{before} before, {after} with the pilot", before=formatter.percent_range(update.before), after=formatter.percent_range(update.after),
        )  # fmt: skip
    return ResultRow(
        option.option, formatter.t(option.label), typed.of(f"cases-{option.option}"), typed.of(f"successes-{option.option}"),
        formatter.percent_range(expected), changed, needed_text(need, formatter) if need else "",
    )  # fmt: skip


def needed_text(need: Needed, formatter: Formatter) -> str:
    """What would settle this option, in a sentence."""
    t = formatter.t
    if need.kind == "never" or need.flips_at is None:
        return t("No success rate of this option changes the kind of approach that is advised.")
    rate = formatter.percent(need.flips_at)
    if need.kind == "equal":
        return t("The advice changes at {rate}, about where this option stands: no pilot of usual size decides that. Decide by cost and risk.", rate=rate)  # fmt: skip
    if need.kind == "more":
        return t("The advice changes at {rate}. About {count} more test cases show on which side this option lies.", rate=rate, count=formatter.count(rounded_up(need.more or 1)))  # fmt: skip
    if need.rate > need.flips_at:
        return t("The advice would change only below {rate}; that is unlikely.", rate=rate)
    return t("The advice would change only above {rate}; that is unlikely.", rate=rate)


def rounded_up(count: int) -> int:
    """A number of cases one would plan with."""
    step = 5 if count < 100 else 50 if count < 1000 else 500
    return -(-count // step) * step


def monthly_lines(option: OptionResult) -> list[CostLine]:
    """The cost lines that recur."""
    return [line for line in option.cost.lines if line.timing == "monthly"] if option.cost else []


def cost_rows(option: OptionResult, costs: Mapping[str, Decimal], typed: Typed, formatter: Formatter) -> list[CostRow]:
    """Each monthly line with its estimate, and the verdict where an amount was entered."""
    return [_cost_row(line, costs.get(line.key), typed, formatter) for line in monthly_lines(option)]


def _cost_row(line: CostLine, actual: Decimal | None, typed: Typed, formatter: Formatter) -> CostRow:
    verdict, difference = compared(line.amount, actual, formatter)
    estimate = formatter.money_range(line.amount)
    return CostRow(line.key, formatter.t(line.label), estimate, typed.of(f"actual-{line.key}"), verdict, difference)


def compared(amount: MoneyRange | None, actual: Decimal | None, formatter: Formatter) -> tuple[str, str]:
    """The verdict in words and the difference from the middle of the estimate; both empty where nothing was entered."""
    if actual is None:
        return "", ""
    if amount is None:
        return formatter.t(UNKNOWN), ""
    verdict = ABOVE if actual > amount.p90 else BELOW if actual < amount.p10 else INSIDE
    gap = actual - amount.p50
    return formatter.t(verdict), ("+" if gap > 0 else "") + formatter.money(gap, amount.currency)


def total_text(option: OptionResult, costs: Mapping[str, Decimal], formatter: Formatter, currency: str) -> str:
    """The sum of the entered lines beside the sum of their estimates; empty where nothing was entered."""
    pairs = [(line.amount.p50, costs[line.key]) for line in monthly_lines(option) if line.key in costs and line.amount]
    if not pairs:
        return ""
    return formatter.t(
        "Entered: {actual} a month; estimated for the same lines: {estimate}.",
        actual=formatter.money(sum(actual for _, actual in pairs), currency),
        estimate=formatter.money(sum(middle for middle, _ in pairs), currency),
    )
