"""Writes SmolLM2-135M-Instruct as a model that can be tuned: argument 1 the GGUF file, argument 2 the folder. Run in .envs/training.

Weights read from GGUF count as quantised, can neither be tuned nor saved: they are copied into a fresh model.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM


def write(source: Path, folder: Path) -> None:
    place = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    read = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    del read.config.quantization_config
    fresh = LlamaForCausalLM(read.config)
    fresh.load_state_dict(read.state_dict())
    fresh.save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(**place).save_pretrained(str(folder))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
