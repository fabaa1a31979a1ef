"""Drivers in words a manager understands: what is uncertain, and what its range means."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from app.domain.decision import Decision, Driver
from app.locales import N_, Formatter
from app.web.charts.quantities import between, quantity

STEPS = {
    "hybrid_search": N_("a better search in the documents"),
    "long_context": N_("the whole knowledge in the prompt"),
    "many_shot": N_("many examples in the prompt"),
    "pretraining": N_("continued pretraining"),
    "prompt_optimiser": N_("systematic improvement of the instructions"),
    "retrieval": N_("looking up documents (RAG)"),
    "structured_output": N_("a prescribed output format"),
    "teaching": N_("learning from a stronger model"),
    "tuning": N_("training with your examples"),
    "tuning_on_retrieval": N_("training in addition to looking up"),
}
CAUSES = {
    "knowledge": N_("mistakes from missing knowledge"),
    "format": N_("mistakes in the format"),
    "behaviour": N_("mistakes in tone or category"),
    "reasoning": N_("mistakes in conclusions"),
}
SIZES = {
    "small": N_("How many more mistakes a small model makes than a medium one"),
    "medium": N_("How well a medium-sized model does your task"),
    "large": N_("How many fewer mistakes a large model makes than a medium one"),
}
OPTION_WORK = {
    "effort": N_("Work to set it up: {option}"),
    "operation": N_("Work to run it: {option}"),
    "weeks": N_("Time to first use: {option}"),
}
# First part of the key -> name, and what the range means.
SIMPLE: dict[str, tuple[str, str]] = {
    "success.rules": (N_("How often rules, search or a form get it right"), N_("in {low} to {high} of the cases")),
    "success": (N_("How often good instructions alone get it right"), N_("in {low} to {high} of the cases")),
    "floor": (N_("Mistakes that no approach removes"), N_("{low} to {high} of the results")),
    "narrow": (N_("How well training works for cases as varied as yours"), N_("{low} to {high} of its full effect")),
    "tone": (N_("How much mistakes in tone count"), N_("{low} to {high} times the usual weight")),
    "review": (N_("Results that people have to check"), N_("{low} to {high} of all results")),
    "retraining.per_year": (N_("How often the model must be trained anew"), N_("{low} to {high} times a year")),
    "change.ratio": (
        N_("Cost of introducing it and training the staff"),
        N_("{low} to {high} times the cost of the simplest version"),
    ),
}


class Plain(NamedTuple):
    """Name and range of a driver, in the reader's language."""

    name: str
    spread: str


def plain(driver: Driver, decision: Decision, formatter: Formatter) -> Plain:
    """The driver in plain words; one of a kind that has no plain words keeps the label of its parameter."""
    head, _, rest = driver.key.partition(".")
    special = SPECIAL.get(head)
    found = special(driver, rest, decision, formatter) if special else None
    return (
        found
        or _simple(driver, formatter)
        or Plain(formatter.t(driver.label), between(formatter, driver.low, driver.high, driver.unit))
    )


def _simple(driver: Driver, formatter: Formatter) -> Plain | None:
    fits = [start for start in SIMPLE if driver.key == start or driver.key.startswith(f"{start}.")]
    if not fits:
        return None
    name, spread = SIMPLE[max(fits, key=len)]
    unit = "share" if driver.unit.startswith("share") or driver.key.startswith("narrow") else "factor"
    low, high = (quantity(formatter, amount, unit) for amount in (driver.low, driver.high))
    return Plain(formatter.t(name), formatter.t(spread, low=low, high=high))


def _effect(driver: Driver, rest: str, decision: Decision, formatter: Formatter) -> Plain | None:
    step, _, cause = rest.partition(".")
    cause = cause.partition(".")[0]
    if step not in STEPS or cause not in CAUSES:
        return None
    says = N_("from {low} more to {high} fewer") if driver.low < 0 else N_("{low} to {high} fewer")
    low, high = (formatter.percent(abs(amount)) for amount in (driver.low, driver.high))
    return Plain(
        formatter.t(
            "How much {step} helps against {mistakes}",
            step=formatter.t(STEPS[step]),
            mistakes=formatter.t(CAUSES[cause]),
        ),
        formatter.t(says, low=low, high=high),
    )


def _model_errors(driver: Driver, rest: str, decision: Decision, formatter: Formatter) -> Plain | None:
    size = rest.rpartition(".")[2]
    if size not in SIZES:
        return None
    low, high = (_more_or_fewer(amount - 1, formatter) for amount in (driver.low, driver.high))
    return Plain(formatter.t(SIZES[size]), formatter.t("{low} to {high}", low=low, high=high))


def _more_or_fewer(change: float, formatter: Formatter) -> str:
    share = formatter.percent(abs(change))
    if round(change, 4) == 0:
        return formatter.t("equally many")
    return formatter.t("{share} more" if change > 0 else "{share} fewer", share=share)


def _share_of_cause(driver: Driver, rest: str, decision: Decision, formatter: Formatter) -> Plain | None:
    cause = rest.partition(".")[0]
    if cause not in CAUSES:
        return None
    name = formatter.t("How common {mistakes} are", mistakes=formatter.t(CAUSES[cause]))
    return Plain(
        name, formatter.t("{range} of all mistakes", range=between(formatter, driver.low, driver.high, driver.unit))
    )


def _work(driver: Driver, rest: str, decision: Decision, formatter: Formatter) -> Plain | None:
    option = next((item for item in decision.options if item.option == rest), None)
    if option is None:
        return None
    says = OPTION_WORK[driver.key.partition(".")[0]]
    return Plain(
        formatter.t(says, option=formatter.t(option.label)), between(formatter, driver.low, driver.high, driver.unit)
    )


Special = Callable[[Driver, str, Decision, Formatter], Plain | None]
SPECIAL: dict[str, Special] = {
    "effect": _effect, "model": _model_errors, "share": _share_of_cause, "effort": _work, "operation": _work, "weeks": _work,
}  # fmt: skip
