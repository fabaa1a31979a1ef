"""What an option is made of, and the tokens of one of its requests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.domain.catalogue import ModelInfo
from app.domain.components.lines import Desk
from app.domain.statistics import Amount

RETRIEVING = ("rag", "rag_tuning")
TUNED = ("tuned_encoder", "managed_tuning", "lora_open_weights", "distillation", "rag_tuning", "continued_pretraining")
OWN_MACHINES = ("rented_gpu", "rented_gpu_eu", "on_premises")
IN_EU = ("api_eu", "cloud_tenant_eu", "rented_gpu_eu", "on_premises")
HARD_TASKS = ("reasoning", "code", "tool_use", "text_to_sql")
BY_HOSTING = {"api_global": ("openai",), "api_eu": ("openai",), "cloud_tenant": ("azure", "google", "aws"), "cloud_tenant_eu": ("azure", "google", "aws")}  # fmt: skip


class Way(NamedTuple):
    """An option at a hosting with a base model (None without a model)."""

    option: str
    hosting: str
    model: ModelInfo | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells ways apart."""
        return self.option, self.hosting, self.model_id

    @property
    def own_model(self) -> bool:
        """Whether the weights run on machines that are paid by the hour or owned."""
        return self.model is not None and (self.model.kind != "api" or self.hosting in OWN_MACHINES)

    @property
    def reading(self) -> tuple[bool, bool, bool, bool]:
        """What the tokens of a request depend on: ways that agree here read and write alike."""
        return self.option == "long_context", self.option in RETRIEVING, self.tuned, self.own_model

    @property
    def tuned(self) -> bool:
        """Whether weights are trained."""
        return self.option in TUNED

    @property
    def model_id(self) -> str:
        """Id of the base model, empty without one."""
        return self.model.id if self.model else ""


class Tokens(NamedTuple):
    """Tokens of a request: all that are read, those that are the same in every request (can be cached), written; the longest input."""

    input: Amount
    prefix: Amount
    output: Amount
    longest: float


def tokens(desk: Desk, way: Way) -> Tokens:
    """Tokens of a request of this option. Counts given by the user stand; assumed ones are for English and grow in German."""
    return desk.once(("tokens", way.reading), lambda: _tokens(desk, way))


def _tokens(desk: Desk, way: Way) -> Tokens:
    answers, ratio = desk.situation.answers, language_ratio(desk)
    stated_input, stated_output = answers.input_tokens is not None, answers.output_tokens is not None
    total = desk.input("input_tokens") * (1.0 if stated_input else ratio)
    prefix = np.minimum(desk.input("shared_prefix_tokens") * (1.0 if stated_input else ratio), total)
    fresh, output = total - prefix, desk.input("output_tokens") * (1.0 if stated_output else ratio)
    if way.tuned:
        prefix = prefix * desk.parameter("tuning.prompt_kept")
    if way.option == "long_context":
        prefix = prefix + desk.input("corpus_tokens")
    if way.option in RETRIEVING:
        fresh = fresh + desk.parameter("retrieval.passages") * desk.parameter("retrieval.chunk") * ratio
    read = _number(fresh + prefix)
    return Tokens(read, _number(prefix), _number(output * thinking(desk, way)), float(np.max(read)))


def thinking(desk: Desk, way: Way) -> Amount:
    """How much hidden reasoning lengthens the output: not with small tuned models, more on hard tasks."""
    if way.tuned or way.own_model:
        return 1.0
    hard = desk.situation.answers.task_type in HARD_TASKS
    return desk.parameter("tokens.reasoning" if hard else "tokens.reasoning_plain")


def language_ratio(desk: Desk) -> Amount:
    """Tokens of the user's language against English."""
    return desk.parameter("tokens.german_ratio") if desk.situation.answers.text_language == "de" else 1.0


def requests(desk: Desk) -> Amount:
    """Requests a month, repeated ones included."""
    return desk.once("requests", lambda: desk.input("requests_per_month") * (1 + desk.parameter("tokens.retries")))


def _number(amount: Amount) -> Amount:
    return amount if isinstance(amount, np.ndarray) and amount.ndim else float(amount)


def tuning_platform(desk: Desk, way: Way) -> str | None:
    """The platform on which the base model is tuned as a service: a preferred one where there is a choice."""
    offered = [item for item in BY_HOSTING.get(way.hosting, ()) if way.model and item in way.model.tunable_on]
    wished = [item for item in offered if item in (desk.situation.answers.platforms or ())]
    return next(iter(wished or offered), None)
