"""Speed of training: seconds of a micro-step, added up from what the GPU has to do. Derived in docs/sizing.md.

    seconds = T [(2 k N / E + 2 k L s w / (E E_a)) / peak + (e k L h + v V) / bandwidth]     multiplying, attention, moving
              + fixed time x L k + (d k N + o N / GPUs + 6 g N (1 - 1 / GPUs)) / ...          launching, unpacking, updating, gathering

T: tokens of a micro-step, N parameters, L layers, s length, w width of attention, h hidden, V vocabulary, k forward passes that a
step is worth: 3 full, 2 with frozen weights, more with recomputation. Constants: app/knowledge/sizing/training.yaml.
Kaplan et al. 2020 (arXiv 2001.08361), attention: PaLM (arXiv 2204.02311), recomputation: Korthikanti et al. 2022 (arXiv 2205.05198).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.catalogue import Gpu
from app.domain.knowledge import Knowledge
from app.domain.sizing.architecture import Architecture
from app.domain.sizing.bands import constants, nearest
from app.domain.sizing.items import Stack

USUAL_LENGTH, USUAL_BATCH = 2048.0, 2.0
NODE = 8.0  # GPUs that share a fast link in one machine


@dataclass(frozen=True)
class Setup:
    """How a model is trained. `stack` is the id of a class of software."""

    method: str
    seq_len: float = USUAL_LENGTH
    micro_batch: float = USUAL_BATCH
    recompute: bool = True
    stack: str = "trainer"
    gpu_count: float = 1.0
    packed: bool | None = None
    batch_known: bool = True

    @property
    def adapters(self) -> bool:
        """Whether the base weights stay frozen."""
        return self.method != "full"


def passes(knowledge: Knowledge, setup: Setup) -> float:
    """Forward passes that a training step is worth: forward, backward to the inputs, to the weights unless frozen, recomputation."""
    again = constants(knowledge, "training")["recompute"] if setup.recompute else 0.0
    return (2 if setup.adapters else 3) + again


def flop_per_token(knowledge: Knowledge, shape: Architecture, setup: Setup) -> tuple[float, float]:
    """Floating-point operations for each trained token: of the matrices, and of attention (half of a full square: causal)."""
    count = passes(knowledge, setup)
    attention = 2.0 * shape.layers * setup.seq_len * shape.attention_width
    return count * 2.0 * shape.multiplied, count * attention


def tokens_per_second(knowledge: Knowledge, shape: Architecture, gpu: Gpu, setup: Setup) -> float:
    """Trained tokens per second and GPU."""
    values, stack = constants(knowledge, "training"), knowledge.stacks[setup.stack]
    tokens = setup.seq_len * setup.micro_batch * _filled(values, stack, setup)
    seconds = tokens * _token_seconds(knowledge, shape, gpu, setup) + _step_seconds(knowledge, shape, gpu, setup)
    seconds += _gathering(values, stack, shape, setup, seconds)
    return tokens / (seconds * _between_nodes(values, stack, setup))


def _filled(values: dict[str, float], stack: Stack, setup: Setup) -> float:
    """Share of real tokens in a batch of unpacked examples: `seq_len` is then only the longest that is let through."""
    unpacked = stack.pads and not setup.packed and setup.batch_known and setup.micro_batch > 1
    return values["fill"] if unpacked else 1.0


def efficiency(values: dict[str, float], shape: Architecture, gpu: Gpu, setup: Setup, stack: Stack) -> float:
    """Share of the dense 16-bit peak that the matrices reach (above 1 is possible with 8-bit arithmetic)."""
    group = "tuned" if stack.tuned else "open"
    reached = nearest(values, "efficiency", stack.id, stack.family)
    reached *= values.get(f"generation.{group}.{gpu.generation}", 1.0) * values.get(f"gpu.{group}.{gpu.id}", 1.0)
    if setup.adapters:
        reached *= nearest(values, "adapters", stack.id, stack.family, default=1.0)
    if shape.mixture and not stack.tuned:
        reached *= values["mixture"]
    return reached


def _token_seconds(knowledge: Knowledge, shape: Architecture, gpu: Gpu, setup: Setup) -> float:
    """Seconds that grow with the tokens, for each."""
    values, stack = constants(knowledge, "training"), knowledge.stacks[setup.stack]
    matrices, attention = flop_per_token(knowledge, shape, setup)
    reached = efficiency(values, shape, gpu, setup, stack)
    in_attention = values["attention"] * (1.0 if stack.tuned else values.get(f"attention.{gpu.generation}", 1.0))
    computed = (matrices + attention / in_attention) / (reached * gpu.tflops_bf16 * 1e12)
    moved = values["elementwise"] * passes(knowledge, setup) * shape.layers * shape.hidden + values["logits"] * shape.vocabulary  # fmt: skip
    return computed + moved / (gpu.bandwidth_gb_s * 1e9)


def _step_seconds(knowledge: Knowledge, shape: Architecture, gpu: Gpu, setup: Setup) -> float:
    """Seconds of a micro-step however many tokens it has."""
    values, stack = constants(knowledge, "training"), knowledge.stacks[setup.stack]
    count, weights = passes(knowledge, setup), shape.params_b * 1e9
    seconds = values["launch" if stack.launches else "launch_compiled"] * 1e-3 * shape.layers * count
    moved = nearest(values, "dequantise", stack.id) * count * weights if setup.method == "qlora" else 0.0
    if not setup.adapters and stack.launches:
        moved += values["optimiser"] * weights / setup.gpu_count
    return seconds + moved / (gpu.bandwidth_gb_s * 1e9)


def _gathering(values: dict[str, float], stack: Stack, shape: Architecture, setup: Setup, others: float) -> float:
    """Seconds of collecting sharded weights and gradients that work does not hide: the smaller its share, the less; at most as long again."""
    if not stack.gathers or not setup.batch_known:
        return 0.0
    whole = 6.0 * shape.params_b / values["gather"]
    return min(whole * whole / (whole + others), others) * (1 - 1 / setup.gpu_count)


def _between_nodes(values: dict[str, float], stack: Stack, setup: Setup) -> float:
    """What the network between machines adds: a ring of n machines passes (n - 1) / n of the data on."""
    nodes = max(1.0, setup.gpu_count / NODE)
    return 1.0 + values["nodes_gathers" if stack.gathers else "nodes"] * (1 - 1 / nodes)
