"""The smoke test of tuning kits: the kit's own tuning, from first step to model card, with a tiny model on the processor.

It proves that data, packages, settings and every step work together. It says nothing about quality, memory or time of the
real model on a GPU: those show in the run itself, within its caps.
"""

from __future__ import annotations

import json

from . import card, forgetting, tune
from .evaluate import load, summary
from .evaluate import run as evaluation
from .merge import merge
from .retrieval import ingest, open_index
from .setup import Config, SetupError, report
from .smoke_data import check_loss, made_preferences, prepare, texts, write_preferences
from .tiny import write_language_model

STEPS = {"epochs": 6, "batch": 2, "accumulation": 1, "learning_rate": 0.002, "lora_rank": 4, "sequence_length": 256}


def run(config: Config) -> None:
    """Runs everything and says what came out. Raises SetupError when a part does not do its work."""
    folder, small = prepare(config), settings(config)
    examples = load(small)[0]
    write_language_model(folder / "base", texts(examples))
    write_preferences(folder, made_preferences(examples))
    if config["pipeline"] == "retrieval":
        ingest(small, open_index(small))
    report("evaluation-base.json", evaluation(small, "base", bare=False))
    tune.main(small)
    tuned = evaluation(small, "tuned", bare=False)
    report("evaluation-tuned.json", tuned)
    forgotten = forgetting.run(small)
    report("forgetting.json", forgotten)
    print(f"{summary(tuned)}\n{forgetting.summary(forgotten)}")
    check(small)
    print(f"Tuned, saved, loaded, generated, evaluated; card: {card.write(small)}")
    print("Not tested: the real model, a GPU, quality, memory, time, and the serving engine.")


def settings(config: Config) -> Config:
    """The kit's settings, cut to a model of 0.1 million parameters."""
    training = {**config["training"], **STEPS, "preferences": {**config["training"]["preferences"], "epochs": 2}}
    return {**config, "training": training, "prompt": {**config["prompt"], "max_output_tokens": 12}}


def check(config: Config) -> None:
    """Raises SetupError unless all steps were done, the loss fell, and adapter and base model can be made one."""
    for name in ("training", "preferences"):
        run = card.result(f"{name}.json")
        if not run or run["steps"] != run["steps_planned"]:
            raise SetupError(f"Not all steps of {name} were done: {json.dumps(run)}.")
    check_loss()
    if config["training"]["method"] != "full":
        merge(config)
