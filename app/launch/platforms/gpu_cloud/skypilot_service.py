"""A service on a cluster of SkyPilot. It listens on its own machine only; whoever may sign in there reaches it through a tunnel."""

from __future__ import annotations

from typing import Any

from app.errors import InputError
from app.launch.control import Parts
from app.launch.platforms.gpu_cloud.pieces import variables
from app.launch.platforms.gpu_cloud.skypilot import Control as Training
from app.launch.platforms.gpu_cloud.skypilot import launch
from app.launch.spec import LaunchSpec


class Control(Training):
    """Clusters that serve, with vLLM on a GPU or without a model."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of POST /launch. Raises InputError where a tuned model is to be served and its place is not named."""
        serves = parts.spec.model_name is not None and parts.spec.pipeline != "encoder"
        machine = {"gpus": parts.values["accelerators"], "cpus": None, "memory": None} if serves else {"gpus": None, "cpus": "4+", "memory": "16+"}  # fmt: skip
        install = f"pip install --quiet {parts.values['vllm']} && " if serves else ""
        found = variables(parts, f"{_link(parts.spec, parts.entries)}{install}{parts.values['serve_command']}")
        found |= {"MODEL_URL": "http://127.0.0.1:8000/v1"} if serves else {}
        found |= {"DATA_DIR": "/volume/data"} if "bucket" in parts.entries else {}
        return launch(parts, found | {"INDEX_FILE": "/tmp/index.sqlite3"}, **machine)  # noqa: S108 -- of the rented machine


def _link(spec: LaunchSpec, entries: dict[str, str]) -> str:
    """Puts the folder of the tuned model where the kit looks for it."""
    if not spec.training:
        return ""
    missing = [name for name in ("bucket", "model") if name not in entries]
    if missing:
        raise InputError([{"key": name, "value": "", "allowed": "", "says": f"{name}: needed to serve a tuned model"} for name in missing])  # fmt: skip
    return f"ln -sfn /volume/{entries['model']} out && "
