"""Configuration of the kit (`config.json`) and the values that only the user knows (environment variables)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Config = dict[str, Any]


class SetupError(Exception):
    """Something the user has to set or correct; the text is one sentence."""


def load_config(path: Path | None = None) -> Config:
    """The kit's configuration: the variable KIT_CONFIG (JSON), else the file. Raises SetupError that names the file."""
    file = path or ROOT / "config.json"
    try:
        config = json.loads(optional("KIT_CONFIG") or file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{file.name} cannot be read: {error}") from error
    if not isinstance(config, dict) or "pipeline" not in config:
        raise SetupError(f"{file.name} holds no configuration of a kit.")
    return config


def required(name: str, meaning: str) -> str:
    """An environment variable. Raises SetupError that names it and says what it is."""
    given = os.environ.get(name, "").strip()
    if not given:
        raise SetupError(f"Set the environment variable {name}: {meaning}.")
    return given


def optional(name: str, default: str = "") -> str:
    """An environment variable that may be missing."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    """A whole number from an environment variable. Raises SetupError that names it."""
    given = optional(name, str(default))
    if not given.isascii() or not given.isdigit():
        raise SetupError(f"{name} must be a whole number, not {given[:20]!r}.")
    return int(given)


def report(name: str, result: dict[str, Any]) -> Path:
    """Writes a result as JSON under `out/` and returns its path."""
    folder = Path(optional("OUTPUT_DIR", str(ROOT / "out")))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
