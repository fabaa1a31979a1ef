"""Costs against hand-worked examples of the vendors' rules, and what must hold for every option."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.answers import read_answers
from app.domain.catalogue import Price, PriceBook
from app.domain.components.inference import token_lines
from app.domain.components.lines import Desk, PricedLine
from app.domain.components.profile import Way
from app.domain.components.training import training_lines
from app.domain.costs import OptionCosts, option_costs
from app.domain.draws import Draws
from app.domain.inputs import prepare
from app.domain.situation import Situation
from app.domain.values import SourceRef
from app.knowledge import load_knowledge
from app.prices import price_book

DAY = date(2026, 11, 24)
KNOWLEDGE = load_knowledge()
BASE: dict[str, Any] = {
    "task_type": "support_chat", "text_language": "en", "currency": "USD", "requests_per_month": 1_000_000,
    "input_tokens": 3000, "output_tokens": 500, "shared_prefix_tokens": 2000, "batchable_share": 0, "peak_factor": 4,
    "knowledge_pages": 2000, "examples": 1000, "data_classes": ["internal"], "latency": "seconds",
    "minutes_saved_per_request": 2, "hourly_cost": 40, "error_risk": "low",
}  # fmt: skip
WAYS = [
    ("no_llm", "on_premises", None), ("prompting", "api_eu", "gpt-6.1-terra"), ("prompting", "on_premises", "qwen3-14b"),
    ("long_context", "api_eu", "gpt-6.1-terra"), ("rag", "cloud_tenant_eu", "claude-sonnet-5.5"), ("rag", "rented_gpu_eu", "mistral-small-3.2-24b"),
    ("tuned_encoder", "rented_gpu_eu", "gbert-large"), ("managed_tuning", "cloud_tenant_eu", "gpt-4.1-mini"),
    ("managed_tuning", "cloud_tenant_eu", "gemini-3.5-flash"), ("lora_open_weights", "rented_gpu", "qwen3-8b"),
    ("distillation", "rented_gpu_eu", "qwen3-8b"), ("rag_tuning", "on_premises", "qwen3-14b"), ("continued_pretraining", "rented_gpu_eu", "qwen3-32b"),
]  # fmt: skip


def fixed(**values: float) -> dict[str, Any]:
    """The knowledge base with some parameters as single numbers, so that a line can be worked out by hand."""
    parameters = dict(KNOWLEDGE.parameters)
    for name, number in values.items():
        key = name.replace("__", ".")
        value = parameters[key].values[-1].model_copy(update={"low": number, "mode": number, "high": number})
        parameters[key] = parameters[key].model_copy(update={"values": [value]})
    return parameters


PLAIN = fixed(
    tokens__retries=0, tokens__reasoning_plain=1, tokens__active_hours=220, cache__lifetime=5, cache__minimum=1024,
    training__runs=1, training__epochs=2, training__idle=0,
)  # fmt: skip


def changed(base: Any, **parts: Any) -> Any:
    """Knowledge or prices with other parts, and another hash: what is kept in a process is kept by it."""
    return base.model_copy(update={**parts, "hash": sha256(repr(sorted(parts.items())).encode()).hexdigest()})


def situation(
    draws: int = 64, parameters: dict[str, Any] | None = None, book: PriceBook | None = None, **answers: Any
) -> Situation:
    knowledge = changed(KNOWLEDGE, parameters=parameters) if parameters else KNOWLEDGE
    return prepare(read_answers(BASE | answers), knowledge, book or price_book(KNOWLEDGE, DAY), DAY, Draws(draws))


def costs(way: tuple[str, str, str | None], **answers: Any) -> OptionCosts:
    option, hosting, model = way
    return option_costs(situation(**answers), option, hosting, KNOWLEDGE.models[model] if model else None)


def inference(model: str, option: str = "prompting", **answers: Any) -> dict[str, PricedLine]:
    made = situation(parameters=PLAIN, **answers)
    way = Way(option, "api_global", KNOWLEDGE.models[model])
    return {line.key: line for line in token_lines(Desk(made), way)}


def test_cached_tokens_cost_a_tenth_and_only_the_repeated_beginning_is_cached() -> None:
    """GPT-6 Luna, a million requests in 220 hours, 3,000 tokens each, 2,000 of them repeated, 500 out.

    The cache lives 5 minutes, so it is written 2,640 times: 5.28 M tokens x 0.125; the other 1,994.72 M are read at 0.01.
    """
    lines = inference("gpt-6-luna")
    amounts = {key: float(np.median(line.amount)) for key, line in lines.items() if line.amount is not None}
    assert amounts["inference.input"] == pytest.approx(1000 * 0.10)
    assert amounts["inference.cache_write"] == pytest.approx(5.28 * 0.125)
    assert amounts["inference.cached_input"] == pytest.approx(1994.72 * 0.01)
    assert amounts["inference.output"] == pytest.approx(500 * 0.50)


def test_a_short_beginning_is_not_cached() -> None:
    lines = inference("gpt-6-luna", shared_prefix_tokens=1000)
    assert set(lines) == {"inference.input", "inference.output"}
    assert np.median(lines["inference.input"].amount) == pytest.approx(300.0)  # type: ignore[arg-type]


def test_rare_requests_do_not_find_the_cache() -> None:
    """Ten requests a month over 220 hours: the cache of five minutes is empty nearly every time, and writing costs more."""
    lines = inference("gpt-6-luna", requests_per_month=10)
    written, read = lines["inference.cache_write"].quantity, lines["inference.cached_input"].quantity
    assert np.median(read) < 0.01 * np.median(written)


def test_batch_costs_half_on_the_share_that_may_wait() -> None:
    lines = inference("gpt-6-luna", batchable_share=1, shared_prefix_tokens=0)
    assert set(lines) == {"inference.batch_input", "inference.batch_output"}
    assert np.median(lines["inference.batch_input"].amount) == pytest.approx(150.0)  # type: ignore[arg-type]
    assert np.median(lines["inference.batch_output"].amount) == pytest.approx(125.0)  # type: ignore[arg-type]


def test_above_the_step_the_whole_prompt_costs_more() -> None:
    """GPT-6 Luna charges 0.20 in and 0.75 out for all tokens of a request above 272,000 tokens."""
    below = inference("gpt-6-luna", input_tokens=271_999, shared_prefix_tokens=0, requests_per_month=1000)
    above = inference("gpt-6-luna", input_tokens=272_001, shared_prefix_tokens=0, requests_per_month=1000)
    assert np.median(below["inference.input"].amount) == pytest.approx(27.1999)  # type: ignore[arg-type]
    assert np.median(above["inference.input"].amount) == pytest.approx(54.4002)  # type: ignore[arg-type]
    assert np.median(above["inference.output"].amount) == pytest.approx(0.375)  # type: ignore[arg-type]


def test_azure_training_example() -> None:
    """Microsoft's example: one million tokens, two epochs, GPT-4.1, global training: 4 USD."""
    made = situation(parameters=PLAIN, examples=1000, platforms=["azure"])
    made.inputs["tokens_per_example"] = made.draws.constant(1000.0)
    way = Way("managed_tuning", "cloud_tenant", KNOWLEDGE.models["gpt-4.1"])
    (line,) = training_lines(Desk(made), way)
    assert line.price_key == "tuning.azure.gpt-4.1.training"
    assert np.median(line.amount) == pytest.approx(4.0)  # type: ignore[arg-type]


def test_training_that_stays_in_the_region_costs_more() -> None:
    made = situation(parameters=PLAIN)
    way = Way("managed_tuning", "cloud_tenant_eu", KNOWLEDGE.models["gpt-4.1"])
    (line,) = training_lines(Desk(made), way)
    assert line.price_key == "tuning.azure.gpt-4.1.training_regional"


def test_hosting_of_a_tuned_model_is_due_without_any_request() -> None:
    """1.70 USD an hour, 730 hours: 1,241 USD a month."""
    lines = {
        line.key: line
        for line in costs(("managed_tuning", "cloud_tenant_eu", "gpt-4.1-mini"), requests_per_month=0).lines
    }
    assert np.median(lines["hosting.tuned"].amount) == pytest.approx(1241.0)  # type: ignore[arg-type]


def test_unknown_price_is_named_and_never_zero() -> None:
    book = price_book(KNOWLEDGE, DAY)
    without = changed(book, prices={key: item for key, item in book.prices.items() if key != "llm.gpt-6.1-terra.output"})  # fmt: skip
    made = situation(book=without)
    result = option_costs(made, "prompting", "api_eu", KNOWLEDGE.models["gpt-6.1-terra"])
    assert result.missing == ("llm.gpt-6.1-terra.output",)
    line = next(line for line in result.prepare("USD").lines if line.price_key == "llm.gpt-6.1-terra.output")
    assert line.amount is None


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def test_every_way_has_a_finite_cost_and_published_lines(way: tuple[str, str, str | None]) -> None:
    result = costs(way)
    assert np.all(np.isfinite(result.total))
    assert np.all(result.one_off > 0)
    assert result.missing == ()
    cost = result.prepare("USD")
    assert cost.total.p10 <= cost.total.p50 <= cost.total.p90
    assert len({line.key for line in cost.lines}) == len(cost.lines)
    assert all(line.sources or line.price_key is None for line in cost.lines)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def test_lines_add_up(way: tuple[str, str, str | None]) -> None:
    result = costs(way)
    for timing, total in (("one_off", result.one_off), ("monthly", result.monthly)):
        lines = [line.amount for line in result.lines if line.timing == timing and line.amount is not None]
        assert np.allclose(np.broadcast_to(sum(lines), total.shape), total)


@settings(max_examples=40, deadline=None)
@given(way=st.sampled_from(WAYS), volume=st.integers(0, 10**8), factor=st.floats(1, 100))
def test_more_volume_never_lowers_cost(way: tuple[str, str, str | None], volume: int, factor: float) -> None:
    """On average; the kind of machine is chosen for a low, a usual and a high demand, not for every draw."""
    low, high = costs(way, requests_per_month=volume), costs(way, requests_per_month=volume * factor)
    assert np.mean(high.total) >= np.mean(low.total) * 0.99


def test_report_currency_only_converts() -> None:
    way = ("prompting", "api_eu", "gpt-6.1-terra")
    dollars, euros = costs(way, hourly_cost=0), costs(way, hourly_cost=0, currency="EUR")
    rate = float(price_book(KNOWLEDGE, DAY).fx["USD"])
    assert np.allclose(dollars.total, euros.total * rate)


def test_rights_of_others_are_checked_by_people() -> None:
    way = ("prompting", "api_eu", "gpt-6.1-terra")
    low, rights = costs(way), costs(way, error_risk="rights")
    assert np.median(rights.monthly) > 5 * np.median(low.monthly)


def test_own_hardware_is_used_up_over_its_life() -> None:
    """Three years use up more of the hardware than one; after its useful life all of it."""
    shares = []
    for months in (12, 36, 84):
        lines = {
            line.key: line for line in costs(("prompting", "on_premises", "qwen3-14b"), horizon_months=months).lines
        }
        shares.append(np.median(lines["hosting.hardware"].quantity))
    assert shares[0] < shares[1] < shares[2]


def test_price_in_a_currency_without_rate_is_unknown() -> None:
    book = price_book(KNOWLEDGE, DAY)
    strange = Price(
        key="egress.data", label="x", amount=Decimal(1), currency="JPY", unit="GB", source=SourceRef(title="x")
    )
    made = situation(book=changed(book, prices=dict(book.prices) | {"egress.data": strange}))
    assert "egress.data" in option_costs(made, "prompting", "api_eu", KNOWLEDGE.models["gpt-6.1-terra"]).missing
