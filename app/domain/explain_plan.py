"""What to do and what to watch: steps, risks, duties, monitoring, the test plan. All of it from rules and texts of the knowledge base."""

from __future__ import annotations

from app.domain.costs import money
from app.domain.decision import Duty, Monitor, PilotPlan, Risk, Step
from app.domain.messages import Message, label, value
from app.domain.quality import test_cases_for, wilson
from app.domain.rules import Fired, sources_of, values_in
from app.domain.verdict import Verdict

SEVERITIES = ("high", "medium", "low")


def _about_advice(verdict: Verdict, *effects: str) -> list[Fired]:
    """Fired rules of these effects that speak of the advice."""
    best = verdict.best
    return [item for item in verdict.fired if item.rule.effect in effects and item.touches(best.option, best.hosting)]


def _text(verdict: Verdict, item: Fired) -> dict[str, object]:
    says = item.rule.says
    return {"message": says, "values": values_in(says, verdict.case.knowledge, verdict.situation.facts)}


def next_steps(verdict: Verdict) -> list[Step]:
    """The road to the advice: who does what, from which week to which."""
    first = [item for item in verdict.fired if item.rule.effect == "not_ready"]
    found = first + sorted(_about_advice(verdict, "step"), key=lambda item: item.rule.order)
    return [
        Step(**_text(verdict, item), owner=item.rule.owner or "department", week_from=(item.rule.weeks or (1, 4))[0], week_to=(item.rule.weeks or (1, 4))[1])
        for item in found
    ]  # fmt: skip


def risks(verdict: Verdict) -> list[Risk]:
    """Warnings that concern the advice, the gravest first."""
    found = sorted(_about_advice(verdict, "warns"), key=lambda item: SEVERITIES.index(item.rule.severity))
    return [
        Risk(
            **_text(verdict, item), rule=item.rule.id, severity=item.rule.severity, sources=sources_of(item.rule, verdict.case.knowledge),
            mitigation=Message(message=item.rule.mitigation) if item.rule.mitigation else None,
        )
        for item in found
    ]  # fmt: skip


def duties(verdict: Verdict) -> list[Duty]:
    """Duties and conditions of the advice, with norm and date."""
    laws = verdict.case.knowledge.laws
    found = []
    for item in _about_advice(verdict, "duty", "requires"):
        law = laws.get(item.rule.law or "")
        since = law.applies_from.isoformat() if law and law.applies_from else None
        norm = item.rule.norm or (law.norm if law else "")
        found.append(
            Duty(
                **_text(verdict, item),
                rule=item.rule.id,
                norm=norm,
                applies_from=since,
                sources=sources_of(item.rule, verdict.case.knowledge),
            )
        )
    return found


def monitoring(verdict: Verdict) -> list[Monitor]:
    """What to watch in operation."""
    found = sorted(_about_advice(verdict, "monitor"), key=lambda item: item.rule.order)
    return [Monitor(**_text(verdict, item), cadence=item.rule.cadence or "monthly") for item in found]


def pilot(verdict: Verdict) -> PilotPlan:
    """How to test the advice before spending."""
    answers, best, situation = verdict.case.answers, verdict.best, verdict.situation
    target = answers.target_success_rate
    aim = target if target is not None else float(best.success.mean()) if best.success is not None else 0.8
    cases = test_cases_for(situation, aim)
    low, high = wilson(aim, cases)
    info = verdict.case.knowledge.options[best.option]
    stop = round(low, 2)
    measured = answers.prompting_success_rate
    return PilotPlan(
        baseline=Message(message="Prompting today: {rate} of the results are right.", values={"rate": value("percent", measured)}) if measured is not None
        else Message(message="Measure first how many results the best prompt gets right."),
        metric=Message(message="Share of results that an expert approves, on {cases} cases nobody has worked with.", values={"cases": value("count", cases)}),
        test_cases=cases, half_width=round((high - low) / 2, 4),
        experiment=Message(message=info.experiment or "Try {option} on the test cases.", values={} if info.experiment else {"option": label(info.label)}),
        experiment_cost=money(best.costs.one_off * situation.parameter("pilot.cost_share"), situation.currency) if best.costs else None,
        stop_rule=Message(message="Stop when fewer than {rate} of the test cases are right.", values={"rate": value("percent", stop)}),
    )  # fmt: skip
