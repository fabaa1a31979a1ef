"""Base model and adapter as one: `python -m pipeline.merge` writes out/merged, for engines that read no adapters."""

from __future__ import annotations

import sys
from pathlib import Path

from .local import load_model
from .setup import Config, SetupError, load_config
from .training import base_model, model_folder


def merge(config: Config) -> Path:
    """Writes the merged model and its tokenizer; returns the folder. Raises SetupError where there is no adapter."""
    from transformers import AutoTokenizer  # noqa: PLC0415

    if config["training"]["method"] == "full":
        raise SetupError(f"The model was tuned as a whole: {model_folder()} needs no merging.")
    folder = model_folder().with_name("merged")
    load_model(config, tuned=True).merge_and_unload().save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(base_model(config)).save_pretrained(str(folder))
    return folder


if __name__ == "__main__":
    try:
        print(merge(load_config()))
    except SetupError as error:
        sys.exit(str(error))
