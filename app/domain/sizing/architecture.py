"""The shape of a transformer, from the catalogue or, for an unknown model, from its number of parameters."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.catalogue import ModelInfo
from app.domain.knowledge import Knowledge
from app.domain.sizing.items import ModelArchitecture, Workload, plain_name

BYTES = {
    "fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5625, "int4": 0.55, "nf4": 0.55,
}  # fmt: skip
GIB = float(2**30)
# A usual dense model of 7 B parameters; others are scaled from it with the cube root of the size.
_LAYERS, _HIDDEN, _PARAMS = 32, 4096, 7.0
_HEAD, _GROUPED, _WIDENING, _VOCABULARY = 128, 8, 3.5, 128_000
_TIED_BELOW, _SAME_SIZE, _MIXTURE_BELOW = 4.0, 0.15, 0.7


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
    heads: int = 0
    matrices: int = 3
    tied: bool = False
    experts: int = 0
    experts_used: int = 0
    expert_ffn: int = 0
    kv_rank: int = 0
    window: int = 0
    global_layers: int = 0
    workload: Workload | None = None

    @property
    def mixture(self) -> bool:
        """Whether only some experts work on each token."""
        return self.active_params_b < _MIXTURE_BELOW * self.params_b

    @property
    def attention_width(self) -> int:
        """Heads x head size: the width that attention works in."""
        return self.heads * self.head_size or self.hidden

    @property
    def table(self) -> float:
        """Parameters of the embedding: one row for each word of the vocabulary."""
        return float(self.vocabulary) * self.hidden

    @property
    def sixteen_bit(self) -> float:
        """Parameters that stay in 16 bit when the rest has fewer: embedding and head."""
        return min(self.table * (1 if self.tied else 2), 0.5e9 * self.params_b)

    @property
    def multiplied(self) -> float:
        """Parameters that each token is multiplied with: the active ones without a separate embedding, which is looked up."""
        looked_up = 0.0 if self.tied else min(self.table, 0.25e9 * self.active_params_b)
        return self.active_params_b * 1e9 - looked_up

    def weight_gib(self, precision: str) -> float:
        """GiB of the weights. Embeddings and head stay in 16 bit when the rest has fewer."""
        return self.weight_bytes(BYTES[precision]) / GIB

    def weight_bytes(self, each: float) -> float:
        """Bytes of the weights with so many bytes for each parameter of the layers."""
        kept = self.sixteen_bit if each < BYTES["bf16"] else 0.0
        return (self.params_b * 1e9 - kept) * each + kept * BYTES["bf16"]

    def kv_bytes(self, precision: str = "bf16") -> float:
        """Bytes of the key-value cache for each token: 2 x layers x heads x head size x bytes (vLLM, arXiv 2309.06180).

        With latent attention: layers x rank (DeepSeek-V2, arXiv 2405.04434).
        """
        each = 1.0 if precision in ("fp8", "fp4") else 2.0
        if self.kv_rank:
            return float(self.layers * self.kv_rank) * 2.0
        return 2.0 * self.layers * self.kv_heads * self.head_size * each

    def cache_bytes(self, tokens: float, precision: str = "bf16") -> float:
        """Bytes of the cache of one sequence: layers with local attention keep their window only."""
        if not self.window:
            return self.kv_bytes(precision) * tokens
        whole = self.global_layers / self.layers
        return self.kv_bytes(precision) * (whole * tokens + (1 - whole) * min(tokens, float(self.window)))


def from_architecture(item: ModelArchitecture) -> Architecture:
    """The shape of an open model."""
    return Architecture(
        item.params_b, item.active_params_b or item.params_b, item.layers, item.hidden, item.kv_heads, item.head_size,
        item.ffn, item.vocabulary, known=True, heads=item.heads, matrices=item.matrices, tied=item.tied,
        experts=item.experts or 0, experts_used=item.experts_used or 0, expert_ffn=item.expert_ffn or 0,
        kv_rank=item.kv_rank or 0, window=item.window or 0, global_layers=item.global_layers or 0, workload=item.workload,
    )  # fmt: skip


def from_model(model: ModelInfo) -> Architecture:
    """The shape of a model of the catalogue; gaps are estimated. Raises ValueError when its size is unknown."""
    if model.params_b is None:
        raise ValueError(f"the size of {model.id} is not published")
    guess = estimated(model.params_b, model.active_params_b)
    return Architecture(
        model.params_b, model.active_params_b or model.params_b, model.layers or guess.layers, model.hidden or guess.hidden,
        model.kv_heads or guess.kv_heads, model.head_size or guess.head_size, model.ffn or guess.ffn,
        model.vocabulary or guess.vocabulary, known=model.layers is not None, heads=model.heads or guess.heads, tied=guess.tied,
    )  # fmt: skip


def estimated(params_b: float, active_params_b: float | None = None) -> Architecture:
    """A usual shape for a number of parameters."""
    scale = (params_b / _PARAMS) ** (1 / 3)
    hidden = max(128, round(_HIDDEN * scale / 128) * 128)
    layers = max(6, round(_LAYERS * scale))
    heads = max(1, hidden // _HEAD)
    return Architecture(
        params_b, active_params_b or params_b, layers, hidden, min(_GROUPED, max(2, heads)), _HEAD, round(_WIDENING * hidden),
        _VOCABULARY, heads=heads, tied=params_b < _TIED_BELOW,
    )  # fmt: skip


def find(knowledge: Knowledge, name: str | None, params_b: float | None, active_params_b: float | None) -> Architecture | None:  # fmt: skip
    """The shape for a name, matched without regard to case and marks, else for a size; None when neither is given."""
    return _by_name(knowledge, name, params_b) or (estimated(params_b, active_params_b) if params_b else None)


def _by_name(knowledge: Knowledge, name: str | None, params_b: float | None) -> Architecture | None:
    """A model of that name; where a size is given too it has to agree."""
    wanted = plain_name(name or "")
    if not wanted:
        return None
    for item in knowledge.architectures.values():
        if wanted in item.names and _agrees(item.params_b, params_b):
            return from_architecture(item)
    for model in knowledge.models.values():
        if model.params_b and plain_name(model.id) == wanted and _agrees(model.params_b, params_b):
            return from_model(model)
    return None


def _agrees(known: float, given: float | None) -> bool:
    return given is None or abs(known - given) <= _SAME_SIZE * given
