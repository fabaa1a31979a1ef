"""A small copy of the kit's data, and places of its own for what a smoke test writes: out/smoke."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .card import result
from .evaluate import load
from .records import Example, Preference, data_folder, examples_file, read_documents, read_examples
from .setup import ROOT, Config, SetupError

MOST = {"examples": 40, "test": 5, "general": 4}


def prepare(config: Config) -> Path:
    """Copies the data and points every variable into a fresh out/smoke; returns that folder."""
    train, test = load(config)
    general = read_examples(examples_file("general")) if config["pipeline"] != "encoder" else []
    documents = read_documents(data_folder()) if config["pipeline"] == "retrieval" else []
    folder = ROOT / "out" / "smoke"
    shutil.rmtree(folder, ignore_errors=True)
    parts = {"examples": train, "test": test, "general": general}
    for name, part in parts.items():
        _write(folder / "data" / f"{name}.jsonl", (asdict(item) for item in part[: MOST[name]]))
    _write(folder / "data" / "documents.jsonl", (asdict(item) for item in documents))
    (folder / "data" / "corpus").mkdir()
    (folder / "data" / "corpus" / "text.txt").write_text("\n".join(texts(train)), encoding="utf-8")
    os.environ |= {
        "DATA_DIR": str(folder / "data"), "OUTPUT_DIR": str(folder), "MODEL_DIR": str(folder / "model"),
        "BASE_MODEL": str(folder / "base"), "INDEX_FILE": str(folder / "index.sqlite3"), "STORE_URL": "", "EMBEDDINGS": "",
        "EMBEDDING_MODEL": "", "RERANK": "", "ALLOW_CPU": "yes", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1",
        "TQDM_DISABLE": "1",
    }  # fmt: skip
    return folder


def texts(examples: list[Example]) -> list[str]:
    """Inputs and outputs, from which the tokenizer is made."""
    return [text for item in examples for text in (item.input, item.output)]


def made_preferences(examples: list[Example]) -> list[Preference]:
    """For each example its answer as the better one and another example's as the worse one."""
    found = []
    for item in examples:
        other = next((other.output for other in examples if other.output.split() != item.output.split()), None)
        if other:
            found.append(Preference(item.input, item.output, other))
    return found


def write_preferences(folder: Path, pairs: list[Preference]) -> None:
    """Beside the copied data."""
    _write(folder / "data" / "preferences.jsonl", (asdict(item) for item in pairs[: MOST["examples"]]))


def check_loss() -> None:
    """Raises SetupError unless the training that was noted made the loss fall."""
    losses = (result("training.json") or {}).get("losses") or [0, 0]
    if not losses[1] < losses[0]:
        raise SetupError(f"The loss did not fall: {losses[0]} to {losses[1]}.")


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    if lines:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
