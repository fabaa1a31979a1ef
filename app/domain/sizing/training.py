"""GPU-hours of training.

    seconds of a micro-step = T x FLOP per token / (peak x E) + fixed time x layers x k (+ weights unpacked, for 4-bit weights)
    FLOP per token = k x (2 N_active + 2 L s h);  k = 3 full, 2 LoRA and QLoRA, +1 when activations are recomputed

T: tokens of a micro-step. Kaplan et al. 2020 (arXiv 2001.08361), attention term: PaLM (arXiv 2204.02311), recomputation: Korthikanti
et al. 2022 (arXiv 2205.05198). E and the fixed time are fitted to published runs (parameters `sizing.training.*`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, estimated, find
from app.domain.sizing.bands import band, constant, spread
from app.domain.sizing.requests import TrainingRequest, find_gpu
from app.errors import InputError

# words in the name of the software -> class of software
STACKS = {
    "nemo": "vendor", "ngc": "vendor", "megatron": "vendor", "mlperf": "vendor", "mxnet": "vendor", "primus": "vendor",
    "torchtune": "torchtune", "unsloth": "unsloth", "fsdp": "fsdp", "foundry": "fsdp", "composer": "fsdp", "litgpt": "fsdp",
    "deepspeed": "fsdp", "trl": "trainer", "peft": "trainer", "transformers": "trainer", "trainer": "trainer",
    "axolotl": "trainer", "swift": "trainer", "llama-factory": "trainer", "llamafactory": "trainer", "hugging": "trainer", "hf": "trainer",
}  # fmt: skip
WITH_FIXED_TIME = ("trainer", "unsloth", "unknown")
_USUAL_LENGTH, _USUAL_BATCH = 2048.0, 2.0


@dataclass(frozen=True)
class Setup:
    """How a model is trained."""

    method: str
    seq_len: float = _USUAL_LENGTH
    micro_batch: float = _USUAL_BATCH
    recompute: bool = True
    stack: str = "trainer"


def passes(setup: Setup) -> int:
    """Forward passes that a training step is worth."""
    return (3 if setup.method == "full" else 2) + (1 if setup.recompute else 0)


def flop_per_token(shape: Architecture, setup: Setup) -> float:
    """Floating-point operations for each trained token."""
    attention = 2.0 * shape.layers * setup.seq_len * shape.hidden
    return passes(setup) * (2.0 * shape.active_params_b * 1e9 + attention)


def tokens_per_second(knowledge: Knowledge, shape: Architecture, gpu: Gpu, setup: Setup) -> float:
    """Trained tokens per second and GPU."""
    tokens = setup.seq_len * setup.micro_batch
    efficiency = constant(knowledge, f"training.{setup.stack}")
    seconds = tokens * flop_per_token(shape, setup) / (gpu.tflops_bf16 * 1e12 * efficiency)
    if setup.stack in WITH_FIXED_TIME:
        seconds += constant(knowledge, "training.step") * 1e-3 * shape.layers * passes(setup)
    if setup.method == "qlora":
        moved = constant(knowledge, "training.dequantise") * shape.params_b * 1e9
        seconds += passes(setup) * moved / (gpu.bandwidth_gb_s * 1e9)
    return tokens / seconds


def stack_of(framework: str | None) -> str:
    """The class of the training software, from its name."""
    text = (framework or "").lower()
    return next((stack for word, stack in STACKS.items() if word in text), "unknown")


def estimate_training(knowledge: Knowledge, request: TrainingRequest) -> dict[str, Any]:
    """GPU-hours, hours by the clock and tokens per second and GPU, each as p10, p50, p90. Raises InputError."""
    gpu = find_gpu(knowledge, request.gpu)
    shape = find(knowledge, request.model, request.params_b, request.active_params_b) or estimated(request.params_b)
    setup = Setup(
        request.method, request.seq_len or _USUAL_LENGTH, request.micro_batch or _USUAL_BATCH,
        True if request.grad_ckpt is None else request.grad_ckpt, stack_of(request.framework),
    )  # fmt: skip
    missing = (request.seq_len, request.micro_batch, request.grad_ckpt, request.framework)
    width = spread(knowledge, "training", sum(item is None for item in missing))
    speed = tokens_per_second(knowledge, shape, gpu, setup)
    hours = trained_tokens(request) / speed / 3600
    return {
        "gpu_hours": band(hours, width).model_dump(),
        "wall_hours": band(hours / (request.gpu_count or 1), width).model_dump(),
        "tokens_per_s_per_gpu": band(speed, width).model_dump(),
    }


def trained_tokens(request: TrainingRequest) -> float:
    """Tokens that are trained: stated, or examples x tokens of an example x epochs. Raises InputError."""
    if request.train_tokens:
        return request.train_tokens
    if request.examples and request.tokens_per_example:
        return request.examples * request.tokens_per_example * (request.epochs or 1)
    says = "give train_tokens, or examples and tokens_per_example (and epochs)"
    raise InputError([{"key": "train_tokens", "value": None, "allowed": says, "says": says}])
