"""Training: tokens x epochs x price at a platform, or GPU-hours x price; every retraining costs it again.

Managed example (F7): 1M tokens x 2 epochs x 2 USD = 4 USD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from app.domain.components.labour import role
from app.domain.components.lines import MONTHS_PER_YEAR, TOKENS_PER_UNIT, Bundle, Desk, PricedLine, share_line, unpriced
from app.domain.components.machines import Shelf, Trainer, trainer_for
from app.domain.components.profile import IN_EU, Way, tuning_platform
from app.domain.sizing.training import Setup
from app.domain.statistics import Amount

Timing = Literal["one_off", "monthly"]
SECONDS = 3600.0
APART = ("distillation", "continued_pretraining")  # options that train on other data than the rest
LARGE = 30.0  # from so many 10^9 parameters LoRA keeps the weights in 4 bit
ENCODER_LENGTH, USUAL_LENGTH, MICRO_BATCH, ENCODER_BATCH = 256.0, 2048.0, 4.0, 32.0


def training_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """All runs until the model is good enough."""
    amount = run_tokens(desk, way) * desk.parameter("training.runs")
    if way.option == "continued_pretraining":
        amount = run_tokens(desk, way)  # too dear to repeat
    yield from _priced(desk, way, amount)


def run_tokens(desk: Desk, way: Way) -> Amount:
    """Tokens of one training run."""
    if way.option == "continued_pretraining":
        return desk.parameter("pretraining.tokens")
    examples = desk.parameter("teacher.examples") if way.option == "distillation" else desk.input("examples")
    return np.maximum(examples, 1.0) * desk.input("tokens_per_example") * desk.parameter("training.epochs")


def _priced(desk: Desk, way: Way, amount: Amount) -> Iterator[PricedLine]:
    if not way.own_model:
        key = managed_price_key(desk, way)
        yield desk.line("training.tokens", "one_off", amount, key, TOKENS_PER_UNIT, label="Training tokens, all runs")
        return
    trainer = trainer_of(desk, way)
    if trainer is None:
        yield unpriced(
            "training.gpu", "one_off", "GPU-hour", f"gpu.{way.model_id}", label="Training on rented GPUs, all runs"
        )
    elif way.hosting != "on_premises":  # own hardware is counted as hardware
        yield desk.line("training.gpu", "one_off", training_hours(desk, trainer, amount), trainer.price_key, label="Training on rented GPUs, all runs")  # fmt: skip


def managed_price_key(desk: Desk, way: Way) -> str:
    """Key of the training price: regional training where the data must stay and the platform prices it apart."""
    key = f"tuning.{tuning_platform(desk, way) or 'none'}.{way.model_id}.training"
    regional = f"{key}_regional"
    return regional if way.hosting in IN_EU and desk.price(regional) else key


def trainer_of(desk: Desk, way: Way) -> Trainer | None:
    """The GPUs that train the model."""
    if way.model is None or way.model.params_b is None:
        return None
    shelf = Shelf(desk.situation.knowledge, desk.situation.book)
    return trainer_for(shelf, way.model_id, way.hosting, setup_of(way))


def setup_of(way: Way) -> Setup:
    """How an option trains its model."""
    size = (way.model.params_b if way.model else None) or 0.0
    if way.model is not None and way.model.kind == "encoder":
        return Setup("full", ENCODER_LENGTH, ENCODER_BATCH, recompute=False)
    if way.option == "continued_pretraining":
        return Setup("full", USUAL_LENGTH, MICRO_BATCH, stack="fsdp")
    return Setup("qlora" if size >= LARGE else "lora", USUAL_LENGTH, MICRO_BATCH)


def training_hours(desk: Desk, trainer: Trainer, amount: Amount) -> Amount:
    """Paid GPU-hours: at least one hour for each GPU, idle time included."""
    hours = amount / trainer.tokens_per_second / SECONDS * (1 + desk.parameter("training.idle"))
    return np.maximum(hours, float(trainer.gpus))


def retraining_lines(desk: Desk, way: Way, training: Bundle) -> Iterator[PricedLine]:
    """A month's share of the retrainings after drift and after the end of a base model: work, and training again."""
    each_month = desk.parameter("retraining.per_year") / MONTHS_PER_YEAR
    days = desk.parameter("retraining.effort") * each_month
    yield desk.line("training.again.work", "monthly", days, role(way), label="Work for retraining")
    runs = 1.0 if way.option == "continued_pretraining" else desk.parameter("training.runs")
    yield share_line("training.again", "monthly", each_month, training.one_off / runs, label="Retraining")
