"""Supervised fine-tuning with TRL and PEFT: `python -m pipeline.tune` (LoRA, QLoRA or full) writes out/model.

Only the answers are learned, not the questions. Ends itself at the time cap of the report.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from .evaluate import load
from .prompts import instruction
from .records import Example, data_folder
from .setup import ROOT, Config, SetupError, load_config, optional


def model_folder() -> Path:
    """Where adapter or model are written."""
    return Path(optional("MODEL_DIR", str(ROOT / "out" / "model")))


def rows(config: Config, examples: list[Example]) -> list[dict[str, Any]]:
    """Conversations in the prompt-completion form that TRL reads."""
    labels = sorted({item.output for item in examples}) if config["evaluation"]["measure"] == "label" else []
    system = {"role": "system", "content": instruction(config, labels)}
    return [
        {
            "prompt": [system, {"role": "user", "content": item.input}],
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


def arguments(config: Config) -> dict[str, Any]:
    """Settings of the trainer, without any import: what the report assumed."""
    rules = config["training"]
    return {
        "output_dir": str(model_folder().parent / "checkpoints"),
        "num_train_epochs": rules["epochs"],
        "learning_rate": rules["learning_rate"],
        "per_device_train_batch_size": rules["batch"],
        "gradient_accumulation_steps": rules["accumulation"],
        "max_length": rules["sequence_length"],
        "warmup_steps": rules["warmup_share"],
        "lr_scheduler_type": "cosine",
        "gradient_checkpointing": True,
        "logging_steps": 5,
        "save_strategy": "steps",
        "save_steps": 50,
        "save_total_limit": 2,
        "seed": rules["seed"],
        "report_to": "none",
    }


def train(config: Config, data: list[dict[str, Any]]) -> None:
    """Tunes the base model; resumes from the last checkpoint after an interruption."""
    import torch  # noqa: PLC0415
    from datasets import Dataset  # noqa: PLC0415
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    rules, gpu = config["training"], torch.cuda.is_available()
    if not gpu and rules["needs_gpu"] and optional("ALLOW_CPU") != "yes":
        raise SetupError("No GPU was found; set ALLOW_CPU=yes to try it slowly on the processor.")
    settings = SFTConfig(**arguments(config), bf16=gpu, use_cpu=not gpu, model_init_kwargs=_loading(rules, torch))
    trainer = SFTTrainer(
        model=optional("BASE_MODEL", rules["model"]),
        args=settings,
        train_dataset=Dataset.from_list(data),
        peft_config=_adapter(rules),
        callbacks=[_time_cap(rules["max_hours"])],
    )
    trainer.train(resume_from_checkpoint=any(Path(settings.output_dir).glob("checkpoint-*")))
    trainer.save_model(str(model_folder()))


def _adapter(rules: dict[str, Any]) -> Any:
    if rules["method"] == "full":
        return None
    from peft import LoraConfig  # noqa: PLC0415

    rank = rules["lora_rank"]
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def _loading(rules: dict[str, Any], torch: Any) -> dict[str, Any]:
    """How the base model is loaded: in four bits for QLoRA, else in bfloat16 on a GPU; never with code from the model."""
    kind = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    loading: dict[str, Any] = {"dtype": kind, "trust_remote_code": False, "use_safetensors": True}
    if rules["method"] == "qlora":
        from transformers import BitsAndBytesConfig  # noqa: PLC0415

        loading["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=kind
        )
    return loading


def _time_cap(hours: float) -> Any:
    """Saves and stops when the hours are used up, so that spending ends even if the platform's own cap does not work."""
    from transformers import TrainerCallback  # noqa: PLC0415

    end = time.monotonic() + hours * 3600

    class TimeCap(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            if time.monotonic() > end:
                control.should_save = control.should_training_stop = True
            return control

    return TimeCap()


def main() -> None:
    """Reads the data and tunes."""
    config = load_config()
    if config["training"]["data"] == "corpus":
        train(config, pages(data_folder()))
    else:
        train(config, rows(config, load(config)[0]))


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(str(error))
