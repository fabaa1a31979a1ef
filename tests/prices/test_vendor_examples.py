"""Token costs against examples of the vendors, worked by hand. Each names its source; prices are those of 24 November 2026 in USD.

Anthropic, pricing: Sonnet 5.5 costs 2 in, 2.50 written to the cache, 0.10 read from it, 10 out per million; a batch costs half of all of these
(https://platform.claude.com/docs/en/about-claude/pricing).
"""

from typing import Any

import numpy as np
import pytest

from app.domain.components.hosting import fee_lines
from app.domain.components.inference import residency, token_lines
from app.domain.components.lines import Desk
from app.domain.components.profile import Way
from app.domain.components.training import training_lines
from tests.domain.test_costs import KNOWLEDGE, fixed, situation

QUIET: dict[str, float] = {
    "tokens__retries": 0,
    "tokens__reasoning_plain": 1,
    "tokens__reasoning": 1,
    "cache__batch_found": 0.98,
}


def spent(
    model: str, found: float = 0.0, parameters: dict[str, float] | None = None, **answers: Any
) -> dict[str, float]:
    """USD a month by line, with the share of the requests that find the cache given."""
    given: dict[str, Any] = {"batchable_share": 0, "shared_prefix_tokens": 0, "requests_per_month": 1, **answers}
    made = situation(parameters=fixed(**QUIET | (parameters or {})), **given)
    made.once(("found", ""), lambda: found)
    way = Way("prompting", "api_global", KNOWLEDGE.models[model])
    return {line.key.removeprefix("inference."): float(np.median(line.amount)) for line in token_lines(Desk(made), way)}  # type: ignore[arg-type]


def test_a_request_without_cache() -> None:
    """5,000 tokens in and 800 out at 2 and 10: 0.018 each, 10,000 a month 180.

    The example of neverpaytwice.pages.dev (Claude Batch API, October 2026), at the prices of Sonnet 5.5.
    """
    lines = spent("claude-sonnet-5.5", input_tokens=5000, output_tokens=800, requests_per_month=10_000)
    assert lines == {"input": pytest.approx(100.0), "output": pytest.approx(80.0)}


def test_the_same_in_a_batch_costs_half() -> None:
    """The same example in a batch: 0.009 each, 90 a month."""
    lines = spent(
        "claude-sonnet-5.5", input_tokens=5000, output_tokens=800, requests_per_month=10_000, batchable_share=1
    )
    assert lines == {"batch_input": pytest.approx(50.0), "batch_output": pytest.approx(40.0)}


def test_written_once_and_read_once() -> None:
    """Anthropic's example "Pride and Prejudice": 188,086 tokens written by the first request and read by the second, 21 fresh, 393 out each.

    188,086 x 2.50 + 188,086 x 0.10 + 42 x 2 + 786 x 10 per million = 0.4969676 (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
    """
    lines = spent("claude-sonnet-5.5", 0.5, input_tokens=188_107, shared_prefix_tokens=188_086, output_tokens=393, requests_per_month=2)  # fmt: skip
    assert lines["cache_write"] == pytest.approx(0.470215)
    assert lines["cached_input"] == pytest.approx(0.0188086)
    assert sum(lines.values()) == pytest.approx(0.470215 + 0.0188086 + 0.000084 + 0.00786)


def test_batch_and_cache_discounts_add_up() -> None:
    """Anthropic: the multipliers of the cache stack with the batch discount; up to 98 % of a batch find the cache.

    A million requests a month are 32,877 a day, all but one of which may find it: of 2,000 tokens 98 % x (1 - 1 / 32,877) are read at 0.05.
    """
    lines = spent(
        "claude-sonnet-5.5", input_tokens=2000, shared_prefix_tokens=2000, output_tokens=0, requests_per_month=1_000_000, batchable_share=1
    )  # fmt: skip
    read = 2000 * 0.98 * (1 - 1 / (1_000_000 * 12 / 365))
    assert lines["batch_cached_input"] == pytest.approx(read * 0.05)
    assert lines["batch_cache_write"] == pytest.approx((2000 - read) * 1.25)
    assert lines.get("batch_input", 0.0) == pytest.approx(0.0, abs=1e-6)


def test_one_request_a_day_finds_nothing_in_its_batch() -> None:
    lines = spent(
        "claude-sonnet-5.5", input_tokens=2000, shared_prefix_tokens=2000, requests_per_month=30, batchable_share=1
    )
    assert "batch_cached_input" not in lines


@pytest.mark.parametrize(
    ("model", "shortest"),
    [
        (
            "gpt-6.1-terra",
            1024,
        ),  # OpenAI, as reported: https://docs.apiyi.com/en/api-capabilities/gemini/prompt-caching
        ("claude-sonnet-5.5", 512),  # Anthropic: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
        ("claude-opus-5", 512),
        ("gemini-3.5-flash", 4096),  # Google: https://ai.google.dev/gemini-api/docs/caching
    ],
)
def test_a_beginning_is_cached_from_the_vendor_s_minimum_on(model: str, shortest: int) -> None:
    below = spent(model, 0.5, input_tokens=5000, shared_prefix_tokens=shortest - 1)
    at = spent(model, 0.5, input_tokens=5000, shared_prefix_tokens=shortest)
    assert "cached_input" not in below
    assert at["cached_input"] > 0


@pytest.mark.parametrize(
    ("model", "step", "below", "above"),
    [
        # Google: 2 in, 12 out up to 200,000 tokens, 4 and 18 beyond (https://ai.google.dev/gemini-api/docs/pricing)
        ("gemini-3.1-pro", 200_000, (2.0, 12.0), (4.0, 18.0)),
        # OpenAI: prompts of more than 272,000 tokens cost twice the input and 1.5 times the output (https://developers.openai.com/api/docs/pricing)
        ("gpt-6.1-terra", 272_000, (1.0, 5.0), (2.0, 7.5)),
        # Anthropic: Haiku 5.5 0.10 and 0.50 up to 100,000 tokens, 0.50 and 2.50 beyond
        ("claude-haiku-5.5", 100_000, (0.1, 0.5), (0.5, 2.5)),
    ],
)
def test_a_long_prompt_raises_the_price_of_the_whole_request(
    model: str, step: int, below: tuple[float, float], above: tuple[float, float]
) -> None:
    for tokens, (price_in, price_out) in ((step, below), (step + 1, above)):
        lines = spent(model, input_tokens=tokens, output_tokens=1000)
        assert lines["input"] == pytest.approx(tokens * price_in / 1e6)
        assert lines["output"] == pytest.approx(1000 * price_out / 1e6)


def test_a_long_prompt_raises_cached_tokens_as_well() -> None:
    """OpenAI, GPT-6.1 Terra: 300,000 tokens, 290,000 of them from the cache at 0.10 instead of 0.05: 0.029; the rest at 2: 0.02."""
    lines = spent("gpt-6.1-terra", 1.0, input_tokens=300_000, shared_prefix_tokens=290_000, output_tokens=0)
    assert lines["cached_input"] == pytest.approx(0.029)
    assert lines["input"] == pytest.approx(0.02)


def test_hidden_reasoning_is_billed_as_output() -> None:
    """OpenAI's example of a usage record: 75 tokens in, 1,186 out, of them 1,024 reasoning; 162 are seen.

    At 1 and 5 per million (GPT-6.1 Terra): 0.000075 + 0.00593 (https://developers.openai.com/api/docs/guides/reasoning).
    """
    lines = spent("gpt-6.1-terra", parameters={"tokens__reasoning": 1186 / 162}, task_type="reasoning", input_tokens=75, output_tokens=162)  # fmt: skip
    assert lines["input"] == pytest.approx(0.000075)
    assert lines["output"] == pytest.approx(0.00593)


def test_repeated_requests_are_billed_again() -> None:
    """One request in twenty is sent again: 10,000 become 10,500; 5,000 tokens at 2: 105 instead of 100."""
    lines = spent(
        "claude-sonnet-5.5",
        parameters={"tokens__retries": 0.05},
        input_tokens=5000,
        output_tokens=0,
        requests_per_month=10_000,
    )
    assert lines["input"] == pytest.approx(105.0)


@pytest.mark.parametrize(
    ("model", "hosting", "surcharge"),
    [
        # OpenAI: 10 % for models released from 5 March 2026 (https://developers.openai.com/api/docs/guides/data-residency)
        ("gpt-6.1-terra", "api_eu", 10.0),
        ("gpt-4.1", "api_eu", 0.0),
        # Azure: data zone 0.825 against 0.75 global (Azure Retail Prices, October 2026)
        ("gpt-4.1", "cloud_tenant_eu", 10.0),
        # Amazon Bedrock: 2.20 in a region against 2.00 global
        ("claude-sonnet-5.5", "cloud_tenant_eu", 10.0),
        ("mistral-large-4", "api_eu", 0.0),
        ("gpt-6.1-terra", "api_global", 0.0),
    ],
)
def test_processing_in_the_eu_costs_more(model: str, hosting: str, surcharge: float) -> None:
    way = Way("prompting", hosting, KNOWLEDGE.models[model])
    lines = list(residency(Desk(situation()), way, 100.0))
    assert sum(float(np.median(line.amount)) for line in lines if line.amount is not None) == pytest.approx(surcharge)
    assert all(line.amount is not None for line in lines)


def test_a_tuned_model_is_hosted_by_the_hour() -> None:
    """Microsoft's example: 1.70 an hour whether used or not; 730 hours a month are 1,241.

    https://learn.microsoft.com/azure/foundry/openai/how-to/fine-tuning-cost-management
    """
    way = Way("managed_tuning", "cloud_tenant", KNOWLEDGE.models["gpt-4.1-mini"])
    (line,) = fee_lines(Desk(situation(platforms=["azure"])), way)
    assert np.median(line.amount) == pytest.approx(1241.0)  # type: ignore[arg-type]


def test_training_is_billed_by_tokens_times_epochs() -> None:
    """Microsoft's example: a file of a million tokens, two epochs, 2.00 per million: 4.00 (the same page)."""
    made = situation(parameters=fixed(training__runs=1, training__epochs=2), examples=1000, platforms=["azure"])
    made.inputs["tokens_per_example"] = made.draws.constant(1000.0)
    (line,) = training_lines(Desk(made), Way("managed_tuning", "cloud_tenant", KNOWLEDGE.models["gpt-4.1"]))
    assert np.median(line.amount) == pytest.approx(4.0)  # type: ignore[arg-type]
