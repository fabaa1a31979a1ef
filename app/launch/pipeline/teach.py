"""Distillation: a strong model answers `data/inputs.jsonl`; `python -m pipeline.teach` writes `data/examples.jsonl`.

Answers are appended one by one, so an interrupted run goes on where it stopped. Have experts check a sample before tuning.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .model import Chat, chat
from .prompts import instruction
from .records import data_folder
from .setup import Config, SetupError, load_config


def inputs(path: Path) -> list[str]:
    """Inputs of a JSON Lines file with the field `input`. Raises SetupError that names the line."""
    if not path.is_file():
        raise SetupError(f'{path} is missing: one JSON object per line, {{"input": "..."}}.')
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(str(json.loads(line)["input"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{path.name}, line {number}: the field 'input' is missing.") from error
    return found


def teach(config: Config, questions: list[str], ask: Chat, path: Path) -> int:
    """Answers every input not yet in the file; returns how many were added."""
    done = {json.loads(line)["input"] for line in path.read_text().splitlines()} if path.is_file() else set()
    system = {"role": "system", "content": instruction(config, [])}
    open_questions = [question for question in dict.fromkeys(questions) if question not in done]
    with path.open("a", encoding="utf-8") as file:
        for question in open_questions:
            answer = ask([system, {"role": "user", "content": question}])
            file.write(json.dumps({"input": question, "output": answer}, ensure_ascii=False) + "\n")
            file.flush()
    return len(open_questions)


if __name__ == "__main__":
    try:
        settings, folder = load_config(), data_folder()
        print(teach(settings, inputs(folder / "inputs.jsonl"), chat(settings), folder / "examples.jsonl"), "answered")
    except SetupError as error:
        sys.exit(str(error))
