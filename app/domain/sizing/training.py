"""`lotse estimate training`: GPU-hours, hours by the clock, tokens per second and GPU, each with a band; whether it fits."""

from __future__ import annotations

from math import hypot
from typing import Any

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, estimated, find
from app.domain.sizing.bands import band, constants, spread
from app.domain.sizing.memory import fitting
from app.domain.sizing.requests import MemoryRequest, TrainingRequest, find_gpu
from app.domain.sizing.stacks import stack_of
from app.domain.sizing.training_speed import USUAL_BATCH, USUAL_LENGTH, Setup, tokens_per_second
from app.errors import InputError

__all__ = ["Setup", "estimate_training", "tokens_per_second"]
HOUR = 3600.0


def estimate_training(knowledge: Knowledge, request: TrainingRequest) -> dict[str, Any]:
    """GPU-hours, hours by the clock and tokens per second and GPU, each as p10, p50, p90. Raises InputError."""
    prepared_ = prepared(knowledge, request)
    shape, gpu, _ = prepared_
    tokens, count = trained_tokens(request), request.gpu_count or 1
    speed, width = tokens_per_second(knowledge, *prepared_), spread(knowledge, *band_of(knowledge, request, prepared_))
    timed = timed_speed(request)
    if timed:
        speed, width = recalibrated(knowledge, speed, width, timed)
    wall = tokens / speed / HOUR / count * (1 + constants(knowledge, "training")["evaluation"])
    wall += start_hours(knowledge, shape)
    return {
        "gpu_hours": band(wall * count, width).model_dump(),
        "wall_hours": band(wall, width).model_dump(),
        "tokens_per_s_per_gpu": band(speed, width).model_dump(),
        "recalibrated": timed is not None,
    } | _fitting(knowledge, shape, request, gpu)


def setup_of(knowledge: Knowledge, request: TrainingRequest) -> Setup:
    """How the request trains; what it leaves open is what is usual with the software."""
    stack = stack_of(knowledge, request.framework)
    recompute = stack.recompute if request.grad_ckpt is None else request.grad_ckpt
    return Setup(
        request.method, request.seq_len or USUAL_LENGTH, request.micro_batch or (1.0 if stack.tuned or stack.gathers else USUAL_BATCH),
        recompute, stack.id, request.gpu_count or 1.0, request.packed, request.micro_batch is not None,
    )  # fmt: skip


def trained_tokens(request: TrainingRequest) -> float:
    """Tokens that are trained: stated, or examples x tokens of an example x epochs. Raises InputError."""
    if request.train_tokens:
        return request.train_tokens
    if request.examples and request.tokens_per_example:
        return request.examples * request.tokens_per_example * (request.epochs or 1)
    says = "give train_tokens, or examples and tokens_per_example (and epochs)"
    raise InputError([{"key": "train_tokens", "value": None, "allowed": says, "says": says}])


def start_hours(knowledge: Knowledge, shape: Architecture) -> float:
    """Hours before the first step: the software starts, the weights are loaded."""
    values = constants(knowledge, "training")
    return values["start_minutes"] / 60 + shape.params_b * 2.0 / values["load_gb_s"] / HOUR


def timed_speed(request: TrainingRequest) -> float | None:
    """Tokens per second and GPU of the user's own short run; None without one. Raises InputError when half of it is missing."""
    if (request.timing_tokens is None) != (request.timing_seconds is None):
        says = "give timing_tokens and timing_seconds together: a short run of your own on all GPUs"
        raise InputError([{"key": "timing_tokens", "value": request.timing_tokens, "allowed": says, "says": says}])
    if not request.timing_tokens or not request.timing_seconds:
        return None
    return request.timing_tokens / request.timing_seconds / (request.gpu_count or 1)


def recalibrated(knowledge: Knowledge, speed: float, width: float, timed: float) -> tuple[float, float]:
    """Speed and half-width after a short run: both taken together, each with the weight of its precision (on the logarithm)."""
    own = spread(knowledge, ("timing",))
    weight = width**2 / (width**2 + own**2)
    return speed * (timed / speed) ** weight, width * own / hypot(width, own)


def prepared(knowledge: Knowledge, request: TrainingRequest) -> tuple[Architecture, Gpu, Setup]:
    """Shape, GPU and set-up that a request names. Raises InputError."""
    shape = find(knowledge, request.model, request.params_b, request.active_params_b) or estimated(request.params_b)
    return shape, find_gpu(knowledge, request.gpu), setup_of(knowledge, request)


def band_of(
    knowledge: Knowledge, request: TrainingRequest, found: tuple[Architecture, Gpu, Setup]
) -> tuple[tuple[str, ...], int]:
    """Places of the band's width, most particular first, and how many inputs are unknown."""
    shape, _, setup = found
    stack = knowledge.stacks[setup.stack]
    kind = "mixture" if shape.mixture and not stack.tuned else "tuned" if stack.tuned else stack.id
    unknown = (request.seq_len is None, request.framework is None, not shape.known)
    return (f"training.{kind}", f"training.{stack.family or kind}", "training"), sum(unknown)


def _fitting(knowledge: Knowledge, shape: Architecture, request: TrainingRequest, gpu: Gpu) -> dict[str, Any]:
    """Whether the memory suffices when the GPUs share the model where it does not fit on each."""
    asked = MemoryRequest(
        purpose="train", method=request.method, seq_len=request.seq_len, batch=request.micro_batch or 1.0, gpu_count=request.gpu_count,
        lora_rank=request.lora_rank, grad_ckpt=request.grad_ckpt, framework=request.framework, sharding="full",
    )  # fmt: skip
    return fitting(knowledge, shape, asked, gpu)
