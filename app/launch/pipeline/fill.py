"""Fills a job definition with the values only the user knows: `python -m pipeline.fill job/train.json out/train.json`.

`${NAME}` in a text of the definition stands for the environment variable NAME; the result is written by a serializer,
so no value can change the structure of the definition.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from .setup import SetupError, required

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
ALLOWED = re.compile(r"[A-Za-z0-9 _.,:/@+=()*-]*")


def filled(node: Any) -> Any:
    """The same structure with every variable replaced. Raises SetupError that names the variable."""
    if isinstance(node, dict):
        return {key: filled(item) for key, item in node.items()}
    if isinstance(node, list):
        return [filled(item) for item in node]
    return VARIABLE.sub(lambda found: _value(found.group(1)), node) if isinstance(node, str) else node


def _value(name: str) -> str:
    given = required(name, "it is explained in README.md")
    if not ALLOWED.fullmatch(given):
        raise SetupError(f"{name} holds a character that is not allowed in a job definition.")
    return given


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:3])
    try:
        definition = filled(json.loads(source.read_text(encoding="utf-8")))
    except SetupError as error:
        sys.exit(str(error))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(definition, indent=2) + "\n", encoding="utf-8")
