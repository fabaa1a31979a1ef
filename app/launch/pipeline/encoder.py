"""A small tuned classifier: `python -m pipeline.encoder` trains on examples (output = category) and writes out/model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .evaluate import load
from .records import Example
from .setup import Config, SetupError, load_config
from .training import arguments, base_model, device_arguments, end_of, fit, model_folder, time_cap


def labels_of(examples: list[Example]) -> list[str]:
    """The categories in a fixed order. Raises SetupError when there is nothing to tell apart."""
    found = sorted({item.output for item in examples})
    if len(found) < 2:
        raise SetupError("The examples name fewer than two categories; a classifier has nothing to learn.")
    return found


def train(config: Config, examples: list[Example]) -> None:
    """Fine-tunes the encoder and saves model, tokenizer and categories."""
    from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments, set_seed  # noqa: PLC0415

    set_seed(config["training"]["seed"])  # before the head is drawn
    labels, tokenizer = labels_of(examples), AutoTokenizer.from_pretrained(base_model(config))
    trainer = Trainer(
        model=_model(config, labels),
        args=TrainingArguments(**settings(config), **device_arguments(config)),
        train_dataset=[_row(tokenizer, config, item, labels) for item in examples],
        data_collator=DataCollatorWithPadding(tokenizer),
        callbacks=[time_cap(end_of(config))],
    )
    fit(trainer, model_folder(), "training")
    tokenizer.save_pretrained(str(model_folder()))


def settings(config: Config) -> dict[str, Any]:
    """Settings of the trainer; texts are cut when they are read, and a small model needs no memory saved."""
    given = {name: value for name, value in arguments(config).items() if name != "max_length"}
    return {**given, "activation_checkpointing": False}


def _model(config: Config, labels: list[str]) -> Any:
    from transformers import AutoModelForSequenceClassification  # noqa: PLC0415

    return AutoModelForSequenceClassification.from_pretrained(
        base_model(config),
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={text: n for n, text in enumerate(labels)},
        trust_remote_code=False,
        use_safetensors=True,
    )


def _row(tokenizer: Any, config: Config, item: Example, labels: list[str]) -> dict[str, Any]:
    length = min(config["training"]["sequence_length"], tokenizer.model_max_length)
    return {**tokenizer(item.input, truncation=True, max_length=length), "labels": labels.index(item.output)}


def predictor() -> Callable[[str], str]:
    """The trained classifier as a function. Raises SetupError when nothing was trained."""
    if not model_folder().is_dir():
        raise SetupError(f"{model_folder()} does not exist; train first: python -m pipeline.encoder.")
    from transformers import pipeline  # noqa: PLC0415

    classify = pipeline("text-classification", model=str(model_folder()))
    return lambda text: str(classify(text, truncation=True)[0]["label"])


if __name__ == "__main__":
    try:
        given = load_config()
        train(given, load(given)[0])
    except SetupError as error:
        sys.exit(str(error))
