"""What the estimates are asked with: typed, unknown keys refused, a missing value or null means unknown."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.errors import InputError

Positive = Annotated[float, Field(gt=0, le=1e18, allow_inf_nan=False)]
Method = Literal["full", "lora", "qlora"]
Precision = Literal["fp32", "bf16", "fp16", "fp8", "fp4", "int8", "int4", "nf4"]


class Request(BaseModel):
    """What the three have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    params_b: Annotated[float, Field(gt=0, le=100_000)] | None = None
    active_params_b: Annotated[float, Field(gt=0, le=100_000)] | None = None
    gpu_count: Annotated[float, Field(ge=1, le=1e6, allow_inf_nan=False)] | None = None


class TrainingRequest(Request):
    """`lotse estimate training`: parameters in 10^9, lengths in tokens.

    `timing_tokens` and `timing_seconds`: a short run of the user's own on all GPUs of the request.
    """

    params_b: Annotated[float, Field(gt=0, le=100_000)]
    method: Method
    gpu: str
    train_tokens: Positive | None = None
    examples: Positive | None = None
    tokens_per_example: Positive | None = None
    epochs: Positive | None = None
    seq_len: Positive | None = None
    micro_batch: Positive | None = None
    grad_ckpt: bool | None = None
    packed: bool | None = None
    framework: str | None = None
    lora_rank: Positive | None = None
    timing_tokens: Positive | None = None
    timing_seconds: Positive | None = None


class MemoryRequest(Request):
    """`lotse estimate memory`. With a `gpu` the answer says whether it fits; `optimizer` is the recipe of full tuning."""

    purpose: Literal["train", "serve"] | None = None
    method: Method | None = None
    precision: Precision | None = None
    seq_len: Positive | None = None
    batch: Positive | None = None
    sharding: str | None = None
    lora_rank: Positive | None = None
    grad_ckpt: bool | None = None
    packed: bool | None = None
    framework: str | None = None
    gpu: str | None = None
    optimizer: Literal["mixed", "bf16", "8bit", "in_backward"] | None = None


class ServingRequest(Request):
    """`lotse estimate serving`. With `requests_per_s` (of the busiest hour) the answer counts replicas, with `gpu_hour_price` costs."""

    gpu: str
    precision: Precision | None = None
    engine: str | None = None
    input_tokens: Positive | None = None
    output_tokens: Positive | None = None
    concurrency: Positive | None = None
    scenario: Literal["offline", "server", "interactive"] | None = None
    requests_per_s: Positive | None = None
    gpu_hour_price: Positive | None = None


R = TypeVar("R", bound=BaseModel)


def read_request(kind: type[R], data: Any) -> R:
    """A request from JSON data. Raises InputError that names each key, its value and what is allowed."""
    if not isinstance(data, dict):
        raise InputError([_problem("request", data, "a JSON object is needed")])
    try:
        return kind.model_validate(data, strict=False)
    except ValidationError as error:
        raise InputError([_explain(kind, dict(item)) for item in error.errors(include_url=False)]) from None


def _explain(kind: type[BaseModel], item: dict[str, Any]) -> dict[str, Any]:
    key = ".".join(str(part) for part in item["loc"]) or "request"
    if item["type"] == "extra_forbidden":
        return _problem(key, item["input"], f"unknown key; allowed are {', '.join(kind.model_fields)}")
    return _problem(
        key, None if item["type"] == "missing" else item["input"], str(item["msg"]).removeprefix("Value error, ")
    )


def _problem(key: str, given: Any, allowed: str) -> dict[str, Any]:
    return {"key": key, "value": given, "allowed": allowed, "says": f"{key} = {str(given)[:80]}: {allowed}"}


def find_gpu(knowledge: Knowledge, name: str) -> Gpu:
    """The GPU of that name, without regard to case. Raises InputError with the list of those known."""
    wanted = name.strip().lower()
    for gpu in knowledge.gpus.values():
        if wanted == gpu.id.lower() or wanted in (other.lower() for other in gpu.aliases):
            return gpu
    raise InputError([_problem("gpu", name, f"unknown GPU; known are {', '.join(sorted(knowledge.gpus))}")])


def unknown_model() -> InputError:
    """Neither the name nor the size tells what the model is."""
    return InputError([_problem("params_b", None, "give the parameters in thousand millions, or a model of the catalogue")])  # fmt: skip
