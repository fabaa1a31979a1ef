"""The answers of one assessment, typed (names, types and ranges are a published contract).

Every key except `task_type` is optional; a missing key or null means "don't know" and widens the uncertainty.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.errors import InputError

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Title = Annotated[str, Field(max_length=120)]
Level = Literal["low", "medium", "high"]

TaskType = Literal[
    "classification", "extraction", "summarisation", "document_qa", "support_chat", "code", "text_to_sql", "translation",
    "style_writing", "structured_output", "reasoning", "tool_use", "ranking", "other",
]  # fmt: skip
DataClass = Literal[
    "public", "internal", "confidential", "personal", "special_category", "professional_secret", "social_data", "classified",
]  # fmt: skip
Platform = Literal["azure", "google", "aws", "openai", "gpu_cloud", "on_premises"]
Cause = Literal["knowledge", "format", "behaviour", "reasoning"]


class Answers(BaseModel):
    """What the questionnaire collects. None means "don't know"."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    task_type: TaskType
    title: Title | None = None
    organisation: Title | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    text_language: Literal["de", "en", "other"] | None = None
    repetitiveness: Level | None = None
    terminology: Literal["none", "some", "heavy"] | None = None
    tone_consistency: Level | None = None
    rules_feasible: Literal["yes", "partly", "no"] | None = None
    prompting_tried: Literal["not_tried", "good", "partial", "insufficient"] | None = None
    prompting_method: Literal["by_hand", "with_examples", "optimised"] | None = None
    prompting_success_rate: Share | None = None
    prompting_test_cases: Count | None = None
    target_success_rate: Share | None = None
    failure_causes: dict[Cause, Share] | None = None
    knowledge_size: Literal["none", "small", "medium", "large"] | None = None
    knowledge_pages: Count | None = None
    knowledge_change: Literal["never", "yearly", "monthly", "weekly", "daily", "realtime"] | None = None
    citations: Literal["required", "helpful", "no"] | None = None
    document_rights: bool | None = None
    multi_document_share: Share | None = None
    examples: Count | None = None
    example_quality: Level | None = None
    example_error_rate: Share | None = None
    example_duplicate_rate: Share | None = None
    training_rights: Literal["yes", "after_masking", "no", "unclear"] | None = None
    automatic_grader: Literal["tests", "rules", "expert", "none"] | None = None
    requests_per_month: Amount | None = None
    input_tokens: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)] | None = None
    output_tokens: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)] | None = None
    shared_prefix_tokens: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)] | None = None
    batchable_share: Share | None = None
    peak_factor: Annotated[float, Field(ge=1, le=10_000, allow_inf_nan=False)] | None = None
    latency: Literal["batch", "minutes", "seconds", "sub_second", "under_300ms"] | None = None
    data_classes: list[DataClass] | None = None
    sector: Literal["none", "finance", "health", "legal_tax", "public", "other"] | None = None
    residency: Literal["world", "eu", "germany", "own_cloud", "on_premises"] | None = None
    deletion_provable: bool | None = None
    error_risk: Literal["low", "money", "rights", "life"] | None = None
    annex_iii: Literal["yes", "no", "unsure"] | None = None
    team: Literal["none", "app_devs", "ml_team", "strong_ml"] | None = None
    team_fte: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    deadline_weeks: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)] | None = None
    budget: Level | None = None
    budget_once: Amount | None = None
    budget_monthly: Amount | None = None
    currency: Literal["EUR", "USD", "CHF", "GBP"] | None = None
    horizon_months: Annotated[int, Field(ge=6, le=84)] | None = None
    minutes_saved_per_request: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    hourly_cost: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    cost_per_error: Amount | None = None
    lock_in_tolerance: Annotated[int, Field(ge=1, le=5)] | None = None
    platforms: list[Platform] | None = None

    @field_validator("failure_causes")
    @classmethod
    def _shares_sum_to_one(cls, shares: dict[str, float] | None) -> dict[str, float] | None:
        if shares is not None and abs(sum(shares.values()) - 1) > 0.005:
            raise ValueError(f"the shares must sum to 1, they sum to {sum(shares.values()):g}")
        return shares

    def known(self) -> dict[str, Any]:
        """Only the answers that were given, in the contract's order: what is stored and shown."""
        return {key: item for key, item in self.model_dump(mode="json").items() if item is not None}

    def canonical(self) -> str:
        """The same answers as the same text: keys sorted, no spaces."""
        return json.dumps(self.known(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


KEYS = tuple(Answers.model_fields)


def read_answers(data: Any) -> Answers:
    """Answers from JSON data. Raises InputError that names each key, its value and what is allowed."""
    if not isinstance(data, dict):
        raise InputError(
            [_problem("", data, 'a JSON object with the answers is needed, for example {"task_type": "extraction"}')]
        )
    try:
        return Answers.model_validate(data)
    except ValidationError as error:
        raise InputError([_explain(dict(item)) for item in error.errors(include_url=False)]) from None


def _explain(item: dict[str, Any]) -> dict[str, Any]:
    key = ".".join(str(part) for part in item["loc"] if part != "[key]")
    if item["type"] == "extra_forbidden":
        return _problem(key, item["input"], f"unknown key; allowed are {', '.join(KEYS)}")
    if item["type"] == "missing":
        return _problem(key, None, "is required")
    return _problem(key, item["input"], str(item["msg"]).removeprefix("Value error, "))


def _problem(key: str, given: Any, allowed: str) -> dict[str, Any]:
    shown = json.dumps(given, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return {"key": key, "value": given, "allowed": allowed, "says": f"{key or 'answers'} = {shown}: {allowed}"}
