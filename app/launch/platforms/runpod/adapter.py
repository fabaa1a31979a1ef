"""RunPod: names of GPUs as its catalogue writes them."""

from __future__ import annotations

from typing import Any

from app.launch.platform import Platform
from app.launch.spec import LaunchSpec


class Adapter(Platform):
    """RunPod."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds the id of the GPU: a machine's name without its count, with blanks."""
        name = (spec.machine or self.info.machines[0].name).rpartition("-")[0]
        return {**super().values(spec), "runpod_gpu": _GPUS.get(name, name)}


# RunPod's ids hold blanks, machine names of a plan do not. Source: the table of GPU types in RunPod's documentation, 2026-11-28.
_GPUS = {
    "NVIDIA-L4": "NVIDIA L4", "NVIDIA-L40S": "NVIDIA L40S", "NVIDIA-A100-SXM4-80GB": "NVIDIA A100-SXM4-80GB",
    "NVIDIA-H100-80GB-HBM3": "NVIDIA H100 80GB HBM3", "NVIDIA-H200": "NVIDIA H200",
}  # fmt: skip
