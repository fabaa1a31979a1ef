"""What tuning made the model forget: `python -m pipeline.forgetting` asks base and tuned model the same general questions.

The questions lie in `data/general.jsonl` (input, output = what has to be said), else in the example that came with the kit.
Writes out/forgetting.json with all answers side by side. Too much is forgotten when the tuned model still answers less than
`kept_share` of what the base model answered right: then mix general examples into the data, or lower epochs or learning rate.
"""

from __future__ import annotations

import sys
from typing import Any

from .local import local_chat
from .metrics import score
from .records import Example, examples_file, read_examples
from .setup import Config, SetupError, load_config, report


def run(config: Config) -> dict[str, Any]:
    """Asks both models and compares."""
    questions = read_examples(examples_file("general"))
    before = _answers(config, questions, tuned=False)
    return compare(questions, before, _answers(config, questions, tuned=True), config["evaluation"]["kept_share"])


def compare(questions: list[Example], before: list[str], after: list[str], kept_share: float) -> dict[str, Any]:
    """Shares right before and after, and of what the base model knew the share that is still right."""
    rows = [_row(*item) for item in zip(questions, before, after, strict=True)]
    known = [row for row in rows if row["base_right"]]
    kept = sum(row["tuned_right"] for row in known) / len(known) if known else None
    return {
        "questions": len(rows),
        "base_share": len(known) / len(rows),
        "tuned_share": sum(row["tuned_right"] for row in rows) / len(rows),
        "kept": kept,
        "kept_share": kept_share,
        "verdict": "open" if kept is None else "kept" if kept >= kept_share else "forgotten",
        "answers": rows,
    }


def _row(item: Example, base: str, tuned: str) -> dict[str, Any]:
    return {
        "question": item.input,
        "expected": item.output,
        "base": base,
        "tuned": tuned,
        "base_right": score("fact", base, item.output) == 1,
        "tuned_right": score("fact", tuned, item.output) == 1,
    }


def _answers(config: Config, questions: list[Example], tuned: bool) -> list[str]:
    ask = local_chat(config, tuned)
    return [ask([{"role": "user", "content": item.input}]) for item in questions]


def summary(result: dict[str, Any]) -> str:
    """What came out, in one line."""
    shares = f"General questions right: {result['base_share']:.0%} before, {result['tuned_share']:.0%} after"
    kept = "nothing to keep" if result["kept"] is None else f"{result['kept']:.0%} of it kept"
    return f"{shares} ({kept}; wanted {result['kept_share']:.0%}): {result['verdict']}."


if __name__ == "__main__":
    try:
        found = run(load_config())
        print(f"{summary(found)}\nDetails: {report('forgetting.json', found)}")
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
