"""Training and test data: items x people x unit price x (1 + overhead) / (1 - rejected), see `annotation.*`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.domain.components.lines import Desk, PricedLine
from app.domain.components.profile import Way
from app.domain.facts import GROUPS, specific
from app.domain.statistics import Amount

KIND = {"labels": "classification", "fields": "extraction"}  # group of the task -> what is labelled
ANSWERS = ("task_type",)  # that the test cases depend on


def price_key(desk: Desk) -> str:
    """What one labelled item of this task costs."""
    return f"annotation.{KIND.get(GROUPS[desk.situation.answers.task_type], 'text')}.item"


def effort(desk: Desk) -> Amount:
    """Paid labels for each usable item."""
    overhead, reject = desk.parameter("annotation.overhead"), desk.parameter("annotation.reject")
    return desk.once("label effort", lambda: desk.parameter("annotation.annotators") * (1 + overhead) / (1 - reject))


def test_cases(desk: Desk) -> Iterator[PricedLine]:
    """The test cases without which nobody knows what is reached."""
    items = desk.parameter("evaluation.items") * effort(desk)
    yield desk.line("evaluation.cases", "one_off", items, price_key(desk), label="Test cases with checked answers")


def training_examples(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Examples that are missing for training, and the check of those at hand."""
    if way.option == "continued_pretraining":
        return
    if way.option == "distillation":
        yield from _taught(desk)
        return
    needed = desk.parameter(specific(desk.situation.knowledge, "examples.minimum", desk.situation.answers.task_type))
    missing = np.maximum(needed - desk.input("n_eff"), 0.0) * effort(desk)
    yield desk.line("data.new", "one_off", missing, price_key(desk), label="Examples still to be made")
    if desk.situation.answers.example_quality != "high":
        checked = np.minimum(desk.input("examples"), needed * 10) * desk.parameter("annotation.check")
        yield desk.line("data.check", "one_off", checked, price_key(desk), label="Check of the examples at hand")


def _taught(desk: Desk) -> Iterator[PricedLine]:
    examples = desk.parameter("teacher.examples")
    yield desk.line("data.teacher", "one_off", examples, "annotation.synthetic.item", label="Examples written by the teacher model and filtered")  # fmt: skip
    yield desk.line("data.sample", "one_off", examples * desk.parameter("annotation.sample") * effort(desk), price_key(desk), label="Sample of them checked by people")  # fmt: skip
