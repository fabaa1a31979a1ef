"""What next: steps with owner and week, the test that comes before spending, what to watch in operation."""

from __future__ import annotations

from app.domain import rules
from app.domain.advice import Verdict
from app.domain.components.shown import money
from app.domain.core import Core
from app.domain.decision import Monitor, PilotPlan, Step
from app.domain.facts import number
from app.domain.messages import Message, value
from app.domain.quality import test_cases_for, wilson

# What is measured, by group of tasks.
METRICS = {
    "labels": "Share of cases with the right label, for each label apart.",
    "fields": "Share of documents with every field right, and of single fields.",
    "answers": "Share of answers that are right and rest on the cited passage.",
    "texts": "Share of texts that experts accept without changes, judged blind.",
    "code": "Share of results that pass the tests.",
    "steps": "Share of cases with the right result, checked by experts.",
}


def _planned(core: Core, found: Verdict, effect: str) -> list[rules.Fired]:
    touched = (item for item in core.fired if item.rule.effect == effect and item.touches(found.option, found.hosting))
    return sorted(touched, key=lambda item: (item.rule.order, item.rule.id))


def steps(core: Core, found: Verdict) -> list[Step]:
    """Roadmap: who does what in which weeks. What is missing for a decision comes first."""
    missing = [
        Step(message=text.message, values=text.values, owner="project lead", week_from=1, week_to=4)
        for text in found.not_ready
    ]
    return missing + [_step(core, item) for item in _planned(core, found, "step")]


def _step(core: Core, item: rules.Fired) -> Step:
    first, last = item.rule.weeks or (1, 1)
    values = rules.values_in(item.rule.says, core.situation.knowledge, core.situation.facts)
    return Step(message=item.rule.says, values=values, owner=item.rule.owner, week_from=first, week_to=last)


def monitoring(core: Core, found: Verdict) -> list[Monitor]:
    """What to watch in operation and how often."""
    return [Monitor(message=item.rule.says, cadence=item.rule.cadence) for item in _planned(core, found, "monitor")]


def pilot(core: Core, found: Verdict) -> PilotPlan:
    """Baseline, metric, number of cases from the Wilson interval, cheapest experiment, stop rule."""
    situation = core.situation
    task, knowledge, day = situation.answers.task_type, situation.knowledge, situation.as_of
    stated = situation.answers.target_success_rate
    target = number(knowledge, day, "prior.target_success_rate", task) if stated is None else stated
    cases = test_cases_for(situation, target)
    low, high = wilson(target, cases)
    outcome = core.outcomes.get(found.option)
    cost = (
        money(outcome.costs.one_off * number(knowledge, day, "pilot.cost_share", task), situation.currency)
        if outcome
        else None
    )
    rate = value("percent", target)
    return PilotPlan(
        baseline=_baseline(core), metric=Message(message=METRICS[situation.facts["task_group"]]), test_cases=cases,
        half_width=float(f"{(high - low) / 2:.4f}"), experiment=Message(message=knowledge.options[found.option].experiment),
        experiment_cost=cost,
        stop_rule=Message(message="Stop when fewer than {low} of {cases} cases succeed: then {target} is out of reach.",
                          values={"low": value("count", round(low * cases)), "cases": value("count", cases), "target": rate}),
    )  # fmt: skip


def _baseline(core: Core) -> Message:
    rate = core.situation.answers.prompting_success_rate
    if rate is None:
        return Message(message="The best prompt with examples and structured output, measured on the same cases.")
    return Message(message="Your present success rate of {rate}, measured again on the same cases.", values={"rate": value("percent", rate)})  # fmt: skip
