"""Which GPUs a launch takes: the report's where the platform has them, else usual ones for the size of the model."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.catalogue import Gpu, ModelInfo
from app.domain.knowledge import Knowledge
from app.launch.catalogue import catalogue
from app.launch.figures import Figures
from app.launch.platform import Platform, Way

USUAL_SIZE_B = 8.0  # billions of parameters where the size of the model is not known


@dataclass(frozen=True)
class Machines:
    """GPU, how many, the platform's machine, and how much slower one GPU is than the report's (at least 1)."""

    gpu: str | None = None
    count: int = 0
    machine: str | None = None
    slower: float = 1.0


def machines(platform: Platform, way: Way, figures: Figures, model: ModelInfo | None, knowledge: Knowledge) -> Machines:
    """The machines of a stage; none where a service computes."""
    own_model = way.computes and way.auth == "none" and model is not None and model.kind == "open_weights"
    if way.stage != "train" and not own_model:
        return Machines()
    named = figures.gpu() if way.stage == "train" else None
    gpu, count = _wanted(platform, named, model, figures.whole())
    memory = knowledge.gpus[gpu].memory_gib * count if gpu in knowledge.gpus else 0.0
    row = platform.machine(gpu, count, memory)
    taken, number = (row.gpu, row.count) if row else (gpu, count)
    return Machines(
        taken, number, row.name if row else None, slower(knowledge.gpus.get(named or ""), knowledge.gpus.get(taken))
    )


def _wanted(platform: Platform, named: str | None, model: ModelInfo | None, whole: bool) -> tuple[str, int]:
    size = (model.params_b if model else None) or USUAL_SIZE_B
    usual = next(row for row in catalogue().gpu_by_params if size <= row.up_to_b)
    offered = named is not None and named in {row.gpu for row in platform.info.machines}
    count = catalogue().gpus_for_full_tuning if whole else 1
    return (named, max(usual.count, count)) if offered and named else (usual.gpu, max(usual.count, count))


def slower(reckoned: Gpu | None, taken: Gpu | None) -> float:
    """How many times longer a run may take on another GPU, by the peak of its arithmetic."""
    return max(1.0, reckoned.tflops_bf16 / taken.tflops_bf16) if reckoned and taken else 1.0
