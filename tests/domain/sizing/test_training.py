"""Speed and hours of training: hand-worked examples, and directions that must hold whatever is asked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.sizing.architecture import estimated, find
from app.domain.sizing.requests import TrainingRequest, read_request
from app.domain.sizing.training import estimate_training, start_hours
from app.domain.sizing.training_speed import Setup, flop_per_token, passes
from app.errors import InputError
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
ASKED: dict[str, Any] = {"model": "Llama-3.1-8B", "params_b": 8.03, "method": "lora", "gpu": "A100-80", "train_tokens": 1e7, "seq_len": 2048, "micro_batch": 2, "framework": "HF TRL"}  # fmt: skip
METHODS = st.sampled_from(["full", "lora", "qlora"])
GPUS = st.sampled_from(sorted(KNOWLEDGE.gpus))
STACKS = st.sampled_from(["NeMo", "torchtune", "Unsloth", "HF Trainer", "LLM Foundry (FSDP)", "DeepSpeed", "axolotl", None, "something new"])  # fmt: skip
SIZES = st.floats(0.1, 700)


def training(**changes: Any) -> dict[str, Any]:
    return estimate_training(KNOWLEDGE, read_request(TrainingRequest, ASKED | changes))


def test_passes_of_a_step() -> None:
    """Forward 1, backward 2; 1 when the weights are frozen (LoRA, arXiv 2106.09685); recomputation nearly 1 more."""
    again = KNOWLEDGE.sizing["training"].values["recompute"]
    assert passes(KNOWLEDGE, Setup("full", recompute=False)) == 3
    assert passes(KNOWLEDGE, Setup("lora", recompute=False)) == 2
    assert passes(KNOWLEDGE, Setup("qlora", recompute=True)) == pytest.approx(2 + again)
    assert 0.7 < again < 1.05


def test_operations_of_llama_2_7b_by_hand() -> None:
    """6 N D (Kaplan, arXiv 2001.08361): N = 6.738e9 less the embedding of 32,000 x 4,096 that is looked up.

    Attention of 2,048 causal tokens: 3 x 2 x 32 layers x 2,048 x 4,096 (PaLM, arXiv 2204.02311, halved: causal).
    """
    shape = find(KNOWLEDGE, "Llama-2-7B", None, None)
    assert shape is not None
    matrices, attention = flop_per_token(KNOWLEDGE, shape, Setup("full", 2048, recompute=False))
    assert matrices == pytest.approx(6 * (6.738e9 - 32_000 * 4_096))
    assert attention == pytest.approx(3 * 2 * 32 * 2048 * 4096)


def test_llama_2_70b_lora_on_8_h100_as_in_mlperf() -> None:
    """MLPerf Training v4.1: about 2,200 tokens a second and GPU with NeMo (recomputed from logs, not verified by MLCommons)."""
    speed = training(model="Llama-2-70B", params_b=69, gpu="H100-SXM", gpu_count=8, seq_len=8192, micro_batch=None, framework="NVIDIA NeMo", grad_ckpt=None)  # fmt: skip
    assert speed["tokens_per_s_per_gpu"]["p50"] == pytest.approx(2200, rel=0.15)


def test_the_stack_matters_more_than_the_gpu() -> None:
    """Same job on 8 x H100: 27 to 29 minutes with the vendor's stack, 116 with the DeepSpeed reference stack (MLPerf)."""
    job = {"model": "Llama-2-70B", "params_b": 69, "gpu": "H100-SXM", "gpu_count": 8, "seq_len": 8192, "micro_batch": 1}
    vendor, reference = training(**job, framework="NeMo"), training(**job, framework="DeepSpeed ZeRO-3")
    assert vendor["tokens_per_s_per_gpu"]["p50"] > 2 * reference["tokens_per_s_per_gpu"]["p50"]


def test_small_micro_batches_waste_the_gpu() -> None:
    """Qwen's README, 1.8 B on one A100: 2,048 tokens/s with 256 tokens a step, 9,638 with 2,048."""
    small, large = (training(model="Qwen-1.8B", params_b=1.84, seq_len=length, micro_batch=1)["tokens_per_s_per_gpu"]["p50"] for length in (256, 2048))  # fmt: skip
    assert large > 3 * small


def test_frozen_weights_save_a_third_and_four_bits_cost_unpacking() -> None:
    full, lora, qlora = (training(method=name)["tokens_per_s_per_gpu"]["p50"] for name in ("full", "lora", "qlora"))
    assert full < lora
    assert qlora < lora


def test_a_short_run_of_ones_own_takes_over() -> None:
    """Ten minutes at 1,500 tokens a second: the estimate moves there and its band narrows."""
    before, after = training(), training(timing_tokens=900_000, timing_seconds=600)
    own, stated = after["tokens_per_s_per_gpu"], before["tokens_per_s_per_gpu"]
    assert after["recalibrated"]
    assert not before["recalibrated"]
    assert abs(own["p50"] - 1500) < abs(stated["p50"] - 1500)
    assert own["p90"] / own["p10"] < stated["p90"] / stated["p10"]


def test_wall_time_holds_start_and_evaluation() -> None:
    """1e7 tokens at s tokens a second, 5 % for evaluation, and the start: 16 GB of weights at 1 GB a second and 4 minutes."""
    result = training()
    values = KNOWLEDGE.sizing["training"].values
    shape = find(KNOWLEDGE, "Llama-3.1-8B", None, None)
    assert shape is not None
    assert start_hours(KNOWLEDGE, shape) == pytest.approx(
        values["start_minutes"] / 60 + 8.03 * 2 / values["load_gb_s"] / 3600
    )
    computed = 1e7 / result["tokens_per_s_per_gpu"]["p50"] / 3600 * (1 + values["evaluation"])
    assert result["wall_hours"]["p50"] == pytest.approx(computed + start_hours(KNOWLEDGE, shape), rel=1e-3)


def test_the_impossible_is_answered_with_what_works() -> None:
    """70 x 10^9 parameters at some 14 bytes each are 900 GiB; one RTX 4090 has 24."""
    result = training(model="Llama-3.1-70B", params_b=70, method="full", gpu="RTX4090", gpu_count=1, framework=None)
    assert result["fits"] is False
    assert "RTX4090 has 24 GiB" in result["why"]
    assert result["smallest"]["gpu_count"] >= 32
    assert [item["method"] for item in result["smallest"]["alternatives"]] == ["lora", "qlora"]
    assert 0 < result["gpu_hours"]["p10"] < result["gpu_hours"]["p50"] < result["gpu_hours"]["p90"]
    assert training(method="qlora", gpu="RTX4090")["fits"] is True


@settings(max_examples=60, deadline=None)
@given(METHODS, GPUS, STACKS, SIZES, st.floats(1e5, 1e10), st.floats(1.0, 50))
def test_more_tokens_never_take_fewer_hours(method: str, gpu: str, stack: str | None, size: float, tokens: float, more: float) -> None:  # fmt: skip
    asked = {"model": None, "params_b": size, "method": method, "gpu": gpu, "framework": stack}
    once, again = training(**asked, train_tokens=tokens), training(**asked, train_tokens=tokens * more)
    for key in ("gpu_hours", "wall_hours"):
        assert again[key]["p50"] >= once[key]["p50"]
        assert once[key]["p10"] <= once[key]["p50"] <= once[key]["p90"]


@settings(max_examples=60, deadline=None)
@given(METHODS, GPUS, STACKS, SIZES, st.integers(1, 64), st.integers(2, 16), st.integers(128, 8192))
def test_more_gpus_never_take_longer(method: str, gpu: str, stack: str | None, size: float, count: int, times: int, length: int) -> None:  # fmt: skip
    asked = {
        "model": None,
        "params_b": size,
        "method": method,
        "gpu": gpu,
        "framework": stack,
        "seq_len": length,
        "train_tokens": 1e8,
    }
    few, many = (training(**asked, gpu_count=number)["wall_hours"]["p50"] for number in (count, count * times))
    assert many <= few * (1 + 1e-9) + start_hours(KNOWLEDGE, estimated(size))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(["seq_len", "micro_batch", "grad_ckpt", "packed", "framework", "lora_rank", "model", "gpu_count"])))  # fmt: skip
def test_whatever_is_missing_is_null_or_left_out(gone: set[str]) -> None:
    asked = {key: value for key, value in ASKED.items() if key not in gone}
    left_out = estimate_training(KNOWLEDGE, read_request(TrainingRequest, asked))
    null = estimate_training(KNOWLEDGE, read_request(TrainingRequest, asked | dict.fromkeys(gone)))
    assert left_out == null


def test_half_a_timing_run_is_refused() -> None:
    with pytest.raises(InputError, match="together"):
        training(timing_tokens=1000)


def test_part_of_a_gpu_is_refused() -> None:
    with pytest.raises(InputError, match="gpu_count"):
        training(gpu_count=0.5)
