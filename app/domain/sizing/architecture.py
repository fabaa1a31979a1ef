"""The shape of a transformer, from the catalogue or, for an unknown model, from its number of parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.catalogue import ModelInfo
from app.domain.knowledge import Knowledge

BYTES = {
    "fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625, "int4": 0.5625, "nf4": 0.5625,
}  # fmt: skip
# A usual dense model of 7 B parameters; others are scaled from it with the cube root of the size.
_LAYERS, _HIDDEN, _PARAMS = 32, 4096, 7.0
_HEAD, _GROUPED, _WIDENING, _VOCABULARY = 128, 8, 3.5, 128_000


@dataclass(frozen=True)
class Architecture:
    """Sizes of a model: parameters in thousand millions, the rest as counts. `known` when they come from the catalogue."""

    params_b: float
    active_params_b: float
    layers: int
    hidden: int
    kv_heads: int
    head_size: int
    ffn: int
    vocabulary: int
    known: bool = False

    @property
    def mixture(self) -> bool:
        """Whether only some experts work on each token."""
        return self.active_params_b < 0.7 * self.params_b

    def weight_gib(self, precision: str) -> float:
        """GiB of the weights. Embeddings and head stay in 16 bit when the rest has fewer."""
        bits16 = min(2 * self.vocabulary * self.hidden / 1e9, 0.5 * self.params_b) if BYTES[precision] < 1 else 0.0
        return ((self.params_b - bits16) * BYTES[precision] + bits16 * 2.0) * 1e9 / 2**30

    def kv_bytes(self, precision: str = "bf16") -> float:
        """Bytes of the key-value cache for each token: 2 x layers x heads x head size x bytes (vLLM, arXiv 2309.06180)."""
        return 2.0 * self.layers * self.kv_heads * self.head_size * (1.0 if precision in ("fp8", "fp4") else 2.0)


def from_model(model: ModelInfo) -> Architecture:
    """The shape of a model of the catalogue; gaps are estimated. Raises ValueError when its size is unknown."""
    if model.params_b is None:
        raise ValueError(f"the size of {model.id} is not published")
    guess = estimated(model.params_b, model.active_params_b)
    return Architecture(
        model.params_b, model.active_params_b or model.params_b, model.layers or guess.layers, model.hidden or guess.hidden,
        model.kv_heads or guess.kv_heads, model.head_size or guess.head_size, model.ffn or guess.ffn,
        model.vocabulary or guess.vocabulary, known=model.layers is not None,
    )  # fmt: skip


def estimated(params_b: float, active_params_b: float | None = None) -> Architecture:
    """A usual shape for a number of parameters."""
    scale = (params_b / _PARAMS) ** (1 / 3)
    hidden = max(128, round(_HIDDEN * scale / 128) * 128)
    layers = max(6, round(_LAYERS * scale))
    heads = min(_GROUPED, max(2, hidden // _HEAD))
    active = active_params_b or params_b
    return Architecture(params_b, active, layers, hidden, heads, _HEAD, round(_WIDENING * hidden), _VOCABULARY)


def find(knowledge: Knowledge, name: str | None, params_b: float | None, active_params_b: float | None) -> Architecture | None:  # fmt: skip
    """The shape for a name, matched without regard to case and marks, else for a size; None when neither is given."""
    model = _by_name(knowledge, name, params_b)
    if model is not None:
        return from_model(model)
    return estimated(params_b, active_params_b) if params_b else None


def _by_name(knowledge: Knowledge, name: str | None, params_b: float | None) -> ModelInfo | None:
    wanted = _plain(name or "")
    for model in knowledge.models.values():
        if model.params_b and wanted and _plain(model.id) in (wanted, wanted.removesuffix("instruct")):
            same = params_b is None or abs(model.params_b - params_b) <= 0.15 * params_b
            return model if same else None
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.rsplit("/", 1)[-1].lower()).removesuffix("hf").removesuffix("chat")
