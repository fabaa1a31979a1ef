"""What SkyPilot and dstack share: the pipeline code and its settings as variables of a task, and the program that runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.launch.control import Parts
from app.launch.inline import START, boot, environment, too_long
from app.launch.render import fill

HERE = Path(__file__).parent / "kit" / "here"
__all__ = ["filled", "results", "too_long", "variables"]


def variables(parts: Parts, command: str) -> dict[str, str]:
    """The variables that the program reads.

    dstack puts `${{ ... }}` of a text into effect, so no sign `$` stands in the settings: JSON reads the escape alike.
    """
    found = environment(parts, command, KIT_BOOT=boot())
    return found | {"KIT_CONFIG": found["KIT_CONFIG"].replace("$", "\\u0024")}


def results(parts: Parts) -> dict[str, str]:
    """Where a training run reads and writes on a volume: its results lie in a folder with the name of the launch."""
    folder = f"/volume/{parts.name}"
    return {"DATA_DIR": "/volume/data", "OUTPUT_DIR": folder, "MODEL_DIR": f"{folder}/model"}


def filled(template: str, parts: Parts, **values: Any) -> dict[str, Any]:
    """A definition of `kit/here`; a value None leaves its field out."""
    known = {**parts.values, "launch": parts.launch, "name": parts.name, "start": START, **values}
    found: dict[str, Any] = fill(json.loads((HERE / template).read_text(encoding="utf-8")), known)
    return found
