"""The one entry to the engine."""

from __future__ import annotations

from datetime import date

from app.domain.answers import Answers
from app.domain.cases import similar_cases
from app.domain.catalogue import PriceBook
from app.domain.decision import Decision
from app.domain.explain import (
    assumptions, base_model, baseline, excluded_costs, reasons, recommended, runner_up, sizes,
)  # fmt: skip
from app.domain.explain_curves import break_evens, cost_curves
from app.domain.explain_drivers import drivers
from app.domain.explain_options import option_results
from app.domain.explain_plan import duties, monitoring, next_steps, pilot, risks
from app.domain.knowledge import Knowledge
from app.domain.tipping import explore
from app.domain.values import FAMILY
from app.domain.verdict import Case, judge

SCHEMA_VERSION = "1"
ENGINE_VERSION = "1.0.0"


def decide(  # noqa: PLR0913, PLR0917 -- the published entry
    answers: Answers, knowledge: Knowledge, prices: PriceBook, as_of: date, seed: int = 0, draws: int = 4096
) -> Decision:
    """Everything the engine finds for these answers. The same arguments give the same bytes."""
    case = Case(answers, knowledge, prices, as_of, seed, draws)
    verdict = judge(case)
    curves = cost_curves(verdict, [item for item in verdict.outcomes.values() if item.costs is not None])
    tipping_points, next_question = explore(verdict)
    return Decision.model_construct(
        schema_version=SCHEMA_VERSION, engine_version=ENGINE_VERSION, as_of=as_of.isoformat(), knowledge_hash=knowledge.hash,
        prices_hash=prices.hash, seed=seed, draws=draws, currency=verdict.situation.currency,
        horizon_months=verdict.situation.horizon_months, status=verdict.status, recommended=recommended(verdict),
        base_model=base_model(verdict), baseline=baseline(verdict), options=option_results(verdict, curves),
        runner_up=runner_up(verdict), reasons=reasons(verdict), drivers=drivers(verdict), tipping_points=tipping_points,
        break_even=break_evens(verdict, curves), next_steps=next_steps(verdict), risks=risks(verdict), duties=duties(verdict),
        similar_cases=similar_cases(answers, knowledge, FAMILY[verdict.best.option]), pilot=pilot(verdict),
        monitoring=monitoring(verdict), assumptions=assumptions(verdict), excluded_costs=excluded_costs(),
        next_question=next_question, prices_stale=sorted(key for key, price in prices.prices.items() if price.stale),
        facts=sizes(verdict),
    )  # fmt: skip
