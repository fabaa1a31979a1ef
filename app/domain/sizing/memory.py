"""`lotse estimate memory`: GiB per GPU with a band, what it is made of, whether it fits and with what batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, find
from app.domain.sizing.bands import band, constants, spread
from app.domain.sizing.memory_terms import serving_parts, training_parts
from app.domain.sizing.requests import MemoryRequest, find_gpu, unknown_model
from app.domain.sizing.stacks import stack_of

__all__ = ["estimate_memory", "serving_parts", "training_parts"]
MOST_GPUS, MOST_BATCH = 1024, 4096


def estimate_memory(knowledge: Knowledge, request: MemoryRequest) -> dict[str, Any]:
    """GiB per GPU as p10, p50, p90, and the terms of the sum; with a GPU also whether it fits. Raises InputError."""
    shape = shape_of(knowledge, request)
    parts = parts_of(knowledge, shape, request)
    result: dict[str, Any] = {
        "gib_per_gpu": band(sum(parts.values()), spread(knowledge, *band_of(knowledge, request))).model_dump(),
        "breakdown": {part: round(gib, 3) for part, gib in parts.items()},
    }
    return result | (fitting(knowledge, shape, request, find_gpu(knowledge, request.gpu)) if request.gpu else {})


def shape_of(knowledge: Knowledge, request: MemoryRequest) -> Architecture:
    """The shape of the model that a request names. Raises InputError."""
    shape = find(knowledge, request.model, request.params_b, request.active_params_b)
    if shape is None:
        raise unknown_model()
    return shape


def is_serving(request: MemoryRequest) -> bool:
    """Whether the model answers: said, or there is no method of training."""
    return request.purpose == "serve" or (request.purpose is None and request.method is None)


def parts_of(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> dict[str, float]:
    """The terms of the sum, in GiB per GPU."""
    if is_serving(request):
        return serving_parts(knowledge, shape, request)
    return training_parts(knowledge, shape, request.model_copy(update={"method": request.method or "lora"}))


def needed(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> float:
    """GiB per GPU."""
    return sum(parts_of(knowledge, shape, request).values())


def band_of(knowledge: Knowledge, request: MemoryRequest) -> tuple[tuple[str, ...], int]:
    """Places of the band's width, most particular first, and how many inputs are unknown."""
    if is_serving(request):
        return ("memory_serving",), int(request.precision is None)
    stack, method = stack_of(knowledge, request.framework), request.method or "lora"
    unknown = sum(item is None for item in (request.seq_len, request.framework, request.method))
    return (f"memory_{method}.{stack.id}", f"memory_{method}"), unknown


def usable(knowledge: Knowledge, gpu: Gpu) -> float:
    """GiB that software can have: the driver and fragments take the rest."""
    return gpu.memory_gib * constants(knowledge, "memory")["usable"]


def fitting(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, gpu: Gpu) -> dict[str, Any]:
    """`fits` with the largest batch, or why not and the smallest set-up that works."""
    need, have = needed(knowledge, shape, request), usable(knowledge, gpu)
    if need <= have:
        return {"fits": True, "largest_batch": largest_batch(knowledge, shape, request, gpu)}
    says = f"needs about {need:.0f} GiB on each GPU; a {gpu.id} has {gpu.memory_gib:g} GiB, {have:.0f} of them usable"
    return {"fits": False, "why": says, "smallest": smallest(knowledge, shape, request, gpu)}


def largest_batch(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, gpu: Gpu) -> int:
    """Most sequences at once on each GPU; 0 when not even one fits."""
    have, batch = usable(knowledge, gpu), 1
    if needed(knowledge, shape, request.model_copy(update={"batch": 1.0})) > have:
        return 0
    while batch < MOST_BATCH and needed(knowledge, shape, request.model_copy(update={"batch": 2.0 * batch})) <= have:
        batch *= 2
    step = batch // 2
    while step:  # halve the rest of the way
        if needed(knowledge, shape, request.model_copy(update={"batch": float(batch + step)})) <= have:
            batch += step
        step //= 2
    return batch


def smallest(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, gpu: Gpu) -> dict[str, Any] | None:
    """The first set-up that fits: more of the same GPU, one sequence at a time; then cheaper methods; None when nothing does."""
    one = request.model_copy(update={"batch": 1.0, "sharding": "full", "grad_ckpt": True})
    same = _count(knowledge, shape, one, gpu)
    result = None if same is None else {"gpu": gpu.id, "gpu_count": same, "method": request.method, "batch": 1}
    others = list(_cheaper(knowledge, shape, one, gpu))
    return {**(result or others[0]), "alternatives": others} if result or others else None


def _cheaper(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, gpu: Gpu) -> Iterator[dict[str, Any]]:
    """LoRA and QLoRA on the same GPU, in place of a dearer method."""
    methods = {"full": ("lora", "qlora"), "lora": ("qlora",)}.get(request.method or "", ())
    for method in methods:
        count = _count(knowledge, shape, request.model_copy(update={"method": method}), gpu)
        if count:
            yield {"gpu": gpu.id, "gpu_count": count, "method": method, "batch": 1}


def _count(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, gpu: Gpu) -> int | None:
    """Fewest GPUs (a power of two) that share the model."""
    count = 1
    while count <= MOST_GPUS:
        if needed(knowledge, shape, request.model_copy(update={"gpu_count": float(count)})) <= usable(knowledge, gpu):
            return count
        count *= 2
    return None
