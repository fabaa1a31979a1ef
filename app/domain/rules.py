"""Which rules fire for these facts, what they exclude and how much they weigh. Every effect comes with answers and sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import Any

from app.domain.conditions import Facts, fired_by, holds
from app.domain.decision import Exclusion, Reason
from app.domain.facts import answers_behind
from app.domain.knowledge import Choice, Knowledge, Question, Rule
from app.domain.messages import Value, label, value
from app.domain.values import SourceRef

SHARES = frozenset((
    "prompting_success_rate", "target_success_rate", "gap_to_target", "multi_document_share", "batchable_share",
    "example_error_rate", "example_duplicate_rate", "knowledge_share", "format_share", "behaviour_share", "reasoning_share",
))  # fmt: skip


@dataclass(frozen=True)
class Fired:
    """A rule whose condition holds, with the answers that made it hold."""

    rule: Rule
    answers: tuple[str, ...]

    def touches(self, option: str, hosting: str | None = None) -> bool:
        """Whether the rule speaks of this option (at this hosting; None: wherever it runs)."""
        here = hosting is None or not self.rule.hostings or hosting in self.rule.hostings
        return here and (not self.rule.options or option in self.rule.options)


def in_force(knowledge: Knowledge, as_of: date) -> list[Rule]:
    """The rules that are valid on the day."""
    return [
        rule for rule in knowledge.rules.values()
        if (rule.valid_from is None or rule.valid_from <= as_of) and (rule.valid_to is None or as_of <= rule.valid_to)
    ]  # fmt: skip


def fire(rules: Iterable[Rule], facts: Facts) -> list[Fired]:
    """The rules that hold, in the order of their ids."""
    return [Fired(rule, _answers(rule, facts)) for rule in rules if holds(rule.when, facts)]


def _answers(rule: Rule, facts: Facts) -> tuple[str, ...]:
    behind = (answer for name in fired_by(rule.when, facts) for answer in answers_behind(name))
    return tuple(answer for answer in dict.fromkeys(behind) if facts.get(answer) is not None)


def exclusions(
    excluding: Iterable[Fired], option: str, hosting: str, knowledge: Knowledge, facts: Facts
) -> list[Exclusion]:
    """Why rules with that effect leave out an option at a hosting; empty when none does."""
    return [
        Exclusion(
            rule=item.rule.id, message=item.rule.says, values=values_in(item.rule.says, knowledge, facts),
            answers=list(item.answers), sources=sources_of(item.rule, knowledge),
        )
        for item in excluding if item.touches(option, hosting)
    ]  # fmt: skip


def reason(item: Fired, knowledge: Knowledge, facts: Facts, option: str | None = None) -> Reason:
    """A fired rule as shown to users."""
    effects = {
        "favours": "for",
        "discourages": "against",
        "step": "requires",
        "duty": "requires",
        "monitor": "requires",
    }
    return Reason(
        rule=item.rule.id, message=item.rule.says, values=values_in(item.rule.says, knowledge, facts),
        answers=list(item.answers), effect=effects.get(item.rule.effect, item.rule.effect), option=option,
        sources=sources_of(item.rule, knowledge),
    )  # fmt: skip


def sources_of(rule: Rule, knowledge: Knowledge) -> list[SourceRef]:
    """The evidence a rule cites."""
    return [knowledge.evidence[name].ref for name in rule.sources if name in knowledge.evidence]


def values_in(text: str, knowledge: Knowledge, facts: Facts) -> dict[str, Value]:
    """The facts that a sentence names in {braces}, each as a typed value."""
    return {name: shown(knowledge, name, facts.get(name)) for name in names_in(text)}


@lru_cache(maxsize=2048)
def names_in(text: str) -> tuple[str, ...]:
    """The names in {braces} of a text."""
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name)


def shown(knowledge: Knowledge, name: str, given: Any) -> Value:
    """An answer or fact as a typed value: a choice by its label, a share in percent."""
    if given is None:
        return label("unknown")
    if isinstance(given, list):
        return label(choice_label(knowledge, name, given[0]) if given else "none")
    if isinstance(given, str | bool):
        return label(choice_label(knowledge, name, given))
    kind: Any = "percent" if name in SHARES else "count" if float(given).is_integer() or given >= 100 else "number"
    return value(kind, round(given) if kind == "count" else given)


def choice_label(knowledge: Knowledge, name: str, given: str | bool) -> str:
    """The label of an answer in the questionnaire; yes or no for a boolean."""
    question = _question(knowledge, name)
    labels = {choice.value: choice.label for choice in _choices(question)}
    fallback = ("yes" if given else "no") if isinstance(given, bool) else given.replace("_", " ")
    return labels.get(given, fallback)


def _choices(question: Question | None) -> list[Choice]:
    return question.choices if question else []


def _question(knowledge: Knowledge, name: str) -> Question | None:
    if name in knowledge.questions and not knowledge.questions[name].fields:
        return knowledge.questions[name]
    fields = (field for question in knowledge.questions.values() for field in question.fields)
    return next((field for field in fields if field.id == name), None)
