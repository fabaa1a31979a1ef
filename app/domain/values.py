"""Small values shared by the whole domain: ids, ranges, money, curves, sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import field_serializer

from app.domain.messages import Frozen

Status = Literal["recommended", "close_call", "not_ready", "target_unreachable"]
OptionId = Literal[
    "no_llm", "prompting", "long_context", "rag", "tuned_encoder", "managed_tuning", "lora_open_weights", "distillation",
    "rag_tuning", "continued_pretraining",
]  # fmt: skip
Family = Literal["no_llm", "prompting", "rag", "fine_tuning", "rag_fine_tuning", "continued_pretraining"]
HostingId = Literal[
    "api_global", "api_eu", "cloud_tenant", "cloud_tenant_eu", "rented_gpu", "rented_gpu_eu", "on_premises"
]
FAMILY: dict[str, Family] = {
    "no_llm": "no_llm", "prompting": "prompting", "long_context": "prompting", "rag": "rag", "tuned_encoder": "fine_tuning",
    "managed_tuning": "fine_tuning", "lora_open_weights": "fine_tuning", "distillation": "fine_tuning",
    "rag_tuning": "rag_fine_tuning", "continued_pretraining": "continued_pretraining",
}  # fmt: skip
# fmt: off
HOSTINGS: tuple[HostingId, ...] = ("api_global", "api_eu", "cloud_tenant", "cloud_tenant_eu", "rented_gpu", "rented_gpu_eu", "on_premises")
# fmt: on


class Range(Frozen):
    """10th, 50th and 90th percentile of a number."""

    p10: float
    p50: float
    p90: float


class MoneyRange(Frozen):
    """10th, 50th and 90th percentile of an amount, as decimal strings to the cent, in `currency`."""

    p10: Decimal
    p50: Decimal
    p90: Decimal
    currency: str

    @field_serializer("p10", "p50", "p90")
    def _as_text(self, amount: Decimal) -> str:
        return f"{amount:.2f}"


class SourceRef(Frozen):
    """Where a fact comes from. `grade`: V read in the source, W secondary, K from memory, D derived, A assumption."""

    title: str
    url: str | None = None
    checked: str | None = None  # ISO date
    grade: Literal["V", "W", "K", "D", "A"] | None = None
    strength: str | None = None  # CS, CSp, BM, VG, VF, LAW, SV, AN
    id: str | None = None


class Series(Frozen):
    """A curve with a band: x, and the three percentiles of y at each x."""

    x: list[float]
    p10: list[float]
    p50: list[float]
    p90: list[float]
