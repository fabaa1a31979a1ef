"""Kits for tests of training: written as a user gets them, with settings changed as a user would change config.json."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.retrieval.kits import kit_folder

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".envs" / "training"
PYTHON = ENVIRONMENT / "bin" / "python"
MARKS = [
    pytest.mark.training,
    pytest.mark.skipif(not PYTHON.is_file(), reason=".envs/training is missing; .ci/environments makes it"),
]


def kit(folder: Path, option: str, persona: str = "bank", **training: Any) -> Path:
    """A kit for own hardware; `training` replaces settings."""
    kit_folder(folder, "on_premises", option, persona)
    change(folder, "training", **training)
    return folder


def change(folder: Path, part: str, **values: Any) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config[part] |= values
    path.write_text(json.dumps(config))


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """What a kit's process gets: the training environment first, nothing of ours."""
    path = f"{PYTHON.parent}:{os.environ['PATH']}"
    quiet = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {"PATH": path, "HOME": str(folder), "SMOKE_VENV": str(ENVIRONMENT), **quiet, **variables}


def run(folder: Path, *command: str, status: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in the kit; a failure shows what it said."""
    given = environment(folder, **variables)
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == status, done.stdout[-1000:] + done.stderr[-3000:]
    return done


def result(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / "out" / name).read_text()))
