"""`lotse estimate serving`: tokens per second with a band, time to the first and for each token, replicas and cost of a load."""

from __future__ import annotations

from math import ceil
from typing import Any

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, find
from app.domain.sizing.bands import band, constants, spread
from app.domain.sizing.items import Stack
from app.domain.sizing.requests import ServingRequest, find_gpu, unknown_model
from app.domain.sizing.roofline import USUAL_OUTPUT, Load, Machine, Roofline
from app.domain.sizing.stacks import stack_of
from app.domain.sizing.throughput import (
    benchmark_precision,
    gpus_for,
    output_tokens_per_second,
    prefill_seconds,
    running,
    sequences,
    usual_precision,
)

__all__ = [
    "Load",
    "Machine",
    "estimate_serving",
    "gpus_for",
    "output_tokens_per_second",
    "prefill_seconds",
    "usual_precision",
]
HOUR, MILLION = 3600.0, 1e6


def estimate_serving(knowledge: Knowledge, request: ServingRequest) -> dict[str, Any]:
    """Output and total tokens per second of all GPUs together, as p10, p50, p90, and latency. Raises InputError."""
    found = prepared(knowledge, request)
    _, machine, load = found
    rate, width = speed(knowledge, request, found), spread(knowledge, *band_of(knowledge, request, found))
    total = rate * (load.input_tokens + load.output_tokens) / load.output_tokens
    return {
        "output_tokens_per_s": band(rate, width).model_dump(),
        "total_tokens_per_s": band(total, width).model_dump(),
        "assumed": _assumed(request, load, machine),
    } | _details(knowledge, found, rate, request)


def prepared(knowledge: Knowledge, request: ServingRequest) -> tuple[Architecture, Machine, Load]:
    """Shape, machine and load that a request names. Raises InputError."""
    gpu = find_gpu(knowledge, request.gpu)
    shape = find(knowledge, request.model, request.params_b, request.active_params_b)
    if shape is None:
        raise unknown_model()
    engine = stack_of(knowledge, request.engine, "serving")
    precision = request.precision or _precision(shape, gpu, engine, request)
    return shape, Machine(gpu, request.gpu_count or 1, precision, engine.id), load_of(knowledge, shape, request)


def speed(knowledge: Knowledge, request: ServingRequest, found: tuple[Architecture, Machine, Load]) -> float:
    """Output tokens per second of all GPUs, within the limits of the scenario."""
    return output_tokens_per_second(knowledge, *found) * limit_factor(knowledge, request.scenario, found[0])


def load_of(knowledge: Knowledge, shape: Architecture, request: ServingRequest) -> Load:
    """The lengths; what is left open is, with a scenario of MLPerf, what MLPerf asks of that model."""
    read, written = request.input_tokens, request.output_tokens
    if request.scenario and shape.workload:
        read, written = read or shape.workload.input_tokens, written or shape.workload.output_tokens
    if request.concurrency == 1:
        values = constants(knowledge, "serving")
        read, written = read or values["short_prompt"], written or values["short_answer"]
    written = written or USUAL_OUTPUT
    return Load(read or written, written, request.concurrency)


def _precision(shape: Architecture, gpu: Gpu, engine: Stack, request: ServingRequest) -> str:
    if request.scenario:
        return benchmark_precision(gpu, engine)
    return "bf16" if engine.plain or request.concurrency == 1 else usual_precision(shape, gpu)


def limit_factor(knowledge: Knowledge, scenario: str | None, shape: Architecture | None = None) -> float:
    """What a latency limit leaves of the maximum throughput (MLPerf Inference v5.1: server and interactive against offline)."""
    if scenario not in ("server", "interactive"):
        return 1.0
    if shape is not None and shape.workload is not None:
        return shape.workload.server if scenario == "server" else shape.workload.interactive
    return constants(knowledge, "serving")[scenario]


def band_of(
    knowledge: Knowledge, request: ServingRequest, found: tuple[Architecture, Machine, Load]
) -> tuple[tuple[str, ...], int]:
    """Places of the band's width, most particular first, and how many inputs are unknown."""
    shape, machine, _ = found
    kind = "single" if request.concurrency == 1 else "mixture" if shape.mixture else "full"
    unknown = (
        request.output_tokens is None and shape.workload is None,
        not request.concurrency and not request.scenario,
    )
    return (f"serving.{kind}.{machine.engine}", f"serving.{kind}", "serving"), sum(unknown)


def _assumed(request: ServingRequest, load: Load, machine: Machine) -> dict[str, Any]:
    """What the request left open."""
    used = {"input_tokens": load.input_tokens, "output_tokens": load.output_tokens, "precision": machine.precision, "engine": machine.engine}  # fmt: skip
    return {key: value for key, value in used.items() if getattr(request, key) is None}


def _details(
    knowledge: Knowledge, found: tuple[Architecture, Machine, Load], rate: float, request: ServingRequest
) -> dict[str, Any]:
    """Whether it fits, latency, and what a stated load needs. rate: output tokens per second."""
    shape, machine, load = found
    held = sequences(knowledge, shape, machine, load)
    if held < 1:
        return {"fits": False, **_refusal(knowledge, shape, machine, load)}
    first, each = latency(knowledge, shape, machine, load)
    result = {
        "fits": True, "sequences_at_once": int(held), "time_to_first_token_s": _short(first), "time_per_token_s": _short(each),
    }  # fmt: skip
    if request.requests_per_s:
        served = rate / load.output_tokens
        result |= replicas(knowledge, request.requests_per_s, served, first + load.output_tokens * each)
    if request.gpu_hour_price:
        used = rate * result.get("utilisation", 1.0)
        result["cost_per_million_tokens"] = cost_per_million(request.gpu_hour_price * machine.count, used)
    return result


def latency(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> tuple[float, float]:
    """Seconds to the first token and for each further one, at the concurrency of the load (None: as many as run).

    Requests beyond those that run wait: their number / requests served per second (Little's law).
    """
    roofline, together = Roofline(knowledge, shape, machine), running(knowledge, shape, machine, load)
    read, step = roofline.prefill_seconds(load), roofline.step_seconds(load, together)
    # Prompts of the others are read in between: over an answer each of them is read once.
    each = step + (together - 1) * read / load.output_tokens
    waiting = max(0.0, (load.concurrency or together) - together)
    return read + step + waiting * load.output_tokens * each / together, each


def replicas(knowledge: Knowledge, requests_per_s: float, rate: float, seconds: float) -> dict[str, Any]:
    """Copies for a peak load, one spare when the load needs more than one; requests under way by Little's law.

    rate: requests per second of a copy; seconds: of one request.
    """
    usable = constants(knowledge, "serving")["load"]
    busy = max(1, ceil(requests_per_s / (rate * usable) - 1e-9))
    copies = busy + (1 if busy > 1 else 0)
    return {
        "requests_at_once": _short(requests_per_s * seconds),
        "replicas": copies,
        "utilisation": _short(requests_per_s / (rate * copies)),
    }


def cost_per_million(price_per_hour: float, tokens_per_s: float) -> float:
    """Price of 10^6 output tokens: price of an hour / tokens of an hour."""
    return _short(price_per_hour / (tokens_per_s * HOUR) * MILLION)


def _refusal(knowledge: Knowledge, shape: Architecture, machine: Machine, load: Load) -> dict[str, Any]:
    weights = Roofline(knowledge, shape, machine).weight_bytes / 2**30
    have = machine.count * machine.gpu.memory_gib
    count = gpus_for(knowledge, shape, machine, load)
    smallest = {"gpu": machine.gpu.id, "gpu_count": count, "precision": machine.precision}
    says = f"weights take {weights:.0f} GiB in {machine.precision}, and {machine.count:g} x {machine.gpu.id} have {have:g} GiB in all"
    return {"why": says, "smallest": smallest}


def _short(value: float) -> float:
    return float(f"{value:.4g}")
