"""Why: rules that fired, risks and duties with their norms, published cases alike, assumptions with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from app.domain import rules
from app.domain.advice import Verdict
from app.domain.core import Core
from app.domain.decision import Assumption, Duty, Reason, Risk
from app.domain.knowledge import Knowledge, Rule
from app.domain.messages import Message, Value, value
from app.domain.values import SourceRef

MOST_RISKS = 8
NOT_COUNTED = (
    Message(message="Value added tax and discounts that only you can negotiate."),
    Message(message="The base load of your IT: workplaces, network, identity management."),
    Message(message="Gains from better decisions, new products or happier customers."),
)


def reasons(core: Core, found: Verdict) -> list[Reason]:
    """The rules that fired from the answers and speak about options, the weightiest first."""
    told = [item for item in core.fired if item.rule.effect in ("favours", "discourages", "excludes", "not_ready")]
    spoken = [item for item in told if item.answers]
    ordered = sorted(
        spoken, key=lambda item: (item.rule.effect != "not_ready", -abs(_weight(core, item.rule)), item.rule.id)
    )
    knowledge, facts = core.situation.knowledge, core.situation.facts
    return [
        rules.reason(item, knowledge, facts, found.option if found.option in item.rule.options else None)
        for item in ordered
    ]


def _weight(core: Core, rule: Rule) -> float:
    if rule.weight is None:
        return 1.0
    return core.situation.knowledge.parameters[rule.weight].on(core.situation.as_of).mode


def _about(core: Core, found: Verdict, effect: str) -> Iterable[rules.Fired]:
    return (item for item in core.fired if item.rule.effect == effect and item.touches(found.option, found.hosting))


def risks(core: Core, found: Verdict) -> list[Risk]:
    """What can go wrong with the advice and what to do about it, the gravest first."""
    knowledge, facts, order = core.situation.knowledge, core.situation.facts, ("high", "medium", "low")
    warned = sorted(_about(core, found, "warns"), key=lambda item: (order.index(item.rule.severity), item.rule.id))
    return [
        Risk(
            rule=item.rule.id, message=item.rule.says, values=rules.values_in(item.rule.says, knowledge, facts),
            severity=item.rule.severity, sources=rules.sources_of(item.rule, knowledge),
            mitigation=Message(message=item.rule.mitigation) if item.rule.mitigation else None,
        )
        for item in warned[:MOST_RISKS]
    ]  # fmt: skip


def duties(core: Core, found: Verdict) -> list[Duty]:
    """Legal duties of the advice, with norm and date."""
    return [_duty(core, item.rule) for item in _about(core, found, "duty")]


def _duty(core: Core, rule: Rule) -> Duty:
    knowledge = core.situation.knowledge
    law = knowledge.laws.get(rule.law or "")
    sources = rules.sources_of(rule, knowledge)
    if law is not None:
        named = SourceRef(
            title=law.norm, url=law.url, checked=law.checked.isoformat(), grade=law.grade, strength="LAW", id=law.id
        )
        sources = [named, *sources]
    starts = law.applies_from.isoformat() if law and law.applies_from else None
    return Duty(
        rule=rule.id, message=rule.says, norm=law.norm if law else rule.norm, applies_from=starts, sources=sources
    )


def assumptions(core: Core) -> list[Assumption]:
    """Every parameter that was drawn in this run, with its range, basis and sources."""
    known = core.situation.knowledge.parameters
    names = sorted(name for name in core.situation.draws.names if name in known)
    kept, day = _kept_assumptions(core.situation.knowledge), core.situation.as_of
    for name in names:
        if (name, day) not in kept:
            kept[name, day] = _assumption(core.situation.knowledge, name, day)
    return [kept[name, day] for name in names]


@lru_cache(maxsize=4)
def _kept_assumptions(knowledge: Knowledge) -> dict[tuple[str, date], Assumption]:
    """They are the same in every decision with this knowledge base."""
    return {}


def _assumption(knowledge: Knowledge, name: str, day: date) -> Assumption:
    item = knowledge.parameters[name]
    chosen = item.on(day)
    return Assumption(
        key=name, label=item.label, low=chosen.low, mode=chosen.mode, high=chosen.high, unit=item.unit, grade=item.grade,
        strength=item.strength, sources=[knowledge.evidence[source].ref for source in item.sources if source in knowledge.evidence],
    )  # fmt: skip


def shown_facts(core: Core) -> dict[str, Value]:
    """Sizes that follow from the answers, for readers and launch kits."""
    facts, inputs = core.situation.facts, core.situation.inputs
    shown: dict[str, Value] = {}
    for name in ("corpus_tokens", "effective_examples", "minimum_examples", "tokens_per_month"):
        if facts.get(name) is not None:
            shown[name] = value("tokens" if "tokens" in name else "count", float(f"{facts[name]:.6g}"))
    for name in ("requests_per_month", "input_tokens", "output_tokens", "tokens_per_example", "n_eff"):
        low, high = sorted(float(f"{number:.4g}") for number in (inputs[name].min(), inputs[name].max()))
        shown[name] = value("tokens" if "tokens" in name else "count", low, None if low == high else high)
    return shown
