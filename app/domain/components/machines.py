"""Own machines for a model: how many GPUs a peak needs, and what renting or owning them costs a month.

replicas = requests per second at the busiest hour x tokens / (tokens per second of a copy x load), rounded up, plus a spare
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from app.domain.catalogue import Gpu
from app.domain.components.lines import HOURS_PER_MONTH, Amount, Desk, PricedLine, typical
from app.domain.components.profile import Way, requests, tokens
from app.domain.sizing.architecture import from_model
from app.domain.sizing.serving import Load, Machine, gpus_for, limit_factor, output_tokens_per_second

SECONDS_PER_HOUR, WATT_PER_KILOWATT = 3600.0, 1000.0
PRECISION = "fp8"
FEW_TOKENS = 8.0  # a label is written in a few tokens; keeps the formula away from zero


def machine_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """GPUs by the hour, or bought, powered and renewed."""
    if way.model is None or way.model.params_b is None:
        return
    gpu, copies = desk.once(
        ("machines", way.model_id, way.option, way.hosting == "on_premises"), lambda: cheapest(desk, way)
    )
    if way.hosting == "on_premises":
        yield from _owned(desk, gpu, copies)
    else:
        yield desk.line("hosting.gpu", "Rented GPUs", "monthly", copies * HOURS_PER_MONTH, price_key(way, gpu))


def price_key(way: Way, gpu: Gpu) -> str:
    """The price that decides between GPUs."""
    if way.hosting == "on_premises":
        return f"gpu.{gpu.id}.purchase"
    return f"gpu.{gpu.id}.rented_eu" if way.hosting.endswith("_eu") else f"gpu.{gpu.id}.rented"


def cheapest(desk: Desk, way: Way) -> tuple[Gpu, Amount]:
    """The GPU type that carries the load for the least money, and how many of them (one number for each draw)."""
    priced = [gpu for gpu in desk.situation.knowledge.gpus.values() if desk.price(price_key(way, gpu))]
    counted = [(gpu, gpu_count(desk, way, gpu)) for gpu in priced]
    return min(counted, key=lambda item: typical(item[1]) * float(desk.price(price_key(way, item[0])).row.amount))  # type: ignore[union-attr]


def gpu_count(desk: Desk, way: Way, gpu: Gpu) -> Amount:
    """GPUs for the busiest hour, the spare copies included. A copy that is hardly used still needs its GPUs."""
    knowledge, shape = desk.situation.knowledge, from_model(way.model)  # type: ignore[arg-type]
    used = tokens(desk, way)
    load = Load(max(typical(used.input), 1.0), max(typical(used.output), FEW_TOKENS))
    machine = Machine(gpu, 1, PRECISION if gpu.tflops_fp8 else "bf16")
    each = gpus_for(knowledge, shape, machine, load)
    speed = output_tokens_per_second(knowledge, shape, replace(machine, count=each), load) * limit_factor(
        knowledge, "server"
    )
    wanted = busiest_requests(desk) * np.maximum(used.output, FEW_TOKENS)
    copies = np.ceil(wanted / (speed * desk.parameter("serving.load")))
    return np.maximum(copies, 1.0) * each + _spare(desk, copies) * each


def _spare(desk: Desk, copies: Amount) -> Amount:
    """A spare copy only where the load already needs more than one."""
    return np.where(copies > 1, desk.parameter("serving.spare"), 0.0)


def busiest_requests(desk: Desk) -> Amount:
    """Requests per second in the busiest hour; what may wait a day is spread evenly."""
    active = desk.parameter("tokens.active_hours") * SECONDS_PER_HOUR
    waiting = desk.input("batchable_share")
    now = requests(desk) * (1 - waiting) * desk.input("peak_factor")
    return (now + requests(desk) * waiting) / active


def _owned(desk: Desk, gpu: Gpu, copies: Amount) -> Iterator[PricedLine]:
    key = f"gpu.{gpu.id}.purchase"
    yield desk.line("hosting.hardware", "Servers with GPUs", "one_off", copies, key)
    renewed = copies / desk.parameter("hardware.months")
    yield desk.line("hosting.renewal", "Reserve for new hardware", "monthly", renewed, key)
    watts = (gpu.tdp_watt or 300.0) * desk.parameter("hardware.load") * desk.parameter("hardware.power")
    energy = copies * watts / WATT_PER_KILOWATT * HOURS_PER_MONTH
    yield desk.line("hosting.electricity", "Electricity and cooling", "monthly", energy, "energy.electricity")
