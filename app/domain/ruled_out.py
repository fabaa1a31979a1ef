"""What the answers so far exclude: the user sees the engine think while the questionnaire goes on. Rules only, nothing is simulated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.domain.answers import Answers
from app.domain.decision import Exclusion
from app.domain.facts import facts_for
from app.domain.knowledge import Knowledge
from app.domain.rules import exclusions, fire, in_force


@dataclass(frozen=True)
class RuledOut:
    """An option that is out at every place of operation, or a place that is out for every option. `label` is an English gettext id."""

    kind: Literal["option", "hosting"]
    id: str
    label: str
    because: Exclusion


def ruled_out(answers: Answers, knowledge: Knowledge, as_of: date) -> list[RuledOut]:
    """Options first, then places of operation, each with the rule that excludes it most widely."""
    facts = facts_for(answers, knowledge, as_of)
    fired = [item for item in fire(in_force(knowledge, as_of), facts) if item.rule.effect == "excludes"]
    reasons = {
        (option.id, hosting): exclusions(fired, option.id, hosting, knowledge, facts)
        for option in knowledge.options.values() for hosting in option.hostings
    }  # fmt: skip
    options = (
        _out("option", option.id, option.label, [reasons[option.id, hosting] for hosting in option.hostings])
        for option in knowledge.options.values()
    )
    hostings = (
        _out("hosting", hosting.id, hosting.label, [found for pair, found in reasons.items() if pair[1] == hosting.id])
        for hosting in knowledge.hostings.values()
    )
    return [item for item in (*options, *hostings) if item]


def _out(kind: Literal["option", "hosting"], name: str, label: str, cells: list[list[Exclusion]]) -> RuledOut | None:
    """Out if excluded in every cell; the reason that holds in most of them is the one to show."""
    if not cells or not all(cells):
        return None
    counts = Counter(item.rule for cell in cells for item in cell)
    leading = counts.most_common(1)[0][0]
    return RuledOut(kind, name, label, next(item for cell in cells for item in cell if item.rule == leading))
