"""GPU memory of training and serving.

Training (LoRA, QLoRA): weights + 16 bytes x trainable parameters + activations + loss + runtime; activations with recomputation about
2 x 2 L T h bytes and one layer's working set, without about L T (8 h + 3 ffn) x 2 bytes. Full: 16 bytes a parameter (ZeRO, arXiv 1910.02054).
Serving: weights + key-value cache + runtime (vLLM, arXiv 2309.06180).
"""

from __future__ import annotations

from typing import Any

from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, find
from app.domain.sizing.bands import band, constant, spread
from app.domain.sizing.requests import MemoryRequest, unknown_model

GIB = float(2**30)
_USUAL_LENGTH, _USUAL_RANK = 2048.0, 16.0
_FUSED = ("unsloth", "torchtune", "liger", "axolotl")
_ADAPTED_MATRICES = 7  # q, k, v, o, gate, up, down of each layer
_OPTIMISER_BYTES = 16.0
_WORKING_SET = 0.6


def estimate_memory(knowledge: Knowledge, request: MemoryRequest) -> dict[str, Any]:
    """GiB per GPU as p10, p50, p90, and the terms of the sum. Raises InputError."""
    shape = find(knowledge, request.model, request.params_b, request.active_params_b)
    if shape is None:
        raise unknown_model()
    serving = request.purpose == "serve" or (request.purpose is None and request.method is None)
    parts = serving_parts(knowledge, shape, request) if serving else training_parts(knowledge, shape, request)
    total = sum(parts.values())
    name = "memory_serving" if serving else "memory_full" if request.method == "full" else "memory_training"
    needed = (request.seq_len, request.precision) if serving else (request.seq_len, request.framework, request.method)
    width = spread(knowledge, name, sum(item is None for item in needed))
    return {
        "gib_per_gpu": band(total, width).model_dump(),
        "breakdown": {part: round(gib, 3) for part, gib in parts.items()},
    }


def serving_parts(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> dict[str, float]:
    """Weights, cache and runtime of serving, in GiB per GPU."""
    precision, gpus = request.precision or "bf16", request.gpu_count or 1
    tokens = (request.seq_len or _USUAL_LENGTH) * (request.batch or 1)
    parts = {"weights": shape.weight_gib(precision) / gpus, "cache": shape.kv_bytes() * tokens / GIB / gpus}
    return _with_runtime(knowledge, parts, "memory.serving")


def training_parts(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> dict[str, float]:
    """Weights, optimiser, activations, loss and runtime of training, in GiB per GPU."""
    method, tokens = request.method or "lora", (request.seq_len or _USUAL_LENGTH) * (request.batch or 1)
    shards = (request.gpu_count or 1) if request.sharding or method == "full" else 1
    parts = {
        "weights": _weights(shape, request, method) / shards,
        "optimiser": _optimiser(knowledge, shape, request, method) / shards,
        "activations": _activations(shape, tokens, request.grad_ckpt is not False),
        "loss": _loss(knowledge, shape, tokens, request.framework),
    }
    return _with_runtime(knowledge, parts, "memory.spread")


def _weights(shape: Architecture, request: MemoryRequest, method: str) -> float:
    if method == "full":
        return 0.0  # part of the bytes of a fully trained parameter
    return shape.weight_gib("nf4" if method == "qlora" else request.precision or "bf16")


def _optimiser(knowledge: Knowledge, shape: Architecture, request: MemoryRequest, method: str) -> float:
    if method == "full":
        return constant(knowledge, "memory.full") * shape.params_b * 1e9 / GIB
    return adapter_parameters(shape, request.lora_rank or _USUAL_RANK) * _OPTIMISER_BYTES / GIB


def adapter_parameters(shape: Architecture, rank: float) -> float:
    """Trainable parameters of LoRA on all linear layers: rank x (inputs + outputs) of each matrix."""
    attention = 4 * 2 * shape.hidden
    feed_forward = (_ADAPTED_MATRICES - 4) * (shape.hidden + shape.ffn)
    return rank * shape.layers * (attention + feed_forward)


def _activations(shape: Architecture, tokens: float, recompute: bool) -> float:
    layer = tokens * (8 * shape.hidden + 3 * shape.ffn) * 2.0
    if not recompute:
        return shape.layers * layer / GIB
    return (2 * 2.0 * shape.layers * tokens * shape.hidden + _WORKING_SET * layer) / GIB


def _loss(knowledge: Knowledge, shape: Architecture, tokens: float, framework: str | None) -> float:
    fused = any(word in (framework or "").lower() for word in _FUSED)
    return constant(knowledge, "memory.fused_loss" if fused else "memory.logits") * tokens * shape.vocabulary / GIB


def _with_runtime(knowledge: Knowledge, parts: dict[str, float], factor: str) -> dict[str, float]:
    """Adds the runtime and what measurements lie above the sum on average."""
    parts["runtime"] = constant(knowledge, "memory.base")
    parts["reserve"] = sum(parts.values()) * (constant(knowledge, factor) - 1)
    return parts
