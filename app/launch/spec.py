"""What is launched: every value of a job definition, allow-listed by type and pattern, so that no text of a user reaches a script."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.domain.messages import Frozen
from app.domain.values import MoneyRange, OptionId

PlatformId = Literal[
    "azure", "google", "aws", "openai", "gpu_cloud", "runpod", "huggingface", "kubernetes", "on_premises"
]
Pipeline = Literal["baseline", "prompting", "retrieval", "encoder", "tuning"]
Residency = Literal["world", "eu", "germany", "own_cloud", "on_premises"]
Stage = Literal["tune", "train", "serve"]
RunName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}(/[A-Za-z0-9][A-Za-z0-9._:-]{0,79}){0,4}$")]
Place = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Machine = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
Gpu = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$")]


class Training(Frozen):
    """Settings of a training run. `tokens` over all epochs; `max_hours` is a hard stop."""

    method: Literal["full", "lora", "qlora", "encoder", "service"]
    data: Literal["examples", "corpus"] = "examples"
    epochs: int = Field(ge=1, le=20)
    lora_rank: int = Field(ge=1, le=512)
    sequence_length: int = Field(ge=128, le=131_072)
    learning_rate: float = Field(gt=0, lt=1)
    batch: int = Field(ge=1, le=256)
    accumulation: int = Field(ge=1, le=256)
    warmup_share: float = Field(ge=0, le=1)
    seed: int = 0
    tokens: int | None = Field(default=None, ge=0)
    max_hours: int = Field(ge=1, le=24 * 28)


class LaunchSpec(Frozen):
    """One launch: option, platform, model, machine, place, caps. Money in the report's currency."""

    name: RunName
    option: OptionId
    pipeline: Pipeline
    ways: list[Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]]  # of the platform, one per stage
    platform: PlatformId
    language: Literal["de", "en"]
    text_language: Literal["de", "en"]
    measure: Literal["label", "json", "text"]
    target: float = Field(ge=0, le=1)
    test_cases: int = Field(ge=0, le=1_000_000)
    model: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,80}$")  # id in the knowledge base
    model_name: ModelName | None = None  # as the platform or hub calls it
    same_model: bool = True  # False: the platform does not offer the report's model, this is its nearest
    region: Place
    residency: Residency | None
    machine: Machine | None = None
    gpu: Gpu | None = None
    report_gpu: Gpu | None = None  # the GPU with which the report reckons
    gpu_count: int = Field(default=0, ge=0, le=512)
    training: Training | None = None
    service_hours: int = Field(
        default=24 * 28, ge=1, le=24 * 28
    )  # of a service: four weeks, for which `cost_cap` stands
    cost: MoneyRange | None = None  # estimate of the first run: training, or the first month
    cost_cap: int | None = Field(default=None, ge=1)
    currency: Literal["EUR", "USD", "CHF", "GBP"]
    as_of: date
    decision: str = Field(pattern=r"^[0-9a-f]{12}$")  # which decision this comes from

    @property
    def seconds(self) -> int:
        """The time cap in seconds."""
        return 3600 * (self.training.max_hours if self.training else self.service_hours)

    @property
    def tunes_text(self) -> bool:
        """Whether the kit itself tunes a language model: not a service, not a classifier."""
        return self.training is not None and self.training.method in ("lora", "qlora", "full")
