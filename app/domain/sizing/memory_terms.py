"""GPU memory of training: a sum of terms, in GiB per GPU. Derived in docs/sizing.md; constants in app/knowledge/sizing/memory.yaml.

    weights + optimiser + activations + loss + runtime

Activations with recomputation: c L T h bytes and one layer's working set; without: L T (8 h + 3 ffn) x 2 bytes. Loss: bytes for each
token and word of the vocabulary, a fraction where it is computed in chunks. Full tuning: bytes for each parameter by the recipe of the
optimiser (ZeRO, arXiv 1910.02054); adapters: LoRA (arXiv 2106.09685), 4-bit weights: QLoRA (arXiv 2305.14314).
"""

from __future__ import annotations

from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import GIB, Architecture
from app.domain.sizing.bands import constants, nearest
from app.domain.sizing.items import Stack
from app.domain.sizing.requests import MemoryRequest
from app.domain.sizing.stacks import stack_of

USUAL_LENGTH, USUAL_RANK = 2048.0, 16.0
RECIPES = ("mixed", "bf16", "8bit", "in_backward")
WHOLE = ("none", "ddp", "no_shard", "zero-1", "zero-2")  # each GPU keeps all weights
CHUNKED = ("liger", "chunked", "fused loss", "cut-cross", "cut cross")


def training_parts(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> dict[str, float]:
    """Weights, optimiser, activations, loss and runtime of training, in GiB per GPU."""
    values, stack = constants(knowledge, "memory"), stack_of(knowledge, request.framework)
    tokens = (request.seq_len or USUAL_LENGTH) * (request.batch or 1)
    count = request.gpu_count or 1
    split = count if stack.splits else 1.0
    reserve = nearest(values, "reserve", stack.id, default=1.0) / split
    parts = {
        "weights": _weights(values, stack, shape, request) / _shards(stack, request, shape),
        "optimiser": _optimiser(values, stack, shape, request) / _shards(stack, request, shape),
        "activations": _activations(values, shape, request, stack, tokens) / GIB * reserve,
        "loss": _loss_bytes(values, stack, request) * tokens * shape.vocabulary / GIB * reserve,
    }
    return parts | {"runtime": nearest(values, "base", stack.id, stack.family)}


def _shards(stack: Stack, request: MemoryRequest, shape: Architecture) -> float:
    """GPUs that divide the model among themselves; offloaded, a GPU holds two layers at a time."""
    count = request.gpu_count or 1
    if "offload" in (request.framework or "").lower():
        return max(count, shape.layers / 2)
    if request.sharding:
        return 1.0 if request.sharding.lower() in WHOLE else count
    divided = stack.splits or stack.sharded or (request.method == "full" and stack.shards)
    return count if divided else 1.0


def _weights(values: dict[str, float], stack: Stack, shape: Architecture, request: MemoryRequest) -> float:
    """Weights that stay frozen; trained ones belong to the bytes of a fully trained parameter."""
    if request.method == "full":
        return 0.0
    if request.method == "qlora" or request.precision in ("int4", "nf4", "fp4"):
        return (
            shape.weight_bytes(values["four_bit"]) / GIB
            + nearest(values, "four_bit_extra", stack.id, stack.family) * shape.params_b
        )
    return shape.weight_gib(request.precision if request.precision in ("fp32", "fp8", "int8") else "bf16")


def _optimiser(values: dict[str, float], stack: Stack, shape: Architecture, request: MemoryRequest) -> float:
    if request.method != "full":
        rank = request.lora_rank or nearest(values, "rank", stack.id, stack.family, default=USUAL_RANK)
        return adapter_parameters(shape, rank) * values["adapter"] / GIB
    if request.optimizer:
        return values[f"recipe.{request.optimizer}"] * shape.params_b * 1e9 / GIB
    if request.gpu_count == 1 and f"full_alone.{stack.id}" in values:
        return values[f"full_alone.{stack.id}"] * shape.params_b * 1e9 / GIB
    return nearest(values, "full", stack.id, stack.family) * shape.params_b * 1e9 / GIB


def adapter_parameters(shape: Architecture, rank: float) -> float:
    """Trainable parameters of LoRA on all linear layers: rank x (inputs + outputs) of each matrix."""
    keys = shape.kv_heads * shape.head_size
    attention = 2 * (shape.hidden + shape.attention_width) + 2 * (shape.hidden + keys)
    return rank * shape.layers * (attention + shape.matrices * (shape.hidden + shape.ffn))


def recomputes(stack: Stack, request: MemoryRequest) -> bool:
    """Whether activations are computed again in the backward pass: as stated, else as is usual with the software."""
    return stack.recompute if request.grad_ckpt is None else request.grad_ckpt


def _activations(
    values: dict[str, float], shape: Architecture, request: MemoryRequest, stack: Stack, tokens: float
) -> float:
    layer = tokens * (8 * shape.hidden + 3 * shape.ffn) * 2.0
    each = shape.layers * tokens * shape.hidden
    if recomputes(stack, request):
        return values["kept"] * each + values["working_set"] * layer
    unpacked = values["four_bit_activation"] * 2.0 * each if request.method == "qlora" else 0.0
    return values["all_kept"] * shape.layers * layer + unpacked


def _loss_bytes(values: dict[str, float], stack: Stack, request: MemoryRequest) -> float:
    if any(word in (request.framework or "").lower() for word in CHUNKED):
        return values["loss.chunked"]
    return nearest(values, "loss", stack.id, stack.family)


def serving_parts(knowledge: Knowledge, shape: Architecture, request: MemoryRequest) -> dict[str, float]:
    """Weights, cache, activations and runtime of serving, in GiB per GPU."""
    values, engine = constants(knowledge, "memory"), stack_of(knowledge, request.framework, "serving")
    gpus, sequences = request.gpu_count or 1, request.batch or 1
    length = request.seq_len or values["serving_length"]
    copies = nearest(values, "cache", engine.id, default=1.0)
    return {
        "weights": serving_weights(values, shape, request.precision or "bf16") / gpus,
        "cache": shape.cache_bytes(length) * sequences * copies / GIB / gpus,
        "activations": values["serving_activation"]
        * length
        * sequences
        * 4.0
        * (shape.hidden + shape.ffn)
        / GIB
        / gpus,
        "runtime": values["base_serving"],
    }


def serving_weights(values: dict[str, float], shape: Architecture, precision: str) -> float:
    """GiB of the weights as served: quantised ones carry scales."""
    if precision in ("int4", "nf4", "fp4"):
        return shape.weight_bytes(values["four_bit_groups" if precision == "int4" else "four_bit"]) / GIB
    return (
        shape.weight_bytes(values["eight_bit"]) / GIB if precision in ("int8", "fp8") else shape.weight_gib(precision)
    )
