"""Cross-checks: whatever one item names has to exist."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.knowledge import Knowledge
from app.errors import KnowledgeError


def check_references(knowledge: Knowledge) -> None:
    """Raises KnowledgeError for the first name that leads nowhere, with the place it stands at."""
    for place, name, known in _references(knowledge):
        if name not in known:
            raise KnowledgeError(
                "{place} names “{name}”, which does not exist.", "Add it, or correct the name.", place=place, name=name
            )


def _references(knowledge: Knowledge) -> Iterable[tuple[str, str, Iterable[str]]]:
    evidence = knowledge.evidence
    for folder, items in (
        ("rules", knowledge.rules),
        ("parameters", knowledge.parameters),
        ("questions", knowledge.questions),
    ):
        for item in items.values():  # type: ignore[attr-defined]
            yield from ((f"{folder}/{item.id}.yaml, sources", source, evidence) for source in item.sources)
    for law in knowledge.laws.values():
        yield from ((f"law/{law.id}.yaml, evidence", source, evidence) for source in law.evidence)
    for rule in knowledge.rules.values():
        place = f"rules/{rule.id}.yaml"
        yield from ((f"{place}, weight", name, knowledge.parameters) for name in [rule.weight] if name)
        yield from ((f"{place}, law", name, knowledge.laws) for name in [rule.law] if name)
