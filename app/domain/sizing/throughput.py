"""Serving throughput: how many requests fit, how fast they run together, how the GPUs are best divided among copies of a model.

    tokens/s = O / (prefill + O x step / B);  B: sequences at once, limited by the memory for their caches

Roofline: app/domain/sizing/roofline.py. Derived in docs/sizing.md.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log2

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import GIB, Architecture
from app.domain.sizing.bands import constants
from app.domain.sizing.items import Stack
from app.domain.sizing.roofline import FEW, Load, Machine, Roofline, weights

SERVED_IN_FP8 = 20.0  # from so many 10^9 parameters on
MOST_JOINED = 8.0  # GPUs that share one copy when several copies are possible
BEYOND = 64.0


def usual_precision(shape: Architecture, gpu: Gpu) -> str:
    """What a model is served in where nothing is said: larger ones in 8 bit where the GPU can."""
    return "fp8" if shape.params_b >= SERVED_IN_FP8 and gpu.tflops_fp8 else "bf16"


def benchmark_precision(gpu: Gpu, engine: Stack) -> str:
    """What is submitted to a benchmark where nothing is said: the fewest bits that the GPU multiplies."""
    if not gpu.tflops_fp8 or engine.plain:
        return "bf16"
    return "fp4" if gpu.tflops_fp4 and engine.id.startswith("tensorrt") else "fp8"


def output_tokens_per_second(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Output tokens per second of the machine, with its GPUs divided among copies of the model as is fastest."""
    if load.concurrency is not None or machine.count <= 1:
        return one_copy(knowledge, shape, machine, load)
    each = min(float(gpus_for(knowledge, shape, machine, load)), machine.count)
    best = 0.0
    while each <= machine.count:
        copies = machine.count // each
        best = max(best, copies * one_copy(knowledge, shape, replace(machine, count=each), load))
        if each >= MOST_JOINED:
            break
        each *= 2
    return best


def one_copy(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Output tokens per second of one copy of the model."""
    roofline, together = Roofline(knowledge, shape, machine), running(knowledge, shape, machine, load)
    seconds = roofline.prefill_seconds(load) + load.output_tokens / together * roofline.step_seconds(load, together)
    return load.output_tokens / seconds


def running(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Sequences at once on one copy: as many as wait, fit and are scheduled."""
    fitting = max(1.0, sequences(knowledge, shape, machine, load))
    if load.concurrency is not None:
        return min(load.concurrency, fitting)
    ranks = machine.count if shape.mixture or not machine.gpu.fast_link else 1.0
    return min(fitting, constants(knowledge, "serving")["most_sequences"] * ranks)


def gpus_for(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> int:
    """Fewest GPUs (a power of two, at most BEYOND) that hold the weights and at least a few requests."""
    needed = weights(knowledge, shape, machine.precision) + FEW * shape.cache_bytes(load.held, machine.precision)
    count = needed / max(_usable(knowledge, shape, machine.gpu), 1.0)
    return int(min(BEYOND, 2 ** ceil(log2(max(count, 1.0)))))


def sequences(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Requests that fit into the memory at once, on average half way through their output; negative when the weights do not."""
    left = machine.count * _usable(knowledge, shape, machine.gpu) - weights(knowledge, shape, machine.precision)
    return left / shape.cache_bytes(load.held, machine.precision)


def _usable(knowledge: Knowledge, shape: Architecture, gpu: Gpu) -> float:
    """Bytes of a GPU for weights and caches."""
    values = constants(knowledge, "serving")
    reserved = (values["reserved"] + (values["workspace_mixture"] if shape.mixture else 0.0)) * 1e9
    return gpu.memory_gib * GIB * values["memory"] - reserved


def prefill_seconds(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> float:
    """Time to read one prompt."""
    return Roofline(knowledge, shape, machine).prefill_seconds(load)
