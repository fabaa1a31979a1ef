"""Tokens of a model that is paid per token.

    cost = fresh x p_in + cached x p_cached + written x p_write + output x p_out, the batchable share at batch prices

Only the repeated beginning of a prompt can be cached, and only from a minimum length. With n requests within a lifetime of the cache
on average, arriving independently, 1 - exp(-n) of the lifetimes see one, and their first request writes the cache: the share found is
1 - (1 - exp(-n)) / n. In a batch the cache is used as well, but without promise. Above a prompt length some models charge a higher price
for all tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.catalogue import ModelInfo
from app.domain.components.lines import TOKENS_PER_UNIT, Desk, PricedLine, flat, share_line, unpriced
from app.domain.components.profile import IN_EU, Way, requests, tokens, tuning_platform
from app.domain.messages import label
from app.domain.statistics import Amount

MINUTES = 60.0
DAYS_PER_MONTH = 365.0 / 12.0
LABELS = {
    "input": label("Input tokens"), "cached_input": label("Input tokens from the cache"), "cache_write": label("Input tokens written to the cache"),
    "output": label("Output tokens"), "batch_input": label("Input tokens, batch"), "batch_output": label("Output tokens, batch"),
    "batch_cached_input": label("Input tokens from the cache, batch"), "batch_cache_write": label("Input tokens written to the cache, batch"),
}  # fmt: skip


def token_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Tokens a month, by what is paid for them."""
    read, count = tokens(desk, way), requests(desk)
    batch = _batch_share(desk, way)
    for prefix, share in (("", 1 - batch), ("batch_", batch)):
        if not _never(share):
            kept, written = _cached(desk, way, prefix)
            fresh = read.input if _never(kept) and _never(written) else read.input - kept - written
            each = {"input": fresh, "cached_input": kept, "cache_write": written, "output": read.output}
            times = count if isinstance(share, float) and share == 1 else count * share
            for name, amount in each.items():
                if not _never(amount):
                    yield _stepped(desk, way, prefix + name, times * amount)


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


def _cached(desk: Desk, way: Way, prefix: str) -> tuple[Amount, Amount]:
    """Tokens of a request that are found in the cache, and those that are written to it at a price of their own."""
    able = tokens(desk, way).prefix * _cacheable(desk, way, prefix)
    if _never(able):
        return 0.0, 0.0
    found = desk.once(("found", prefix), lambda: _found_in_batch(desk) if prefix else _found(desk))
    kept = able * found
    return kept, able - kept if _row(desk, way, f"{prefix}cache_write") else 0.0


def _found(desk: Desk) -> Amount:
    """Share of the requests that find the repeated beginning in the cache: all but the first within each lifetime of it."""
    lifetimes = desk.parameter("tokens.active_hours") * MINUTES / desk.parameter("cache.lifetime")
    each = np.maximum(requests(desk) / lifetimes, 1e-9)  # requests within one lifetime
    return 1 + np.expm1(-each) / each


def _found_in_batch(desk: Desk) -> Amount:
    """The share that vendors report, of all but the first request of a day's batch."""
    each = np.maximum(requests(desk) / DAYS_PER_MONTH, 1.0)
    return desk.parameter("cache.batch_found") * (1 - 1 / each)


def _cacheable(desk: Desk, way: Way, prefix: str) -> Amount:
    """1 where the repeated beginning is long enough for the model's cache, 0 where not or where cached tokens have no price."""
    if way.model is None or not _row(desk, way, f"{prefix}cached_input"):
        return 0.0
    return np.multiply(tokens(desk, way).prefix >= desk.parameter(_minimum(desk, way.model)), 1.0)


def _minimum(desk: Desk, model: ModelInfo) -> str:
    """The parameter with the shortest beginning that is cached: of the model, of its vendor, or the usual one."""
    names = (f"cache.minimum.{model.id}", f"cache.minimum.{vendor(model)}", "cache.minimum")
    return next(name for name in names if name in desk.situation.knowledge.parameters)


def vendor(model: ModelInfo) -> str:
    """The vendor as it stands in keys: mistral_ai."""
    return model.vendor.lower().replace(" ", "_")


def _stepped(desk: Desk, way: Way, name: str, amount: Amount) -> PricedLine:
    """A line at the base price, raised where the prompt is longer than the step of the model's prices."""
    prefix = price_prefix(desk, way)
    line = desk.line(
        f"inference.{name}", "monthly", amount, f"{prefix}.{name}", TOKENS_PER_UNIT, label=str(LABELS[name].value)
    )
    start, high = desk.price(f"{prefix}.long_from"), desk.price(f"{prefix}.long_{name}")
    read = tokens(desk, way)
    if start is None or high is None or line.amount is None or read.longest <= float(start.row.amount):
        return line
    raised = np.where(read.input > float(start.row.amount), amount / TOKENS_PER_UNIT * high.amount, line.amount)
    return PricedLine(
        line.key, line.label, line.group, line.timing, line.unit, line.quantity, flat(np.broadcast_to(raised, desk.situation.draws.count)),
        line.price, line.price_key,
    )  # fmt: skip


def residency(desk: Desk, way: Way, spent: Amount) -> Iterator[PricedLine]:
    """What a vendor adds for processing in the EU."""
    if way.hosting not in IN_EU or way.model is None:
        return
    key = f"residency.eu.{vendor(way.model)}"
    exception = (
        f"{key}.{way.model_id}" if way.hosting == "api_eu" else key
    )  # at the vendor itself older models may cost nothing more
    share = desk.price(exception) or desk.price(key)
    if share is None:
        yield unpriced("inference.residency", "monthly", "share", key, label="Surcharge for EU data residency")
    elif share.row.amount:
        yield share_line("inference.residency", "monthly", float(share.row.amount), spent, (share.row.source,), label="Surcharge for EU data residency")  # fmt: skip


def test_runs(desk: Desk, way: Way, spent: Amount) -> Iterator[PricedLine]:
    """The test cases run again and again, at the cost of a usual request."""
    runs = desk.parameter("evaluation.items") * desk.parameter("evaluation.runs")
    share = runs / np.maximum(requests(desk), 1.0)
    yield share_line("evaluation.runs", "monthly", share, spent, label="Test runs")
