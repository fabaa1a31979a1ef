"""Plain facts derived from the answers: what the conditions of rules test. One small pure function per fact.

Every answer is a fact of its own name; the functions here add what follows from them. None means unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.answers import Answers
from app.domain.knowledge import Knowledge

TOKENS_PER_PAGE = 400  # part of the definition of `knowledge_pages` in the answers contract
GROUPS = {
    "classification": "labels", "ranking": "labels", "extraction": "fields", "structured_output": "fields",
    "document_qa": "answers", "support_chat": "answers", "summarisation": "texts", "style_writing": "texts",
    "translation": "texts", "code": "code", "text_to_sql": "code", "reasoning": "steps", "tool_use": "steps", "other": "steps",
}  # fmt: skip
# The 27 states of the Union and the rest of the European Economic Area, where the GDPR applies.
EEA = frozenset(
    [
        "EU",
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
        "IS",
        "LI",
        "NO",
    ]
)
CHANGES_A_YEAR = {"never": 0.0, "yearly": 1.0, "monthly": 12.0, "weekly": 52.0, "daily": 365.0, "realtime": 8760.0}
PERSONAL = frozenset(("personal", "special_category", "professional_secret", "social_data"))


@dataclass(frozen=True)
class Source:
    """What a fact may be derived from."""

    answers: Answers
    knowledge: Knowledge
    as_of: date

    def number(self, name: str) -> float:
        """The mode of a parameter on the day; the most specific of `name.task`, `name.group`, `name`. Raises KeyError."""
        return number(self.knowledge, self.as_of, name, self.answers.task_type)


def number(knowledge: Knowledge, as_of: date, name: str, task: str) -> float:
    """The mode of the most specific parameter of that name for a task. Raises KeyError."""
    return knowledge.parameters[specific(knowledge, name, task)].on(as_of).mode


def specific(knowledge: Knowledge, name: str, task: str) -> str:
    """The id of the most specific parameter: `name.task`, else `name.group`, else `name`."""
    for candidate in (f"{name}.{task}", f"{name}.{GROUPS[task]}"):
        if candidate in knowledge.parameters:
            return candidate
    return name


Fact = Callable[[Source], Any]
FACTS: dict[str, Fact] = {}
FED_BY: dict[str, tuple[str, ...]] = {}  # fact -> the answers it is derived from


def fact(*answers: str) -> Callable[[Fact], Fact]:
    """Registers a fact under the function's name, with the answers it looks at."""

    def register(function: Fact) -> Fact:
        FACTS[function.__name__] = function
        FED_BY[function.__name__] = answers
        return function

    return register


def facts_for(answers: Answers, knowledge: Knowledge, as_of: date) -> dict[str, Any]:
    """All facts: the answers themselves, and what follows from them."""
    source = Source(answers, knowledge, as_of)
    return {
        **{name: getattr(answers, name) for name in Answers.model_fields},
        **{name: derive(source) for name, derive in FACTS.items()},
    }


def answers_behind(name: str) -> tuple[str, ...]:
    """The answers that a fact rests on: itself when it is an answer."""
    return FED_BY.get(name, (name,))


@fact("task_type")
def task_group(source: Source) -> str:
    """Kind of task with like behaviour: labels, fields, answers, texts, code, steps."""
    return GROUPS[source.answers.task_type]


@fact("country")
def in_eea(source: Source) -> bool | None:
    """Whether the organisation sits where the GDPR applies (Art. 3 GDPR)."""
    country = source.answers.country
    return None if country is None else country in EEA


@fact("data_classes")
def personal_data(source: Source) -> bool | None:
    """Whether any stated class of data is about people (Art. 4 no. 1 GDPR)."""
    classes = source.answers.data_classes
    return None if classes is None else bool(PERSONAL.intersection(classes))


@fact("knowledge_size", "knowledge_pages")
def corpus_tokens(source: Source) -> float | None:
    """Tokens of the knowledge: stated pages x 400, else the typical amount of the stated size (parameter `prior.corpus_tokens.*`)."""
    answers = source.answers
    if answers.knowledge_pages is not None:
        return float(answers.knowledge_pages * TOKENS_PER_PAGE)
    if answers.knowledge_size is None:
        return None
    return 0.0 if answers.knowledge_size == "none" else source.number(f"prior.corpus_tokens.{answers.knowledge_size}")


@fact("knowledge_size", "knowledge_pages")
def knowledge_amount(source: Source) -> str | None:
    """none, small (fits into one prompt), medium, large: by pages when they are stated, else as answered."""
    answers = source.answers
    if answers.knowledge_pages is None:
        return answers.knowledge_size
    tokens = answers.knowledge_pages * TOKENS_PER_PAGE
    limits = (("none", 0.0), ("small", source.number("limit.prompt_tokens")), ("medium", source.number("limit.medium_tokens")))  # fmt: skip
    return next((name for name, limit in limits if tokens <= limit), "large")


@fact("knowledge_size", "knowledge_pages")
def knowledge_needed(source: Source) -> bool | None:
    """Whether company knowledge is needed at all."""
    amount = knowledge_amount(source)
    return None if amount is None else amount != "none"


@fact("knowledge_change")
def changes_per_year(source: Source) -> float | None:
    """How often a year the knowledge changes."""
    change = source.answers.knowledge_change
    return None if change is None else CHANGES_A_YEAR[change]


@fact("examples", "example_quality", "example_error_rate", "example_duplicate_rate")
def effective_examples(source: Source) -> float | None:
    """Examples that count: n (1 - duplicates) (1 - 2 errors)^2, errors at most one half (Angluin, Laird 1988)."""
    answers = source.answers
    if answers.examples is None:
        return None
    quality = answers.example_quality or "unknown"
    errors, doubled = answers.example_error_rate, answers.example_duplicate_rate
    errors = source.number(f"prior.example_errors.{quality}") if errors is None else errors
    doubled = source.number("prior.example_duplicates") if doubled is None else doubled
    return answers.examples * (1 - doubled) * (1 - 2 * min(errors, 0.5)) ** 2


@fact("examples", "example_quality", "example_error_rate", "example_duplicate_rate", "task_type")
def examples_to_minimum(source: Source) -> float | None:
    """Effective examples as a multiple of the number from which tuning helps at this task (parameter `examples.minimum`)."""
    effective = effective_examples(source)
    return None if effective is None else effective / source.number("examples.minimum")


@fact("examples", "example_quality", "example_error_rate", "example_duplicate_rate", "task_type")
def examples_to_saturation(source: Source) -> float | None:
    """Effective examples as a multiple of the number from which more hardly help (parameter `examples.saturation`)."""
    effective = effective_examples(source)
    return None if effective is None else effective / source.number("examples.saturation")


@fact("task_type")
def minimum_examples(source: Source) -> float:
    """Number of effective examples from which tuning helps at this task."""
    return source.number("examples.minimum")


@fact("requests_per_month", "input_tokens", "output_tokens")
def tokens_per_month(source: Source) -> float | None:
    """Tokens of all requests in a month, without retrieved text. Unknown lengths count with their usual size."""
    answers = source.answers
    if answers.requests_per_month is None:
        return None
    read = source.number("prior.input_tokens") if answers.input_tokens is None else answers.input_tokens
    written = source.number("prior.output_tokens") if answers.output_tokens is None else answers.output_tokens
    return answers.requests_per_month * (read + written)


def _share(source: Source, cause: str) -> float | None:
    causes = source.answers.failure_causes
    return None if causes is None else causes.get(cause, 0.0)  # type: ignore[call-overload]


@fact("failure_causes")
def knowledge_share(source: Source) -> float | None:
    """Share of the failures that come from missing knowledge."""
    return _share(source, "knowledge")


@fact("failure_causes")
def format_share(source: Source) -> float | None:
    """Share of the failures that come from a wrong format."""
    return _share(source, "format")


@fact("failure_causes")
def behaviour_share(source: Source) -> float | None:
    """Share of the failures that come from tone, style or borders between labels."""
    return _share(source, "behaviour")


@fact("failure_causes")
def reasoning_share(source: Source) -> float | None:
    """Share of the failures that come from wrong conclusions."""
    return _share(source, "reasoning")


@fact("prompting_success_rate", "target_success_rate")
def gap_to_target(source: Source) -> float | None:
    """Target success rate less the measured one; at most 0 when prompting already reaches it."""
    reached, target = source.answers.prompting_success_rate, source.answers.target_success_rate
    return None if reached is None or target is None else target - reached


@fact("prompting_tried", "prompting_success_rate", "target_success_rate")
def prompting_state(source: Source) -> str | None:
    """good, partial, insufficient or not_tried: as answered, else from the measured rate against the target."""
    if source.answers.prompting_tried is not None:
        return source.answers.prompting_tried
    gap = gap_to_target(source)
    if gap is None:
        return None
    return "good" if gap <= 0 else "partial" if gap <= source.number("limit.partial_gap") else "insufficient"


@fact("residency", "data_classes")
def closed_premises(source: Source) -> bool | None:
    """Whether data must stay in the own house: stated, or because classified data are named."""
    answers = source.answers
    if "classified" in (answers.data_classes or ()):
        return True
    return None if answers.residency is None else answers.residency == "on_premises"


@fact("budget", "budget_once", "budget_monthly")
def budget_known(source: Source) -> bool:
    """Whether any budget is stated as a figure."""
    return source.answers.budget_once is not None or source.answers.budget_monthly is not None
