"""GPU clouds: names of GPUs as SkyPilot and dstack write them."""

from __future__ import annotations

from typing import Any

from app.launch.catalogue import catalogue
from app.launch.platform import Platform
from app.launch.spec import LaunchSpec
from app.launch.values import service_commands


class Adapter(Platform):
    """SkyPilot, dstack, Kubernetes."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds the machine in both notations and the price cap of an hour, so that time cap times price cap is the cost cap."""
        name, _, count = (spec.machine or self.info.machines[0].name).rpartition("-")
        hours = spec.seconds / 3600
        return {
            **super().values(spec),
            **service_commands(spec),
            "accelerators": f"{name}:{count}",
            "dstack_gpu": f"{name.removesuffix('-80GB')}:{'80GB:' if name.endswith('80GB') else ''}{count}",
            "dstack_disk": f"{int(catalogue().caps['storage_gb'])}GB",
            "max_price": round(max(1.0, (spec.cost_cap or 100) / hours), 2),
        }
