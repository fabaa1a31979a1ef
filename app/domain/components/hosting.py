"""Machines that serve: replicas for the busiest hour, rented by the hour or bought; the fee for a tuned model at a platform.

    replicas = requests per second at the peak / (requests per second of a replica x load), rounded up, plus a spare one

A GPU costs as much idle as busy; work that may wait a day is done in a few hours instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.components.lines import HOURS_PER_MONTH, Desk, PricedLine, unpriced
from app.domain.components.machines import Demand, Server, Shelf, server_for
from app.domain.components.profile import Way, requests, tokens, tuning_platform
from app.domain.sizing.serving import Load
from app.domain.statistics import Amount, median, percentiles

SECONDS = 3600.0
FAST = ("sub_second", "under_300ms")
WATT_PER_KW = 1000.0


def hosting_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Machines of the own model, or the platform's fee for a tuned one."""
    if way.own_model:
        yield from machine_lines(desk, way)
    elif way.tuned:
        yield from fee_lines(desk, way)


def fee_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Hosting of the tuned model by the hour, used or not, where a platform asks for it; storage elsewhere."""
    platform = tuning_platform(desk, way)
    if desk.price(f"tuning.{platform}.hosting"):
        yield desk.line(
            "hosting.tuned",
            "monthly",
            HOURS_PER_MONTH,
            f"tuning.{platform}.hosting",
            label="Hosting of the tuned model, used or not",
        )
    if desk.price(f"tuning.{platform}.storage"):
        yield desk.line(
            "hosting.stored", "monthly", 1.0, f"tuning.{platform}.storage", label="Storage of the tuned model"
        )


def machine_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """GPU-hours a month, or the hardware and its electricity."""
    server = server_of(desk, way)
    if server is None:
        yield unpriced("hosting.gpu", "monthly", "GPU-hour", f"gpu.{way.model_id}", label="Rented GPUs")
    elif way.hosting == "on_premises":
        yield from _owned(desk, way, server)
    else:
        hours = gpu_hours(desk, way, server)
        yield desk.line("hosting.gpu", "monthly", hours, server.price_key, label="Rented GPUs")


def server_of(desk: Desk, way: Way) -> Server | None:
    """The machine that is cheapest on average over a low, a usual and a high demand."""
    if way.model is None:
        return None
    read = tokens(desk, way)
    load = desk.once(
        ("load", way.reading), lambda: Load(_rounded(median(read.input)), _rounded(max(1.0, median(read.output))))
    )
    shelf = Shelf(desk.situation.knowledge, desk.situation.book)
    demand = desk.once(("demand", way.hosting == "on_premises"), lambda: _demand(desk, way))
    return server_for(shelf, way.model_id, way.hosting, load, demand, scenario(desk))


def _demand(desk: Desk, way: Way) -> Demand:
    busy = tuple(_rounded(rate) for rate in percentiles(peak(desk) / desk.parameter("serving.load")))
    return Demand(
        busy, median(desk.parameter("serving.spare")), scenario(desk) == "offline" and way.hosting != "on_premises"
    )


def _rounded(number: float) -> float:
    """Two digits: near requests share one calculation of speed."""
    return float(f"{number:.1e}")


def scenario(desk: Desk) -> str:
    """How strict the limit on latency is."""
    latency = desk.situation.answers.latency
    return "offline" if latency == "batch" else "interactive" if latency in FAST else "server"


def peak(desk: Desk) -> Amount:
    """Requests per second in the busiest hour; the average when all may wait."""
    average = requests(desk) / (HOURS_PER_MONTH * SECONDS)
    return average if scenario(desk) == "offline" else average * desk.input("peak_factor")


def replicas(desk: Desk, server: Server) -> Amount:
    """Copies of the machine; a spare one only where the load already needs more than one."""
    busy = peak(desk) / (server.requests_per_second * desk.parameter("serving.load"))
    copies = np.maximum(np.ceil(busy), 1.0)
    return copies + np.where(copies > 1, desk.parameter("serving.spare"), 0.0)


def gpu_hours(desk: Desk, way: Way, server: Server) -> Amount:
    """Paid GPU-hours a month: round the clock, or only the hours of work when all may wait."""
    if scenario(desk) == "offline":
        work = requests(desk) / (server.requests_per_second * desk.parameter("serving.load")) / SECONDS
        return server.gpus * np.maximum(work, 1.0)
    return server.gpus * replicas(desk, server) * HOURS_PER_MONTH


def _owned(desk: Desk, way: Way, server: Server) -> Iterator[PricedLine]:
    """The part of the hardware that the horizon uses up, and electricity."""
    count = desk.once(("owned", way.key), lambda: server.gpus * replicas(desk, server))
    used = np.minimum(desk.situation.horizon_months / desk.parameter("hardware.months"), 1.0)
    yield desk.line(
        "hosting.hardware",
        "one_off",
        count * used,
        server.price_key,
        label="Hardware, the share used up over the horizon",
    )
    watt = (server.gpu.tdp_watt or 0.0) * desk.parameter("hardware.load") * desk.parameter("hardware.power")
    energy = count * watt / WATT_PER_KW * HOURS_PER_MONTH
    yield desk.line("hosting.electricity", "monthly", energy, "energy.electricity", label="Electricity and cooling")
