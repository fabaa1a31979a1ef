"""What the estimates are made of, as data: shapes of open models, classes of software, tables of constants."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from app.domain.messages import Frozen
from app.domain.values import SourceRef

_ENDINGS = re.compile(r"(instruct|chat|hf|base|it|awq|gptq)+$")
_MARKS = re.compile(r"(?<!\d)\.|\.(?!\d)|[^a-z0-9.]")  # all but a decimal point: 1.3 is not 13
_VARIANTS = re.compile(r"[-_](fp8|fp8-dynamic|nvfp4|bnb-4bit|bf16)$")


def plain_name(name: str) -> str:
    """A model's name without owner, case, marks and the endings that do not change its shape."""
    text = _VARIANTS.sub("", name.rsplit("/", 1)[-1].lower().replace("_", "."))
    return _ENDINGS.sub("", _MARKS.sub("", text))


class Workload(Frozen):
    """What MLPerf Inference asks of a model, and the throughput left within its limits against offline."""

    input_tokens: float
    output_tokens: float
    server: float
    interactive: float
    sources: list[SourceRef]


class ModelArchitecture(Frozen):
    """The shape of an open model, from its published configuration; `params_b` in thousand millions."""

    id: str
    aliases: list[str] = []
    params_b: float
    active_params_b: float | None = None
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_size: int
    ffn: int
    vocabulary: int
    tied: bool = False  # one matrix for embedding and head
    matrices: int = 3  # of a feed-forward block: 3 with a gate, else 2
    experts: int | None = None
    experts_used: int | None = None
    expert_ffn: int | None = None
    shared_ffn: int = 0  # width of the experts that every token uses
    expert_layers: int | None = None  # layers with experts; the others are dense
    window: int | None = None  # tokens that local attention looks back
    global_layers: int | None = None  # layers without that window
    kv_rank: int | None = None  # values kept per token and layer with latent attention
    workload: Workload | None = None
    sources: list[SourceRef]

    @cached_property
    def names(self) -> frozenset[str]:
        """All names without case and marks."""
        return frozenset(plain_name(name) for name in (self.id, *self.aliases))


class Stack(Frozen):
    """A class of training or serving software, recognised by words in the name a user gives."""

    id: str
    kind: Literal["training", "serving"]
    order: int  # which one is tried first
    words: list[str]
    family: str = ""  # whose constants hold where it has none of its own
    tuned: bool = False  # vendor software, with 8-bit arithmetic where the accelerator has it
    recompute: bool = False  # recomputes activations unless told otherwise
    launches: bool = False  # runs layer by layer from Python, uncompiled: time per layer that no batch hides
    pads: bool = False  # examples of different lengths share a batch, unpacked
    gathers: bool = False  # collects sharded weights in each pass
    shards: bool = True  # divides a fully trained model among the GPUs
    sharded: bool = False  # divides frozen weights among the GPUs, too
    splits: bool = False  # divides the layers of any model among the GPUs
    plain: bool = False  # answers one step at a time: software for experiments
    sources: list[SourceRef]


class Constant(Frozen):
    """One fitted number: where the fit started (`prior`), how far it could move (`spread`, standard deviation of the logarithm)."""

    key: str
    value: float
    prior: float
    spread: float
    unit: str
    says: str


class SizingTable(Frozen):
    """The constants of one kind of estimate and how they were fitted."""

    id: str
    grade: Literal["D"]
    fitted: str
    constants: list[Constant]
    sources: list[SourceRef]

    @cached_property
    def values(self) -> dict[str, float]:
        """The numbers by key."""
        return {constant.key: constant.value for constant in self.constants}
