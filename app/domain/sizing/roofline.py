"""Seconds of reading a prompt and of one decoding step on equal GPUs: limits of bandwidth and of arithmetic, and fixed times.

    step = (moved^3 + computed^3)^(1/3) + cache + fixed time x layers + exchange + host time x sequences
    prefill = (2 N_active I + attention) / (peak x e) + exchange

Derived in docs/sizing.md; constants in app/knowledge/sizing/serving.yaml. Pope et al. 2022 (arXiv 2211.05102), LLM-Viewer
(arXiv 2402.16363), vLLM (arXiv 2309.06180).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import BYTES, Architecture
from app.domain.sizing.bands import constants, nearest

USUAL_INPUT, USUAL_OUTPUT = 512.0, 256.0
FEW = 8.0  # sequences up to which the scheduler costs nothing
_SHARPNESS = 3.0  # of the bend between the two limits
_EXPERT_WIDTH = 4096.0


@dataclass(frozen=True)
class Load:
    """Lengths in tokens; `concurrency` None means as much as there is."""

    input_tokens: float = USUAL_INPUT
    output_tokens: float = USUAL_OUTPUT
    concurrency: float | None = None

    @property
    def held(self) -> float:
        """Tokens that a sequence holds on average: half way through its output."""
        return self.input_tokens + self.output_tokens / 2


@dataclass(frozen=True)
class Machine:
    """So many equal GPUs that share one copy of a model in a precision; `engine` is the id of a class of software."""

    gpu: Gpu
    count: float = 1
    precision: str = "bf16"
    engine: str = "paged"


def weights(knowledge: Knowledge, shape: Architecture, precision: str) -> float:
    """Bytes of all weights: quantised ones with their scales."""
    quantised = {"int8": "bytes.int8", "int4": "bytes.int4", "nf4": "bytes.int4"}.get(precision)
    return shape.weight_bytes(constants(knowledge, "serving")[quantised] if quantised else BYTES[precision])


@dataclass(frozen=True)
class Roofline:
    """A model on a machine."""

    knowledge: Knowledge
    shape: Architecture
    machine: Machine

    @cached_property
    def values(self) -> dict[str, float]:
        """The constants."""
        return constants(self.knowledge, "serving")

    @cached_property
    def plain(self) -> bool:
        """Software for experiments: GPUs work one after the other, nothing is compiled."""
        return self.knowledge.stacks[self.machine.engine].plain

    @cached_property
    def spread_out(self) -> bool:
        """Whether the GPUs work on different requests or layers, so that little is exchanged: experts, or no fast link."""
        return self.shape.mixture or not self.machine.gpu.fast_link

    @cached_property
    def joined(self) -> float:
        """GPUs that the joined ones are worth: without a fast link each further one delays all (1 to 8 cards gave 3.6)."""
        count = self.machine.count
        return count if self.machine.gpu.fast_link else count / (1 + self.values["link"] * (count - 1))

    @cached_property
    def peak(self) -> float:
        """Dense operations per second of one GPU in the precision."""
        gpu, precision = self.machine.gpu, self.machine.precision
        if precision not in ("fp8", "fp4") or not gpu.tflops_fp8:
            return gpu.tflops_bf16 * 1e12
        return (gpu.tflops_fp4 if precision == "fp4" and gpu.tflops_fp4 else gpu.tflops_fp8) * 1e12

    @cached_property
    def common(self) -> float:
        """What accelerator, precision and software make of any efficiency of arithmetic."""
        gpu = self.machine.gpu
        factor = nearest(self.values, "compute", gpu.id, gpu.generation, default=1.0)
        factor *= self.values.get(f"compute.{self.machine.precision}", 1.0)
        factor *= self.values.get(f"compute.{self.machine.engine}", 1.0)
        if self.shape.mixture and self.shape.expert_ffn:
            factor *= (self.shape.expert_ffn / _EXPERT_WIDTH) ** self.values["expert_width"]
        return factor

    @cached_property
    def weight_bytes(self) -> float:
        """All weights in memory."""
        return weights(self.knowledge, self.shape, self.machine.precision)

    @cached_property
    def bandwidth(self) -> float:
        """Bytes per second that reading weights reaches, of all GPUs that read at once."""
        gpu = self.machine.gpu
        share = self.values["bandwidth_plain" if self.plain else "bandwidth"]
        share *= self.values.get(f"bandwidth.{self.machine.precision}", 1.0) * self.values.get(
            f"bandwidth.{gpu.id}", 1.0
        )
        return gpu.bandwidth_gb_s * 1e9 * share * (1.0 if self.plain else self.joined)

    def moved_seconds(self, running: float) -> float:
        """Reading the weights that a step needs: with experts, those that some sequence is sent to."""
        looked_up = 0.0 if self.shape.tied else self.shape.table * BYTES["bf16"]
        return (self.weight_bytes - looked_up) * self._touched(running) / self.bandwidth

    def _touched(self, running: float) -> float:
        shape = self.shape
        if not shape.mixture:
            return 1.0
        active = shape.active_params_b / shape.params_b
        each = shape.experts_used / shape.experts if shape.experts else active
        always = max(0.0, (active - each) / (1 - each))
        return always + (1 - always) * (1 - float((1 - each) ** running))

    def computed_seconds(self, running: float) -> float:
        """Arithmetic of a step."""
        reached = self.peak * self.common * self.values["decode_mixture" if self.shape.mixture else "decode"]
        return 2e9 * self.shape.active_params_b * running / (reached * (1.0 if self.plain else self.joined))

    def cache_seconds(self, running: float, load: Load) -> float:
        """Reading the caches; plain software first copies shared heads to all."""
        gpu = self.machine.gpu
        each = self.shape.cache_bytes(load.held, self.machine.precision)
        reached = gpu.bandwidth_gb_s * 1e9 * self.values["bandwidth_cache"]
        if not self.plain:
            return running * each / (reached * self.joined)
        copies = max(1.0, (self.shape.heads or self.shape.kv_heads) / self.shape.kv_heads)
        return running * each * copies / (reached * self.values["cache_plain"])

    def fixed_seconds(self, running: float) -> float:
        """Starting the work of each layer, scheduling, and the host's part for each sequence."""
        if self.plain:
            each = self.values["layer_plain"] * self.values.get(f"layer_plain.{self.machine.precision}", 1.0)
            return (each * self.shape.layers + self.values["step_plain"]) * 1e-3
        each = self.values["layer"] + (self.values["layer_joined"] if self.machine.count > 1 else 0.0)
        each += nearest(self.values, "layer_full", self.machine.engine) if running > FEW else 0.0
        ranks = self.machine.count if self.spread_out else 1.0
        return each * 1e-3 * self.shape.layers + self.values["host"] * 1e-6 * running / ranks

    def exchange_seconds(self, alone: bool) -> float:
        """Two sums over all GPUs in each layer, for each token; without a fast link layers are dealt out instead when busy."""
        count, fast = self.machine.count, self.machine.gpu.fast_link
        if count <= 1 or self.plain or (not fast and not alone):
            return 0.0
        rate = self.values["link_fast" if fast else "link_slow"] * 1e9
        share = self.values["exchange_mixture"] if self.shape.mixture else 1.0
        return share * 8.0 * self.shape.hidden * (1 - 1 / count) / rate * self.shape.layers

    def step_seconds(self, load: Load, running: float) -> float:
        """One decoding step for all sequences that run."""
        moved, computed = self.moved_seconds(running), self.computed_seconds(running)
        together = float((moved**_SHARPNESS + computed**_SHARPNESS) ** (1 / _SHARPNESS))
        exchanged = running * self.exchange_seconds(load.concurrency is not None)
        return together + self.cache_seconds(running, load) + self.fixed_seconds(running) + exchanged

    def prefill_seconds(self, load: Load) -> float:
        """Reading one prompt."""
        read = load.input_tokens
        attention = 2.0 * self.shape.layers * self.shape.attention_width * read**2
        reached = self.peak * self.common * self.values["prefill_mixture" if self.shape.mixture else "prefill"]
        work = 2e9 * self.shape.active_params_b * read + attention
        return work / (reached * (1.0 if self.plain else self.joined)) + read * self.exchange_seconds(load.concurrency is not None)  # fmt: skip
