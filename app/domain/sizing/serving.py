"""Serving throughput: a roofline of decoding and of reading the prompt, limited by the memory for the key-value cache.

    step = max(weights / (bandwidth x e), 2 N_active B / (peak x e)) + B x cache / bandwidth + fixed time x layers
    prefill = (2 N_active I + attention) / (peak x e);  tokens/s = O / (prefill + O x step / B)

Pope et al. 2022 (arXiv 2211.05102), LLM-Viewer (arXiv 2402.16363). Efficiencies are parameters `sizing.serving.*`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, find
from app.domain.sizing.bands import band, constant, spread
from app.domain.sizing.requests import ServingRequest, find_gpu, unknown_model

GIB = float(2**30)
FOUR_BIT = ("B200", "B300", "GB200", "GB300", "RTX5090", "RTXPRO6000", "MI350X", "MI355X")  # twice the rate in 4 bit
_USUAL_INPUT, _USUAL_OUTPUT, _FEW, _MOST_SEQUENCES = 1000.0, 300.0, 4, 2048
SERVED_IN_FP8 = 20.0  # models of so many 10^9 parameters and more


@dataclass(frozen=True)
class Load:
    """One kind of request, in tokens, and how many run at once (None: as many as fit)."""

    input_tokens: float = _USUAL_INPUT
    output_tokens: float = _USUAL_OUTPUT
    concurrency: float | None = None


@dataclass(frozen=True)
class Machine:
    """So many equal GPUs that share one copy of a model in a precision."""

    gpu: Gpu
    count: float = 1
    precision: str = "bf16"
    plain: bool = False  # software for experiments, one step at a time, instead of a serving engine


def is_plain(engine: str | None) -> bool:
    """Whether the software is a training library that can also generate."""
    return any(word in (engine or "").lower() for word in ("transformers", "litgpt", "eager"))


def usual_precision(shape: Architecture, gpu: Gpu) -> str:
    """What a model is served in where nothing is said: larger ones in 8 bit where the GPU can."""
    return "fp8" if shape.params_b >= SERVED_IN_FP8 and gpu.tflops_fp8 else "bf16"


def estimate_serving(knowledge: Knowledge, request: ServingRequest) -> dict[str, Any]:
    """Output and total tokens per second of all GPUs together, as p10, p50, p90. Raises InputError."""
    gpu = find_gpu(knowledge, request.gpu)
    shape = find(knowledge, request.model, request.params_b, request.active_params_b)
    if shape is None:
        raise unknown_model()
    written = request.output_tokens or _USUAL_OUTPUT
    load = Load(request.input_tokens or written, written, request.concurrency)
    machine = Machine(
        gpu, request.gpu_count or 1, request.precision or usual_precision(shape, gpu), is_plain(request.engine)
    )
    speed = output_tokens_per_second(knowledge, shape, machine, load) * limit_factor(knowledge, request.scenario)
    missing = (request.precision, request.input_tokens, request.output_tokens, request.concurrency or request.scenario)
    width = spread(knowledge, "serving", sum(item is None for item in missing))
    total = speed * (load.input_tokens + load.output_tokens) / load.output_tokens
    return {
        "output_tokens_per_s": band(speed, width).model_dump(),
        "total_tokens_per_s": band(total, width).model_dump(),
    }


def limit_factor(knowledge: Knowledge, scenario: str | None) -> float:
    """What a latency limit leaves of the maximum throughput (MLPerf Inference v5.1, server and interactive against offline)."""
    return constant(knowledge, f"serving.{scenario}") if scenario in ("server", "interactive") else 1.0


def output_tokens_per_second(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Output tokens per second of the machine, with its GPUs divided among copies of the model as is fastest."""
    if load.concurrency is not None:
        return one_copy(knowledge, shape, machine, load)
    each = min(float(gpus_for(knowledge, shape, machine, load)), machine.count)
    best = 0.0
    while each <= machine.count:
        copies = machine.count // each
        best = max(best, copies * one_copy(knowledge, shape, replace(machine, count=each), load))
        each *= 2
    return best


def one_copy(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Output tokens per second of one copy of the model."""
    fitting = max(1.0, sequences(knowledge, shape, machine, load))
    running = min(load.concurrency or _MOST_SEQUENCES, fitting)
    step = step_seconds(knowledge, shape, machine, load, running)
    seconds = prefill_seconds(knowledge, shape, machine, load) + load.output_tokens / running * step
    return load.output_tokens / seconds


def gpus_for(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> int:
    """Fewest GPUs (a power of two) that hold the weights and at least a few requests."""
    usable = machine.gpu.memory_gib * constant(knowledge, "serving.memory") - constant(knowledge, "memory.base")
    each = shape.kv_bytes(machine.precision) * (load.input_tokens + load.output_tokens) / GIB
    count = 1
    while count < 64 and usable * count < shape.weight_gib(machine.precision) + _FEW * each:
        count *= 2
    return count


def sequences(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Requests that fit into the memory at once, on average half way through their output."""
    usable = machine.count * (machine.gpu.memory_gib * constant(knowledge, "serving.memory") - constant(knowledge, "memory.base"))  # fmt: skip
    each = shape.kv_bytes(machine.precision) * (load.input_tokens + load.output_tokens / 2) / GIB
    return (usable - shape.weight_gib(machine.precision)) / each


def step_seconds(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load, running: float) -> float:
    """Time of one decoding step for all requests that run."""
    bandwidth = machine.gpu.bandwidth_gb_s * 1e9 * _joined(knowledge, machine)
    touched = float(
        1 - (1 - shape.active_params_b / shape.params_b) ** running
    )  # share of the experts that the batch needs
    moved = shape.weight_gib(machine.precision) * GIB * touched / (bandwidth * _reached(knowledge, machine.precision))
    computed = 2e9 * shape.active_params_b * running / (_peak(machine) * _joined(knowledge, machine) * _efficiency(knowledge, shape, "decode"))  # fmt: skip
    cache = running * shape.kv_bytes(machine.precision) * (load.input_tokens + load.output_tokens / 2) / bandwidth
    kind = "layer_plain" if machine.plain else "layer" if running <= _FEW else "layer_full"
    fixed = constant(knowledge, f"serving.{kind}") * 1e-3
    return max(moved, computed) + cache + fixed * shape.layers


def prefill_seconds(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Time to read one prompt."""
    attention = 2.0 * shape.layers * shape.hidden * load.input_tokens**2
    work = 2e9 * shape.active_params_b * load.input_tokens + attention
    return work / (_peak(machine) * _joined(knowledge, machine) * _efficiency(knowledge, shape, "prefill"))


def _peak(machine: Machine) -> float:
    gpu = machine.gpu
    if machine.precision not in ("fp8", "fp4") or not gpu.tflops_fp8:
        return gpu.tflops_bf16 * 1e12
    return gpu.tflops_fp8 * (2 if machine.precision == "fp4" and gpu.id in FOUR_BIT else 1) * 1e12


def _joined(knowledge: Knowledge, machine: Machine) -> float:
    """GPUs that the joined ones are worth: without a fast link each counts less."""
    return machine.count if machine.count <= 1 or machine.gpu.fast_link else max(1.0, machine.count * constant(knowledge, "serving.link"))  # fmt: skip


def _efficiency(knowledge: Knowledge, shape: Architecture, phase: str) -> float:
    return constant(knowledge, f"serving.{phase}_moe" if shape.mixture else f"serving.{phase}")


def _reached(knowledge: Knowledge, precision: str) -> float:
    kind = {"int8": "bandwidth_int8", "int4": "bandwidth_int4", "nf4": "bandwidth_int4"}.get(precision, "bandwidth")
    return constant(knowledge, f"serving.{kind}")
