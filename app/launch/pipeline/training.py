"""What every training shares: where the model goes, how the base is loaded, the time cap, going on after an interruption."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .setup import ROOT, Config, SetupError, number, optional, report

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "bitsandbytes")


def model_folder() -> Path:
    """Where adapter or model are written."""
    return Path(optional("MODEL_DIR", str(ROOT / "out" / "model")))


def arguments(config: Config, stage: str = "") -> dict[str, Any]:
    """Settings of the trainer, without any import: what the report assumed. SAVE_STEPS: steps between checkpoints."""
    rules = config["training"]
    return {
        "output_dir": str(model_folder().parent / f"checkpoints{stage}"),
        "num_train_epochs": rules["epochs"],
        "learning_rate": rules["learning_rate"],
        "per_device_train_batch_size": rules["batch"],
        "gradient_accumulation_steps": rules["accumulation"],
        "max_length": rules["sequence_length"],
        "warmup_steps": rules["warmup_share"],
        "lr_scheduler_type": "cosine",
        "activation_checkpointing": True,
        "logging_steps": 5,
        "logging_first_step": True,
        "save_strategy": "steps",
        "save_steps": number("SAVE_STEPS", 50),
        "save_total_limit": 2,
        "seed": rules["seed"],
        "report_to": "none",
    }


def device_arguments(config: Config) -> dict[str, Any]:
    """GPU or processor. Raises SetupError when a GPU is needed and there is none."""
    import torch  # noqa: PLC0415

    gpu = torch.cuda.is_available()
    if not gpu and config["training"]["needs_gpu"] and optional("ALLOW_CPU") != "yes":
        raise SetupError("No GPU was found; set ALLOW_CPU=yes to try it slowly on the processor.")
    return {"use_cpu": not gpu, "bf16": gpu and torch.cuda.is_bf16_supported()}


def base_model(config: Config) -> str:
    """Name or folder of the model that is tuned."""
    return optional("BASE_MODEL", config["training"]["model"])


def loading(config: Config) -> dict[str, Any]:
    """How the base model is loaded: in four bits for QLoRA, else in bfloat16 on a GPU; never with code from the model."""
    import torch  # noqa: PLC0415

    kind = torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float32
    found: dict[str, Any] = {"dtype": kind, "trust_remote_code": False, "use_safetensors": True}
    if config["training"]["method"] == "qlora":
        from transformers import BitsAndBytesConfig  # noqa: PLC0415

        found["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=kind
        )
    return found


def adapter(rules: dict[str, Any]) -> Any:
    """The adapter of LoRA and QLoRA; None for full tuning."""
    if rules["method"] == "full":
        return None
    from peft import LoraConfig  # noqa: PLC0415

    rank = rules["lora_rank"]
    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def end_of(config: Config) -> float:
    """When the hours are used up, on the clock `time.monotonic` (seconds)."""
    return float(time.monotonic() + config["training"]["max_hours"] * 3600)


def time_cap(end: float) -> Any:
    """Saves and stops when the time is up, so that spending ends even if the platform's own cap does not work."""
    from transformers import TrainerCallback  # noqa: PLC0415

    class TimeCap(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            if time.monotonic() > end:
                control.should_save = control.should_training_stop = True
            return control

    return TimeCap()


def last_checkpoint(folder: Path) -> str | None:
    """The newest complete checkpoint: its state is written last, so one that was cut short is passed over."""
    found = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    return str(max(found, key=lambda path: int(path.name.rpartition("-")[2]))) if found else None


def fit(trainer: Any, folder: Path, name: str) -> None:
    """Trains, from the last checkpoint after an interruption; saves to `folder` and notes in out/`name`.json how it went."""
    started, checkpoint = time.monotonic(), last_checkpoint(Path(trainer.args.output_dir))
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        report(f"{name}.json", _record(trainer, time.monotonic() - started, checkpoint))


def _record(trainer: Any, seconds: float, checkpoint: str | None) -> dict[str, Any]:
    state = trainer.state
    losses = [row["loss"] for row in state.log_history if "loss" in row]
    return {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "examples": len(trainer.train_dataset),
        "steps": state.global_step,
        "steps_planned": state.max_steps,
        "stopped_by_time_cap": state.global_step < state.max_steps,
        "resumed_from": Path(checkpoint).name if checkpoint else None,
        "losses": [round(loss, 4) for loss in (losses[0], losses[-1])] if losses else [],  # first and last
        "seconds": round(seconds, 1),
        "device": str(trainer.args.device),
        "packages": _versions(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
