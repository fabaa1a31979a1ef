"""An estimate in plain English, one line for each figure."""

from __future__ import annotations

from typing import Any

NAMES = {
    "gpu_hours": "GPU-hours", "wall_hours": "hours by the clock", "tokens_per_s_per_gpu": "tokens per second and GPU",
    "gib_per_gpu": "GiB on each GPU", "output_tokens_per_s": "output tokens per second", "total_tokens_per_s": "tokens per second, prompts included",
    "time_to_first_token_s": "seconds to the first token", "time_per_token_s": "seconds for each further token",
    "sequences_at_once": "requests that fit at once", "largest_batch": "largest batch that fits", "replicas": "copies for the peak, a spare included",
    "requests_at_once": "requests under way at the peak", "utilisation": "share of the copies in use at the peak",
    "cost_per_million_tokens": "price of a million output tokens",
}  # fmt: skip


def sentences(result: dict[str, Any]) -> list[str]:
    """One line for each figure; first, why something does not fit and what does."""
    lines = []
    if result.get("fits") is False:
        lines.append(f"Does not fit: {result['why']}.")
        lines += [f"Would work: {_setup(item)}." for item in _setups(result["smallest"])] or [
            "No number of these GPUs would do."
        ]
    for key, name in NAMES.items():
        value = result.get(key)
        if isinstance(value, dict):
            lines.append(
                f"{_number(value['p50'])} {name} ({_number(value['p10'])} to {_number(value['p90'])} in 8 of 10 cases)"
            )
        elif value is not None:
            lines.append(f"{_number(value)} {name}")
    return lines


def _setups(smallest: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [smallest, *smallest.get("alternatives", [])] if smallest else []


def _setup(item: dict[str, Any]) -> str:
    how = item.get("method") or item.get("precision")
    return f"{item['gpu_count']} x {item['gpu']}" + (f" with {how}" if how else "")


def _number(value: float) -> str:
    """Three digits, thousands apart."""
    return f"{float(f'{value:.3g}'):,g}"
