"""Cross-checks: whatever an item refers to has to exist, and dated values have to be in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from app.domain.answers import KEYS, read_answers
from app.domain.knowledge import Knowledge
from app.errors import InputError, KnowledgeError


def check_references(knowledge: Knowledge) -> None:
    """Raises KnowledgeError at the first reference that leads nowhere, the first wrong answer, the first disordered date."""
    for file, key, wanted, known in _references(knowledge):
        if wanted not in known:
            raise KnowledgeError(
                "{file}: {key} names '{wanted}', which does not exist.", "Mend the name or add the item.",
                file=file, key=key, wanted=wanted,
            )  # fmt: skip
    for file, item in _dated(knowledge):
        days = [value.valid_from for value in item.values]
        if not days or days != sorted(set(days)):
            raise KnowledgeError("{file}: values: one for each day, oldest first, are needed.", "Sort them.", file=file)
    _check_ranges(knowledge)
    _check_answers(knowledge)


def _references(knowledge: Knowledge) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """File, key, the id it names and the ids that exist."""
    for folder, items in (("rules", knowledge.rules), ("parameters", knowledge.parameters), ("questions", knowledge.questions)):  # fmt: skip
        for name, item in items.items():
            yield from ((f"{folder}/{name}.yaml", "sources", source, knowledge.evidence) for source in item.sources)
    for name, law in knowledge.laws.items():
        yield from ((f"law/{name}.yaml", "evidence", source, knowledge.evidence) for source in law.evidence)
    for name, rule in knowledge.rules.items():
        if rule.weight:
            yield f"rules/{name}.yaml", "weight", rule.weight, knowledge.parameters
        if rule.law:
            yield f"rules/{name}.yaml", "law", rule.law, knowledge.laws
        for example in rule.examples:
            yield from ((f"rules/{name}.yaml", "examples.answers", key, KEYS) for key in example.answers)
    for name, model in knowledge.models.items():
        yield from (
            (f"models/{name}.yaml", "tunable_on", platform, knowledge.platforms) for platform in model.tunable_on
        )
    for name, disagreement in knowledge.disagreements.items():
        yield from (
            (f"disagreements/{name}.yaml", "sources", source, knowledge.evidence) for source in disagreement.sources
        )
    for name, contradiction in knowledge.contradictions.items():
        for example in contradiction.examples:
            yield from ((f"contradictions/{name}.yaml", "examples.answers", key, KEYS) for key in example.answers)
    for name, question in knowledge.questions.items():
        yield from ((f"questions/{name}.yaml", "keys", key, KEYS) for key in question.keys)


def _dated(knowledge: Knowledge) -> Iterator[tuple[str, Any]]:
    yield from ((f"parameters/{name}.yaml", item) for name, item in knowledge.parameters.items())
    yield from ((f"prices/{name}.yaml", item) for name, item in knowledge.prices.items())


def _check_ranges(knowledge: Knowledge) -> None:
    for name, parameter in knowledge.parameters.items():
        for value in parameter.values:
            if not value.low <= value.mode <= value.high:
                raise KnowledgeError(
                    "parameters/{id}.yaml: values: low, mode, high are {low}, {mode}, {high}.", "Sort them.",
                    id=name, low=value.low, mode=value.mode, high=value.high,
                )  # fmt: skip


def _check_answers(knowledge: Knowledge) -> None:
    """Examples and published cases hold answers that a user could give."""
    for folder, items in (("cases", knowledge.cases), ("examples", knowledge.examples)):
        for name, item in items.items():
            try:
                read_answers(item.answers)
            except InputError as error:
                raise KnowledgeError("{file}: {problem}.", "Mend the answer.", file=f"{folder}/{name}.yaml", problem=error.says) from None  # fmt: skip
