"""The one entry of the engine: answers, knowledge, prices, day and seed in, a Decision out. The same inputs give the same bytes."""

from __future__ import annotations

from datetime import date
from typing import Literal

from app.domain import advice, changes, grounds, pilot_updates, plan, precedents, published
from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.core import Core, run
from app.domain.decision import Decision, ExchangeRate
from app.domain.draws import Draws
from app.domain.knowledge import Knowledge
from app.domain.pilot import NO_EVIDENCE, Evidence

SCHEMA_VERSION = "1"
ENGINE_VERSION = "0.1.0"
USUAL_DRAWS = 4096
Depth = Literal["full", "core"]


def decide(  # noqa: PLR0913, PLR0917
    answers: Answers, knowledge: Knowledge, prices: PriceBook, as_of: date, seed: int = 0, draws: int = USUAL_DRAWS,
    depth: Depth = "full", evidence: Evidence | None = None,
) -> Decision:  # fmt: skip
    """Everything the engine finds. `depth="core"` leaves out what needs many further runs: drivers, tipping points, curves."""
    core = run(answers, knowledge, prices, as_of, Draws(draws, seed), evidence or NO_EVIDENCE)
    verdict = advice.verdict(core)
    used = _used(core)
    changed = changes.changes(core, verdict) if depth == "full" else changes.NO_CHANGES
    return Decision(
        schema_version=SCHEMA_VERSION, engine_version=ENGINE_VERSION, as_of=as_of.isoformat(), knowledge_hash=knowledge.hash,
        prices_hash=prices.hash, seed=seed, draws=draws, currency=core.situation.currency,
        horizon_months=core.situation.horizon_months, status=verdict.status, recommended=advice.recommended(core, verdict),
        base_model=advice.base_model_choice(core, verdict), baseline=advice.baseline(core),
        options=published.options(core, depth == "full"), runner_up=advice.runner_up(core, verdict),
        reasons=grounds.reasons(core, verdict), drivers=changed.drivers, tipping_points=changed.tipping_points,
        break_even=changed.break_even, next_steps=plan.steps(core, verdict), risks=grounds.risks(core, verdict),
        duties=grounds.duties(core, verdict), similar_cases=precedents.similar_cases(core, verdict),
        pilot=plan.pilot(core, verdict), monitoring=plan.monitoring(core, verdict),
        assumptions=grounds.assumptions(core), excluded_costs=list(grounds.NOT_COUNTED), next_question=changed.next_question,
        prices_stale=sorted(key for key in used if (price := prices.get(key)) and price.stale),
        exchange_rates=_exchange_rates(prices, used),
        facts=grounds.shown_facts(core), pilot_results=pilot_updates.updates(core),
    )  # fmt: skip


def _used(core: Core) -> set[str]:
    """Keys of the prices used, with those of the exchange rates they were converted with."""
    keys = {line.price_key for item in core.outcomes.values() for line in item.costs.lines if line.price_key}
    found = [price for key in keys if (price := core.situation.book.get(key))]
    currencies = {price.currency for price in found} | {core.situation.currency}
    return keys | {f"fx.{currency.lower()}" for currency in currencies if len(currencies) > 1}


def _exchange_rates(prices: PriceBook, used: set[str]) -> list[ExchangeRate]:
    rates = [price for key in sorted(used) if key.startswith("fx.") and (price := prices.get(key))]
    return [
        ExchangeRate(currency=rate.currency, per_eur=str(rate.amount), day=rate.valid_from.isoformat() if rate.valid_from else None, source=rate.source)
        for rate in rates
    ]  # fmt: skip
