"""Which GPUs serve or train a model of the catalogue, and how fast: worked out once for a knowledge base and price book."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from app.domain.catalogue import Gpu, ModelInfo, Price, PriceBook
from app.domain.components.lines import HOURS_PER_MONTH
from app.domain.components.profile import IN_EU
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture, from_model
from app.domain.sizing.bands import constant
from app.domain.sizing.memory import training_parts
from app.domain.sizing.requests import MemoryRequest
from app.domain.sizing.serving import (
    Load,
    Machine,
    gpus_for,
    output_tokens_per_second,
    prefill_seconds,
    usual_precision,
)
from app.domain.sizing.training import Setup, tokens_per_second


@dataclass(frozen=True)
class Shelf:
    """The GPUs and prices of a day."""

    knowledge: Knowledge
    book: PriceBook

    def offered(self, hosting: str) -> Iterator[tuple[Gpu, str, float]]:
        """GPUs with a price for the hosting, the key of that price and its amount in EUR (bought: for a month of five years)."""
        kind = "purchase" if hosting == "on_premises" else "rented_eu" if hosting in IN_EU else "rented"
        for gpu in self.knowledge.gpus.values():
            price = self.book.get(f"gpu.{gpu.id}.{kind}")
            if price is not None and not _only_assumed(gpu, price, hosting) and price.currency in self.book.fx:
                yield gpu, price.key, float(price.amount / self.book.fx[price.currency])


def _only_assumed(gpu: Gpu, price: Price, hosting: str) -> bool:
    """Rented machines are chosen among real offers of data-centre GPUs; what hardware costs to buy has no public list."""
    return hosting != "on_premises" and (price.source.grade == "A" or not gpu.data_centre)


class Server(NamedTuple):
    """Equal GPUs that hold one copy of a model: requests per second at full load, within usual latency limits."""

    gpu: Gpu
    price_key: str
    gpus: int
    requests_per_second: float


class Trainer(NamedTuple):
    """A GPU that trains a model: how many hold it at least, tokens per second of each."""

    gpu: Gpu
    price_key: str
    gpus: int
    tokens_per_second: float


class Demand(NamedTuple):
    """Requests per second at full load that machines must be able to serve (low, usual, high), and how many spare ones stand by.

    `by_the_hour`: the work may wait, so that only the hours of work are paid.
    """

    rates: tuple[float, ...]
    spare: float
    by_the_hour: bool

    def copies(self, server: Server) -> float:
        """Paid machines on average over the rates."""
        return sum(self._paid(rate / server.requests_per_second) for rate in self.rates) / len(self.rates)

    def _paid(self, busy: float) -> float:
        if self.by_the_hour:
            return max(busy, 1 / HOURS_PER_MONTH)
        return 1.0 if busy <= 1 else ceil(busy) + self.spare


@lru_cache(maxsize=4096)
def server_for(shelf: Shelf, model_id: str, hosting: str, load: Load, demand: Demand, scenario: str) -> Server | None:  # noqa: PLR0913, PLR0917  # fmt: skip
    """The cheapest machine for a demand; None when no GPU has a price or the size is unknown."""
    servers = _servers(shelf, model_id, hosting, load, scenario)
    return min(servers, key=lambda item: item[1] * item[0].gpus * demand.copies(item[0]), default=(None,))[0]


@lru_cache(maxsize=1024)
def _servers(shelf: Shelf, model_id: str, hosting: str, load: Load, scenario: str) -> tuple[tuple[Server, float], ...]:  # fmt: skip
    model = shelf.knowledge.models[model_id]
    if model.params_b is None:
        return ()
    shape, found = from_model(model), []
    for gpu, key, price in shelf.offered(hosting):
        if gpu.id.startswith("TPU"):
            continue  # the launch kits serve with software for GPUs
        machine = Machine(gpu, 1, usual_precision(shape, gpu))
        count = gpus_for(shelf.knowledge, shape, machine, load)
        whole = Machine(gpu, count, machine.precision)
        rate = _rate(shelf.knowledge, model, shape, whole, load) * _limited(shelf.knowledge, scenario)
        found.append((Server(gpu, key, count, rate), price))
    return tuple(found)


def _rate(knowledge: Knowledge, model: ModelInfo, shape: Architecture, machine: Machine, load: Load) -> float:
    """Requests per second: an encoder only reads, the others also write."""
    if model.kind != "open_weights":
        return 1 / prefill_seconds(knowledge, shape, machine, load)
    return output_tokens_per_second(knowledge, shape, machine, load) / load.output_tokens


def _limited(knowledge: Knowledge, scenario: str) -> float:
    return 1.0 if scenario == "offline" else constant(knowledge, f"serving.{scenario}")


@lru_cache(maxsize=1024)
def trainer_for(shelf: Shelf, model_id: str, hosting: str, setup: Setup) -> Trainer | None:
    """The GPU with the cheapest trained token; None when none has a price or the size is unknown."""
    model = shelf.knowledge.models[model_id]
    if model.params_b is None:
        return None
    shape = from_model(model)
    found = [(_trainer(shelf.knowledge, shape, gpu, key, setup), price) for gpu, key, price in shelf.offered(hosting) if not gpu.id.startswith("TPU")]  # fmt: skip
    return min(found, key=lambda item: item[1] / item[0].tokens_per_second, default=(None,))[0]


def _trainer(knowledge: Knowledge, shape: Architecture, gpu: Gpu, key: str, setup: Setup) -> Trainer:
    count, needed = 1, _training_memory(knowledge, shape, setup)
    while count < 512 and needed(count) > gpu.memory_gib:
        count *= 2
    return Trainer(gpu, key, count, tokens_per_second(knowledge, shape, gpu, setup))


def _training_memory(knowledge: Knowledge, shape: Architecture, setup: Setup) -> Callable[[int], float]:
    """GiB per GPU, when so many share the model."""
    request = MemoryRequest.model_validate(
        {"method": setup.method, "seq_len": setup.seq_len, "batch": setup.micro_batch, "grad_ckpt": setup.recompute, "precision": "bf16"}
    )  # fmt: skip

    def needed(count: int) -> float:
        shared = request.model_copy(update={"gpu_count": float(count), "sharding": "full"})
        return sum(training_parts(knowledge, shape, shared).values())

    return needed
