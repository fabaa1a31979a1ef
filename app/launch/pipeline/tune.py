"""Fine-tuning with TRL and PEFT: `python -m pipeline.tune` (LoRA, QLoRA or full) writes out/model.

Supervised from `data/examples.jsonl`, where only the answers are learned, not the questions; then, if there is a
`data/preferences.jsonl`, by preferences (DPO). Ends itself at the time cap of the report; run again, it goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .evaluate import load
from .preferences import preferences
from .preferences import rows as preference_rows
from .preferences import train as prefer
from .prompts import instruction, labels_in
from .records import Example, data_folder
from .setup import Config, SetupError, load_config
from .training import adapter, arguments, base_model, device_arguments, end_of, fit, loading, model_folder, time_cap


def rows(system: str, examples: list[Example]) -> list[dict[str, Any]]:
    """Conversations in the prompt-completion form that TRL reads; `system` is the standing instruction."""
    first = {"role": "system", "content": system}
    return [
        {
            "prompt": [first, {"role": "user", "content": item.input}],
            "completion": [{"role": "assistant", "content": item.output}],
        }
        for item in examples
    ]


def pages(folder: Path) -> list[dict[str, Any]]:
    """Plain text for continued pretraining, from `corpus/`. Raises SetupError when there is none."""
    found = [
        {"text": path.read_text(encoding="utf-8")}
        for path in sorted((folder / "corpus").rglob("*"))
        if path.suffix in {".txt", ".md"}
    ]
    if not found:
        raise SetupError(f"{folder / 'corpus'} holds no .txt or .md file to train on.")
    return found


def train(config: Config, data: list[dict[str, Any]], folder: Path, end: float) -> None:
    """Tunes the base model on `data` until `end` at the latest and writes it to `folder`."""
    given = {**arguments(config), **device_arguments(config)}
    from datasets import Dataset  # noqa: PLC0415
    from transformers import set_seed  # noqa: PLC0415
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    set_seed(config["training"]["seed"])  # before the adapter is drawn
    trainer = SFTTrainer(
        model=base_model(config),
        args=SFTConfig(**given, model_init_kwargs=loading(config)),
        train_dataset=Dataset.from_list(data),
        peft_config=adapter(config["training"]),
        callbacks=[time_cap(end)],
    )
    fit(trainer, folder, "training")


def main(config: Config) -> None:
    """Reads the data, tunes, and tunes on by preferences where there are any."""
    examples, test = load(config)
    pairs, end = preferences(test), end_of(config)
    system = instruction(config, labels_in(config, examples))
    data = pages(data_folder()) if config["training"]["data"] == "corpus" else rows(system, examples)
    # The first model lies apart from the second: a file must not be written while it is read.
    first = model_folder().with_name("supervised") if pairs else model_folder()
    train(config, data, first, end)
    if pairs:
        prefer(config, preference_rows(system, pairs), first, end)


if __name__ == "__main__":
    try:
        main(load_config())
    except SetupError as error:
        sys.exit(str(error))
