"""Own hardware: containers of the user's own Docker."""

from __future__ import annotations

from typing import Any

from app.launch.platform import Platform
from app.launch.spec import LaunchSpec
from app.launch.values import service_commands


class Adapter(Platform):
    """Plain containers and environments."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds the arguments of vLLM."""
        return {**super().values(spec), **service_commands(spec)}
