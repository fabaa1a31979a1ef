"""Tokens of a model that is paid per token.

    cost = fresh x p_in + cached x p_cached + written x p_write + output x p_out, the batchable share at batch prices

Only the repeated beginning of a prompt can be cached, and only from a minimum length. With n requests within a lifetime of the cache
on average, arriving independently, 1 - exp(-n) of the lifetimes see one, and their first request writes the cache: the share found is
1 - (1 - exp(-n)) / n. Above a prompt length some models charge a higher price for all tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.catalogue import ModelInfo
from app.domain.components.lines import TOKENS_PER_UNIT, Desk, PricedLine, flat, share_line
from app.domain.components.profile import IN_EU, Way, requests, tokens, tuning_platform
from app.domain.messages import label
from app.domain.statistics import Amount

MINUTES = 60.0
LABELS = {
    "input": label("Input tokens"), "cached_input": label("Input tokens from the cache"), "cache_write": label("Input tokens written to the cache"),
    "output": label("Output tokens"), "batch_input": label("Input tokens, batch"), "batch_output": label("Output tokens, batch"),
}  # fmt: skip


def token_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Tokens a month, by what is paid for them."""
    read, count = tokens(desk, way), requests(desk)
    batch = _batch_share(desk, way)
    now, later = count * (1 - batch), count * batch
    hit = _hit_rate(desk, way)
    kept = read.prefix * hit
    written = read.prefix * _cacheable(desk, way) - kept if _row(desk, way, "cache_write") else 0.0
    amounts: dict[str, Amount] = {
        "input": now * (read.input - kept - written), "cached_input": now * kept, "cache_write": now * written,
        "output": now * read.output, "batch_input": later * read.input, "batch_output": later * read.output,
    }  # fmt: skip
    for name, amount in amounts.items():
        if not _never(amount):
            yield _stepped(desk, way, name, amount, read.input)


def price_prefix(desk: Desk, way: Way) -> str:
    """Beginning of the price keys: tuned models have own prices on some platforms, else those of the base model."""
    platform = tuning_platform(desk, way) if way.tuned else None
    own = f"tuning.{platform}.{way.model_id}"
    return own if platform and desk.price(f"{own}.input") else f"llm.{way.model_id}"


def _row(desk: Desk, way: Way, name: str) -> bool:
    return desk.price(f"{price_prefix(desk, way)}.{name}") is not None


def _never(amount: Amount) -> bool:
    return not np.any(amount)


def _batch_share(desk: Desk, way: Way) -> Amount:
    offered = _row(desk, way, "batch_input") and _row(desk, way, "batch_output")
    return desk.input("batchable_share") if offered else 0.0


def _hit_rate(desk: Desk, way: Way) -> Amount:
    """Share of the requests that find the repeated beginning in the cache: all but the first within each lifetime of it."""
    return desk.once("found", lambda: _found(desk)) * _cacheable(desk, way)


def _found(desk: Desk) -> Amount:
    lifetimes = desk.parameter("tokens.active_hours") * MINUTES / desk.parameter("cache.lifetime")
    each = np.maximum(requests(desk) / lifetimes, 1e-9)  # requests within one lifetime
    return 1 + np.expm1(-each) / each


def _cacheable(desk: Desk, way: Way) -> Amount:
    """1 where the repeated beginning is long enough for the vendor's cache, 0 where not or where cached tokens have no price."""
    if way.model is None or not _row(desk, way, "cached_input"):
        return 0.0
    name = f"cache.minimum.{vendor(way.model)}"
    minimum = desk.parameter(name if name in desk.situation.knowledge.parameters else "cache.minimum")
    return np.multiply(tokens(desk, way).prefix >= minimum, 1.0)


def vendor(model: ModelInfo) -> str:
    """The vendor as it stands in keys: mistral_ai."""
    return model.vendor.lower().replace(" ", "_")


def _stepped(desk: Desk, way: Way, name: str, amount: Amount, prompt: Amount) -> PricedLine:
    """A line at the base price, raised where the prompt is longer than the step of the model's prices."""
    prefix = price_prefix(desk, way)
    line = desk.line(
        f"inference.{name}", "monthly", amount, f"{prefix}.{name}", TOKENS_PER_UNIT, label=str(LABELS[name].value)
    )
    start, high = desk.price(f"{prefix}.long_from"), desk.price(f"{prefix}.long_{name}")
    if start is None or high is None or line.amount is None or not np.any(prompt >= float(start.row.amount)):
        return line
    raised = np.where(prompt >= float(start.row.amount), amount / TOKENS_PER_UNIT * high.amount, line.amount)
    return PricedLine(
        line.key, line.label, line.group, line.timing, line.unit, line.quantity, flat(np.broadcast_to(raised, desk.situation.draws.count)),
        line.price, line.price_key,
    )  # fmt: skip


def residency(desk: Desk, way: Way, spent: Amount) -> Iterator[PricedLine]:
    """What a vendor adds for processing in the EU."""
    if way.hosting not in IN_EU or way.model is None:
        return
    key = f"residency.eu.{vendor(way.model)}"
    share = desk.price(key)
    if share is None:
        yield PricedLine(key="inference.residency", label="Surcharge for EU data residency", group="inference", timing="monthly", unit="share", quantity=0.0, amount=None, price_key=key)  # fmt: skip
    elif share.row.amount:
        yield share_line("inference.residency", "monthly", float(share.row.amount), spent, (share.row.source,), label="Surcharge for EU data residency")  # fmt: skip


def test_runs(desk: Desk, way: Way, spent: Amount) -> Iterator[PricedLine]:
    """The test cases run again and again, at the cost of a usual request."""
    runs = desk.parameter("evaluation.items") * desk.parameter("evaluation.runs")
    share = runs / np.maximum(requests(desk), 1.0)
    yield share_line("evaluation.runs", "monthly", share, spent, label="Test runs")
