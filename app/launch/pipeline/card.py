"""The model card: `python -m pipeline.card` writes out/model/README.md in the form of the Hugging Face hub.

Everything in it comes from the data and from what training and evaluation wrote to `out/`; what was not measured is named.
"""

from __future__ import annotations

import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from .records import data_folder, examples_file
from .setup import ROOT, Config, SetupError, load_config, optional
from .training import base_model, model_folder

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
METHODS = {
    "lora": "LoRA adapter, supervised",
    "qlora": "LoRA adapter on a base in four bits (QLoRA), supervised",
    "full": "all weights, supervised",
    "encoder": "classifier, all weights",
}
LIMITS = """\
- The rates hold for the held-out cases of this run, with the intervals named; other inputs were not measured.
- The model may be confidently wrong. Keep the checks that the report asks for, and watch it with `python -m pipeline.monitor`.
- Whoever has the weights can draw out parts of the training data: treat the model as confidential as its data.
- A person's data cannot be taken out of the weights again: delete them from the data and train anew."""


def write(config: Config) -> Path:
    """Writes the card and returns its path. Raises SetupError when nothing was trained."""
    if not model_folder().is_dir():
        raise SetupError(f"{model_folder()} does not exist; train first.")
    path = model_folder() / "README.md"
    path.write_text(card(config), encoding="utf-8")
    return path


def card(config: Config) -> str:
    """The text of the card."""
    parts = [
        front_matter(config), f"# {config['kit']}", _intended(config), "## Training", _training(config), "## Data", _data(config),
        "## Evaluation on held-out cases", _evaluation(config),
        *([] if config["pipeline"] == "encoder" else ["## Forgetting", _forgetting()]),
        "## Limits", LIMITS, "## Licence", _licence(config),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def front_matter(config: Config) -> str:
    """The part that the hub reads; every value as JSON, which YAML reads too."""
    encoder = config["pipeline"] == "encoder"
    found: dict[str, Any] = {
        "library_name": "transformers" if encoder or config["training"]["method"] == "full" else "peft",
        "pipeline_tag": "text-classification" if encoder else "text-generation",
        "language": [config["language"]],
        "license": "other",
        "tags": ["trl", "sft"] if not encoder else ["text-classification"],
    }
    if HUB_NAME.fullmatch(base_model(config)):
        found["base_model"] = base_model(config)
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items()]
    return "\n".join(["---", *lines, "---"])


def _intended(config: Config) -> str:
    return f"{config['task']} Base model: `{base_model(config)}`. Made for this one task; not meant for anything else."


def _training(config: Config) -> str:
    rules, runs = config["training"], {name: result(f"{name}.json") for name in ("training", "preferences")}
    lines = [f"- Method: {METHODS[rules['method']]}" + (", then by preferences (DPO)" if runs["preferences"] else "")]
    shown = ("epochs", "learning_rate", "batch", "accumulation", "sequence_length", "lora_rank", "seed")
    lines.append("- Settings: " + ", ".join(f"{name.replace('_', ' ')} {rules[name]}" for name in shown))
    lines += [_run(name, found) for name, found in runs.items() if found]
    return "\n".join(lines if runs["training"] else [*lines, "- Not recorded: out/training.json is missing."])


def _run(name: str, found: dict[str, Any]) -> str:
    stopped = "; stopped by the time cap" if found["stopped_by_time_cap"] else ""
    packages = ", ".join(f"{package} {number}" for package, number in found["packages"].items())
    return (
        f"- {name.capitalize()} ended {found['ended']}: {found['examples']} examples, {found['steps']} of "
        f"{found['steps_planned']} steps{stopped}, loss {' to '.join(map(str, found['losses'])) or 'not logged'}, "
        f"{found['seconds']} s on {found['device']} ({packages})"
    )


def _data(config: Config) -> str:
    names = ("examples", "test", "preferences", "general")
    rows = [_digest(path) for path in dict.fromkeys(examples_file(name) for name in names) if path.is_file()]
    if config["training"]["data"] == "corpus":
        rows += [_digest(path) for path in sorted((data_folder() / "corpus").rglob("*")) if path.is_file()]
    return "\n".join(["| File | Bytes | SHA-256 |", "|---|---|---|", *rows])


def _digest(path: Path) -> str:
    content = path.read_bytes()
    return f"| {path.name} | {len(content)} | `{sha256(content).hexdigest()}` |"


def _evaluation(config: Config) -> str:
    before = (
        ("Simple baseline", "evaluation-rehearse.json")
        if config["pipeline"] == "encoder"
        else ("Base", "evaluation-base.json")
    )
    columns = {name: result(file) for name, file in (before, ("Tuned", "evaluation-tuned.json"))}
    rows = [f"| {name} | {_rate(found)} |" for name, found in columns.items()]
    target = f"Target: {config['evaluation']['target']:.0%}, measure: {config['evaluation']['measure']}."
    return "\n".join(["| Model | Right (95 % interval) |", "|---|---|", *rows, "", target])


def _rate(found: dict[str, Any] | None) -> str:
    if not found:
        return "not measured"
    return f"{found['right']} of {found['cases']}: {found['rate']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _forgetting() -> str:
    found = result("forgetting.json")
    if not found:
        return "Not measured; run `python -m pipeline.forgetting`."
    head = f"General questions right: {found['base_share']:.0%} before, {found['tuned_share']:.0%} after; verdict: {found['verdict']}."
    rows = [_side_by_side(row) for row in found["answers"]]
    return "\n".join([head, "", "| Question | Base | Tuned |", "|---|---|---|", *rows])


def _side_by_side(row: dict[str, Any]) -> str:
    marks = {name: "right" if row[f"{name}_right"] else "wrong" for name in ("base", "tuned")}
    cells = [row["question"], *(f"{marks[name]}: {row[name]}" for name in marks)]
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    """A text in one cell: one line, 120 characters, nothing that ends the cell."""
    return " ".join(text.split())[:120].replace("|", "\\|").replace("<", "&lt;")


def _licence(config: Config) -> str:
    return (
        f"The licence of the base model `{base_model(config)}` goes on to this model; read it before you hand the weights on. "
        "Your data add their own terms."
    )


def result(name: str) -> dict[str, Any] | None:
    """What a step of this run wrote to `out/`; None when it did not run."""
    path = Path(optional("OUTPUT_DIR", str(ROOT / "out"))) / name
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


if __name__ == "__main__":
    try:
        print(write(load_config()))
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
