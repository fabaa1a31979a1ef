"""Training: tokens x epochs x price as a service, or GPU-hours x price on own machines; once, and again every year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.catalogue import Gpu
from app.domain.components.labour import role
from app.domain.components.lines import HOURS_PER_MONTH, MONTHS_PER_YEAR, TOKENS_PER_UNIT, Amount, Desk, PricedLine
from app.domain.components.profile import Way, tuning_platform
from app.domain.sizing.architecture import from_model
from app.domain.sizing.training import Setup, tokens_per_second

TRAINING_GPU = {True: "H100-SXM", False: "L40S"}  # the larger one for models above the size below
LARGE_MODEL_B = 10.0
SECONDS_PER_HOUR = 3600.0


def training_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """The first trainings, and those that follow from drift and from the end of base models."""
    again = desk.parameter("retraining.per_year") / MONTHS_PER_YEAR
    runs = desk.parameter("training.runs")
    yield _run(desk, way, "training.first", "Training runs", "one_off", runs)
    yield _run(desk, way, "training.again", "Training again", "monthly", again)
    days = again * desk.parameter("retraining.effort")
    yield desk.line("training.work", "Work for training again", "monthly", days, role(way))
    if way.model is not None and way.model.kind == "api":
        yield from _service_hosting(desk, way)


def trained_tokens(desk: Desk, way: Way) -> Amount:
    """Tokens of one run: examples x length x passes; a field of its own for continued pretraining."""
    if way.option == "continued_pretraining":
        return desk.parameter("pretraining.tokens")
    examples = (
        desk.parameter("teacher.examples") if way.option == "distillation" else np.maximum(desk.input("n_eff"), 50.0)
    )
    return examples * desk.input("tokens_per_example") * desk.parameter("training.epochs")


def _run(desk: Desk, way: Way, key: str, label: str, timing: str, runs: Amount) -> PricedLine:  # noqa: PLR0913, PLR0917
    trained = trained_tokens(desk, way) * runs
    if way.model is not None and way.model.kind == "api":
        name = f"tuning.{tuning_platform(desk, way)}.{way.model_id}.training"
        return desk.line(key, label, timing, trained, name, TOKENS_PER_UNIT)  # type: ignore[arg-type]
    gpu = training_gpu(desk, way)
    hours = trained / gpu_speed(desk, way, gpu) / SECONDS_PER_HOUR * (1 + desk.parameter("training.idle"))
    place = "rented_eu" if way.hosting.endswith("_eu") or way.hosting == "on_premises" else "rented"
    return desk.line(key, label, timing, hours, f"gpu.{gpu.id}.{place}")  # type: ignore[arg-type]


def training_gpu(desk: Desk, way: Way) -> Gpu:
    """The GPU that training is reckoned with."""
    return desk.situation.knowledge.gpus[TRAINING_GPU[bool(way.model and (way.model.params_b or 0) > LARGE_MODEL_B)]]


def gpu_speed(desk: Desk, way: Way, gpu: Gpu) -> float:
    """Trained tokens per second and GPU."""
    full = way.option in ("continued_pretraining", "tuned_encoder")
    setup = Setup("full" if full else "lora", stack="trainer")
    return tokens_per_second(desk.situation.knowledge, from_model(way.model), gpu, setup)  # type: ignore[arg-type]


def _service_hosting(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Platforms that bill a tuned model by the hour, used or not."""
    key = f"tuning.{tuning_platform(desk, way)}.hosting"
    if desk.price(key) is not None:
        yield desk.line("hosting.tuned", "Hosting of the tuned model", "monthly", HOURS_PER_MONTH, key)
