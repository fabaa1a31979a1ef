"""A hand-made decision with every part filled: what charts and templates are tried on without the engine."""

from __future__ import annotations

from decimal import Decimal

from app.domain.decision import (
    Assumption,
    Baseline,
    BaseModelChoice,
    Benefit,
    BreakEven,
    Cost,
    CostLine,
    Decision,
    Driver,
    Duty,
    Exclusion,
    HostingResult,
    Monitor,
    NextQuestion,
    OptionResult,
    PilotPlan,
    Reason,
    Recommended,
    Risk,
    RunnerUp,
    SimilarCase,
    Step,
    TippingPoint,
)  # fmt: skip
from app.domain.messages import Message, label, value
from app.domain.values import FAMILY, MoneyRange, Range, Series, SourceRef

SOURCE = SourceRef(
    id="S1",
    title="A study <of> retrieval",
    url="https://example.org/study",
    checked="2026-11-20",
    grade="V",
    strength="CS",
)
LABELS = {
    "rag": "Retrieval (RAG)", "prompting": "Prompt engineering", "managed_tuning": "Managed fine-tuning",
    "rag_tuning": "Retrieval and fine-tuning", "no_llm": "Without a language model",
}  # fmt: skip


def money(low: float, middle: float, high: float) -> MoneyRange:
    """A range in euros."""
    return MoneyRange(p10=Decimal(str(low)), p50=Decimal(str(middle)), p90=Decimal(str(high)), currency="EUR")


def text(message: str, **values: object) -> Message:
    """A message without typed values."""
    return Message(message=message)


def _series(once: float, monthly: float) -> Series:
    x = [float(month) for month in range(37)]
    middle = [once + monthly * month for month in x]
    return Series(x=x, p10=[y * 0.8 for y in middle], p50=middle, p90=[y * 1.3 for y in middle])


def _volume(once: float, fixed: float, each: float) -> Series:
    x = [100.0 * 10 ** (step / 6) for step in range(25)]
    middle = [once + 36 * (fixed + each * requests) for requests in x]
    return Series(x=x, p10=[y * 0.8 for y in middle], p50=middle, p90=[y * 1.3 for y in middle])


def _option(name: str, rank: int, once: float, monthly: float, best: float) -> OptionResult:
    total = once + 36 * monthly
    lines = [
        CostLine(key="labour.build", label="Building", group="labour", timing="one_off", quantity=Range(p10=10, p50=14, p90=20), unit="person-day", unit_price="850", unit_currency="EUR", price_key="labour.engineer.day", amount=money(once * 0.7, once, once * 1.4), sources=[SOURCE]),
        CostLine(key="inference", label="Model usage", group="inference", timing="monthly", quantity=Range(p10=20, p50=30, p90=45), unit="1M tokens", unit_price="2.5", unit_currency="USD", price_key="llm.x.input", amount=money(monthly * 0.7, monthly, monthly * 1.5), sources=[SOURCE]),
        CostLine(key="egress", label="Data transfer", group="operation", timing="monthly", unit="GB", price_key="egress.gb", amount=None),
    ]  # fmt: skip
    return OptionResult(
        option=name, label=LABELS[name], family=FAMILY[name], hosting="api_eu", hosting_label="API in the EU", rank=rank,
        feasible=True, exclusions=[], probability_best=best, success_rate=Range(p10=0.78, p50=0.86, p90=0.92),
        cost=Cost(one_off=money(once * 0.7, once, once * 1.4), monthly=money(monthly * 0.7, monthly, monthly * 1.5), total=money(total * 0.8, total, total * 1.3), lines=lines),
        benefit=Benefit(monthly=money(3000, 4200, 6000), total=money(108_000, 150_000, 216_000), break_even_success_rate=0.61),
        net_value=money(20_000, 150_000 - total, 190_000 - total), weeks_to_value=Range(p10=6, p50=8, p90=12), lock_in=2,
        missing_prices=["egress.gb"], model="model-m", model_label="Model M", data_protection="Processor in the EU, contract under Art. 28 GDPR",
        main_risk=text("Out-of-date documents give out-of-date answers."), addons=["reranker"],
        hostings=[HostingResult(hosting="api_eu", feasible=True, exclusions=[], total=money(40_000, 50_000, 65_000), model="model-m"), HostingResult(hosting="api_global", feasible=False, exclusions=[exclusion()])],
        cumulative_cost=_series(once, monthly), cost_by_volume=_volume(once, monthly / 2, monthly / 2 / 8000),
    )  # fmt: skip


def exclusion() -> Exclusion:
    """Why something is out."""
    return Exclusion(
        message="Personal data must stay in the EU.", rule="residency-eu", answers=["residency"], sources=[SOURCE]
    )


def _excluded() -> OptionResult:
    return OptionResult(
        option="managed_tuning", label=LABELS["managed_tuning"], family="fine_tuning", hosting=None, rank=None, feasible=False,
        exclusions=[exclusion()], probability_best=0, success_rate=None, cost=None, benefit=None, net_value=None, weeks_to_value=None,
        lock_in=None, missing_prices=[],
    )  # fmt: skip


def decision(status: str = "recommended") -> Decision:
    """A whole decision: RAG advised for a support desk."""
    return Decision(
        schema_version="1", engine_version="0.1.0", as_of="2026-11-24", knowledge_hash="ab" * 32, prices_hash="cd" * 32, seed=0,
        draws=4096, currency="EUR", horizon_months=36, status=status,
        recommended=Recommended(
            message="Use {option}, hosted as {hosting}.", values={"option": label(LABELS["rag"]), "hosting": label("API in the EU")},
            option="rag", family="rag", hosting="api_eu", confidence=0.72, confidence_word="likely",
            confidence_basis=[text("It is best in most simulated courses.")], model="model-m",
            why=[text("The answers depend on documents that change every week."), text("Forty examples are too few for fine-tuning.")],
        ),
        base_model=BaseModelChoice(message="Model M is the cheapest that reaches the target.", model="model-m", label="Model M", sources=[SOURCE]),
        baseline=Baseline(message="The work costs {cost} a month today.", values={"cost": value("money", 12_345, unit="EUR")}, monthly=money(10_000, 12_345, 15_000)),
        options=[_option("rag", 1, 28_000, 900, 0.72), _option("prompting", 2, 9_000, 1_450, 0.18), _option("rag_tuning", 3, 71_000, 1_200, 0.07), _option("no_llm", 4, 15_000, 300, 0.03), _excluded()],
        runner_up=RunnerUp(message="Prompt engineering costs less to build, but misses more questions.", option="prompting", hosting="api_eu", probability_best=0.18),
        reasons=[Reason(message="Documents change every week.", rule="fresh-knowledge", answers=["knowledge_change", "citations"], effect="for", option="rag", sources=[SOURCE]), Reason(message="Only 40 examples.", rule="few-examples", answers=["examples"], effect="against", option="managed_tuning", sources=[SOURCE])],
        drivers=[_driver("requests_per_month", "Requests per month", 4_000, 12_000, -9_000, 61_000), _driver("minutes_saved_per_request", "Minutes saved per request", 2, 6, 4_000, 48_000), _driver("output_tokens", "Output tokens", 200, 900, 31_000, 18_000)],
        tipping_points=[TippingPoint(message="From 1,000 approved examples on, retrieval and fine-tuning is better.", key="examples", from_=40, to=1000, new_option="rag_tuning")],
        break_even=[BreakEven(message="Retrieval (RAG) is cheaper than prompt engineering from about 3,000 requests a month.", option="rag", against="prompting", key="requests_per_month", value=3000)],
        next_steps=[Step(message="Collect 200 real questions with approved answers.", owner="Department", week_from=1, week_to=2), Step(message="Build a prototype.", owner="IT", week_from=2, week_to=5), Step(message="Run the pilot.", owner="Project lead", week_from=5, week_to=9)],
        risks=[Risk(message="Access rights must be checked at retrieval.", rule="rights", severity="high", mitigation=text("Filter by the reader's rights."), sources=[SOURCE])],
        duties=[Duty(message="Contract on processing by a processor.", rule="dpa", norm="Art. 28 GDPR", applies_from="2018-05-25", sources=[SOURCE])],
        similar_cases=[SimilarCase(id="c1", organisation="A bank", task="Answers for advisers", year=2023, chosen="rag", outcome="In use", why="Content changes daily", url="https://example.org/case", similarity=0.8, same_as_advice=True)],
        pilot=PilotPlan(baseline=text("Today's answers."), metric=text("Share of correct answers."), test_cases=200, half_width=0.07, experiment=text("50 questions by hand."), experiment_cost=money(800, 1200, 2000), stop_rule=text("Stop below 60 %.")),
        monitoring=[Monitor(message="Share of answers marked as wrong.", cadence="weekly")],
        assumptions=[Assumption(key="rag.error_removed", label="Knowledge errors removed by retrieval", low=0.4, mode=0.6, high=0.8, unit="share", grade="V", strength="CS", sources=[SOURCE]), Assumption(key="prior.output_tokens", label="Output tokens per request", low=100, mode=300, high=900, unit="tokens", grade="A", strength="A", from_answer=True)],
        excluded_costs=[text("Office space")],
        next_question=NextQuestion(message="How many approved examples do you have?", key="examples", gain=0.14),
        facts={"requests_per_month": value("count", 8000)},
    )  # fmt: skip


def _driver(key: str, name: str, low: float, high: float, margin_low: float, margin_high: float) -> Driver:
    return Driver(key=key, label=name, low=low, high=high, effect_on_margin=str(margin_high - margin_low), margin_low=str(margin_low), margin_high=str(margin_high), currency="EUR")  # fmt: skip
