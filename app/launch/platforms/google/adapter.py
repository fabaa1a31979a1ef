"""Google Cloud: names of accelerators and steps of adapter size that its interface accepts."""

from __future__ import annotations

from typing import Any

from app.launch.platform import Platform
from app.launch.spec import LaunchSpec

ACCELERATORS = {"L4": "NVIDIA_L4", "A100-80": "NVIDIA_A100_80GB", "H100-SXM": "NVIDIA_H100_80GB"}
ADAPTER_SIZES = {
    1: "ADAPTER_SIZE_ONE",
    2: "ADAPTER_SIZE_TWO",
    4: "ADAPTER_SIZE_FOUR",
    8: "ADAPTER_SIZE_EIGHT",
    16: "ADAPTER_SIZE_SIXTEEN",
}


class Adapter(Platform):
    """Google Cloud."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds the names of Google's interface."""
        values = super().values(spec)
        rank = max((size for size in ADAPTER_SIZES if size <= (values["lora_rank"] or 1)), default=1)
        return {**values, "accelerator": ACCELERATORS.get(spec.gpu or ""), "adapter_size": ADAPTER_SIZES[rank]}
