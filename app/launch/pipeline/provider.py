"""Training files for tuning as a service: `python -m pipeline.provider` writes out/train.jsonl and out/validation.jsonl."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .evaluate import load
from .prompts import instruction, labels_in
from .records import Example
from .setup import ROOT, Config, SetupError, load_config


def row(form: str, system: str, item: Example) -> dict[str, Any]:
    """One example in the form a service reads: `chat` (OpenAI, Azure), `gemini`, or `bedrock`."""
    if form == "gemini":
        return {
            "systemInstruction": {"role": "system", "parts": [{"text": system}]},
            "contents": [
                {"role": "user", "parts": [{"text": item.input}]},
                {"role": "model", "parts": [{"text": item.output}]},
            ],
        }
    if form == "bedrock":
        turns = [("user", item.input), ("assistant", item.output)]
        return {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": system}],
            "messages": [{"role": role, "content": [{"text": text}]} for role, text in turns],
        }
    roles = [("system", system), ("user", item.input), ("assistant", item.output)]
    return {"messages": [{"role": role, "content": text} for role, text in roles]}


def write(config: Config, folder: Path) -> dict[str, int]:
    """Writes both files; returns how many examples each holds."""
    train, test = load(config)
    system, form = instruction(config, labels_in(config, train)), config["training"]["form"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in (("train", train), ("validation", test)):
        lines = [json.dumps(row(form, system, item), ensure_ascii=False) for item in part]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"train": len(train), "validation": len(test)}


if __name__ == "__main__":
    try:
        print(write(load_config(), ROOT / "out"))
    except SetupError as error:
        sys.exit(str(error))
