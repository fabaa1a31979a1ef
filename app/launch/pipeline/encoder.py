"""A small tuned classifier: `python -m pipeline.encoder` trains on examples (output = category) and writes out/model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .evaluate import load
from .records import Example
from .setup import ROOT, Config, SetupError, load_config, optional


def model_folder() -> Path:
    """Where the trained model lies."""
    return Path(optional("MODEL_DIR", str(ROOT / "out" / "model")))


def labels_of(examples: list[Example]) -> list[str]:
    """The categories in a fixed order. Raises SetupError when there is nothing to tell apart."""
    found = sorted({item.output for item in examples})
    if len(found) < 2:
        raise SetupError("The examples name fewer than two categories; a classifier has nothing to learn.")
    return found


def train(config: Config, examples: list[Example]) -> None:
    """Fine-tunes the encoder and saves model, tokenizer and categories."""
    from transformers import (  # noqa: PLC0415
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
    )

    labels, name = labels_of(examples), config["training"]["model"]
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForSequenceClassification.from_pretrained(
        name,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={text: n for n, text in enumerate(labels)},
    )
    rows = [_row(tokenizer, config, item, labels) for item in examples]
    collator = DataCollatorWithPadding(tokenizer)
    trainer = Trainer(model=model, args=_arguments(config), train_dataset=rows, data_collator=collator)
    trainer.train()
    trainer.save_model(str(model_folder()))
    tokenizer.save_pretrained(str(model_folder()))


def _row(tokenizer: Any, config: Config, item: Example, labels: list[str]) -> dict[str, Any]:
    length = min(config["training"]["sequence_length"], tokenizer.model_max_length)
    return {**tokenizer(item.input, truncation=True, max_length=length), "labels": labels.index(item.output)}


def _arguments(config: Config) -> Any:
    from transformers import TrainingArguments  # noqa: PLC0415

    rules = config["training"]
    return TrainingArguments(
        output_dir=str(model_folder().parent / "checkpoints"),
        num_train_epochs=rules["epochs"],
        learning_rate=rules["learning_rate"],
        per_device_train_batch_size=rules["batch"],
        seed=rules["seed"],
        save_strategy="epoch",
        save_total_limit=1,
        report_to="none",
    )


def predictor() -> Callable[[str], str]:
    """The trained classifier as a function. Raises SetupError when nothing was trained."""
    if not model_folder().is_dir():
        raise SetupError(f"{model_folder()} does not exist; train first: python -m pipeline.encoder.")
    from transformers import pipeline  # noqa: PLC0415

    classify = pipeline("text-classification", model=str(model_folder()))
    return lambda text: str(classify(text, truncation=True)[0]["label"])


if __name__ == "__main__":
    try:
        settings = load_config()
        train(settings, load(settings)[0])
    except SetupError as error:
        sys.exit(str(error))
