"""Tuning by preferences (DPO): `data/preferences.jsonl` names for a prompt the better and the worse answer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from .records import Example, Preference, data_folder, leaks, read_preferences
from .setup import Config, SetupError
from .training import arguments, base_model, device_arguments, fit, loading, model_folder, time_cap


def preferences(test: list[Example]) -> list[Preference]:
    """The pairs, if the file is there. Raises SetupError when a prompt is also a test case."""
    path = data_folder() / "preferences.jsonl"
    found = read_preferences(path) if path.is_file() else []
    shared = leaks([Example(item.prompt, item.chosen) for item in found], test)
    if shared:
        raise SetupError(f"{len(shared)} test cases also stand in {path.name}, first: {shared[0][:60]!r}.")
    return found


def rows(system: str, pairs: list[Preference]) -> list[dict[str, Any]]:
    """Pairs in the conversational form that TRL reads, under the same instruction as the examples."""
    first = {"role": "system", "content": system}
    return [
        {
            "prompt": [first, {"role": "user", "content": item.prompt}],
            "chosen": [{"role": "assistant", "content": item.chosen}],
            "rejected": [{"role": "assistant", "content": item.rejected}],
        }
        for item in pairs
    ]


def train(config: Config, data: list[dict[str, Any]], start: Path, end: float) -> None:
    """Goes on from the model in `start`, which is also the reference that the new one must not leave too far."""
    from datasets import Dataset  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415
    from trl import DPOConfig, DPOTrainer  # noqa: PLC0415

    beta = config["training"]["preferences"]["beta"]
    trainer = DPOTrainer(
        model=_model(config, start),
        args=DPOConfig(**settings(config), **device_arguments(config), beta=beta),
        train_dataset=Dataset.from_list(data),
        processing_class=AutoTokenizer.from_pretrained(str(start)),
        callbacks=[time_cap(end)],
    )
    fit(trainer, model_folder(), "preferences")
    shutil.rmtree(model_folder() / "ref", ignore_errors=True)  # TRL's copy of the reference adapter


def settings(config: Config) -> dict[str, Any]:
    """Settings of the trainer: as for the first tuning, with smaller steps."""
    rules, given = config["training"]["preferences"], arguments(config, "-preferences")
    rate = given["learning_rate"] * rules["rate_share"]
    return {**given, "num_train_epochs": rules["epochs"], "learning_rate": rate}


def _model(config: Config, start: Path) -> Any:
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    if config["training"]["method"] == "full":
        return AutoModelForCausalLM.from_pretrained(str(start), **loading(config))
    from peft import PeftModel  # noqa: PLC0415

    base = AutoModelForCausalLM.from_pretrained(base_model(config), **loading(config))
    return PeftModel.from_pretrained(base, str(start), is_trainable=True)
