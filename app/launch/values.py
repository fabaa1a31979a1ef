"""The values that definitions and commands may name, from a spec."""

from __future__ import annotations

from typing import Any

from app.launch.catalogue import catalogue
from app.launch.spec import LaunchSpec

# Weights, gradients and optimiser are spread over the GPUs (fully sharded data parallel).
SEVERAL_GPUS = "accelerate launch --use_fsdp --fsdp_version 2 --fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP --mixed_precision bf16 --num_processes {count}"


def plain_values(spec: LaunchSpec) -> dict[str, Any]:
    """All values of a spec under the names that templates use."""
    training = spec.training
    return {
        **spec.model_dump(mode="json", exclude={"training", "cost"}),
        **({f"training_{key}": value for key, value in training.model_dump().items()} if training else {}),
        "seconds": spec.seconds,
        "minutes": spec.seconds // 60,
        "hours": spec.seconds // 3600,
        "train_command": f"timeout {spec.seconds} sh -c '{_train_command(spec)}'",
        "lora_rank": training.lora_rank if training else 0,
        "budget": spec.cost_cap or 100,
        "storage_gb": int(catalogue().caps["storage_gb"]),
    }


def service_commands(spec: LaunchSpec) -> dict[str, Any]:
    """How vLLM and the service are started side by side; a tuned model is served under the name of the launch."""
    served = spec.model_name if spec.pipeline != "encoder" else None
    local = _vllm_arguments(spec, "out") if served else []
    model = f"vllm serve {' '.join(local[1:])} & " if local else ""
    return {
        "vllm_arguments": _vllm_arguments(spec, "/out"),
        "serve_command": f"{model}python -m pipeline.service",
        "vllm": catalogue().packages["serving"][0],
    }


def _vllm_arguments(spec: LaunchSpec, folder: str) -> list[str]:
    full = spec.training is not None and spec.training.method == "full"
    arguments = ["--model", f"{folder}/model" if full else spec.model_name or "", "--port", "8000"]
    if spec.gpu_count > 1:
        arguments += ["--tensor-parallel-size", str(spec.gpu_count)]
    if full:
        return [*arguments, "--served-model-name", spec.name]
    if spec.training:
        rank = str(max(16, spec.training.lora_rank))
        arguments += ["--enable-lora", "--max-lora-rank", rank, "--lora-modules", f"{spec.name}={folder}/model"]
    return arguments


def _train_command(spec: LaunchSpec) -> str:
    """The whole run: documents taken in where there are any, measured before and after, with the model card at the end.

    The evaluation after training ends with status 0 even when the target is missed: some platforms drop what a failed run wrote.
    """
    if spec.pipeline == "encoder":
        steps = ["evaluate --rehearse", "encoder", "evaluate --tuned", "card"]
    else:
        steps = ["evaluate --base", "tune", "evaluate --tuned", "forgetting", "card"]
    if spec.pipeline == "retrieval":
        steps = ["retrieval ingest", *steps]
    spread = {"tune": SEVERAL_GPUS.format(count=spec.gpu_count)} if spec.gpu_count > 1 else {}
    return " && ".join(f"{spread.get(step, 'python')} -m pipeline.{step}" for step in steps)
