"""Estimates of size and speed: known magnitudes, directions that must hold, errors that name the mend."""

from typing import Any

import pytest

from app.domain.sizing.memory import estimate_memory
from app.domain.sizing.requests import MemoryRequest, ServingRequest, TrainingRequest, read_request
from app.domain.sizing.serving import estimate_serving
from app.domain.sizing.training import estimate_training
from app.errors import InputError
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
TRAINING: dict[str, Any] = {"params_b": 8, "method": "lora", "gpu": "H100-SXM", "train_tokens": 1e7, "seq_len": 4096, "micro_batch": 4}  # fmt: skip
SERVING: dict[str, Any] = {"params_b": 70, "gpu": "H100-SXM", "gpu_count": 2, "precision": "fp8", "input_tokens": 5000, "output_tokens": 500}  # fmt: skip


def training(**changes: Any) -> dict[str, Any]:
    return estimate_training(KNOWLEDGE, read_request(TrainingRequest, TRAINING | changes))


def memory(**request: Any) -> dict[str, Any]:
    return estimate_memory(KNOWLEDGE, read_request(MemoryRequest, request))


def serving(**changes: Any) -> dict[str, Any]:
    return estimate_serving(KNOWLEDGE, read_request(ServingRequest, SERVING | changes))


def test_bands_are_ordered() -> None:
    for result in (training(), serving(), memory(params_b=8, method="lora")):
        for band in result.values():
            if isinstance(band, dict) and "p50" in band:
                assert 0 < band["p10"] < band["p50"] < band["p90"]


def test_training_time_follows_the_work() -> None:
    once, twice = training()["gpu_hours"]["p50"], training(train_tokens=2e7)["gpu_hours"]["p50"]
    assert 1.5 * once < twice < 2 * once  # starting up takes its time once
    assert training(params_b=70)["gpu_hours"]["p50"] > 4 * once
    assert training(method="full")["gpu_hours"]["p50"] > once
    assert training(gpu="L4")["gpu_hours"]["p50"] > 3 * once


def test_examples_and_tokens_are_the_same_work() -> None:
    counted = training(train_tokens=None, examples=1000, tokens_per_example=5000, epochs=2)
    assert counted["gpu_hours"] == training(train_tokens=1e7)["gpu_hours"]


def test_more_gpus_shorten_the_wait_not_the_work() -> None:
    one, eight = training(gpu_count=1), training(gpu_count=8)
    assert one["gpu_hours"]["p50"] < eight["gpu_hours"]["p50"]
    assert eight["wall_hours"]["p50"] < one["wall_hours"]["p50"]


def test_missing_inputs_widen_the_band() -> None:
    def width(result: dict[str, Any]) -> float:
        return float(result["gpu_hours"]["p90"] / result["gpu_hours"]["p10"])

    known = training(framework="torchtune", grad_ckpt=True)
    assert width(training(seq_len=None, micro_batch=None)) > width(training()) > width(known)


def test_llama_2_70b_lora_on_8_h100_takes_about_half_an_hour() -> None:
    """MLPerf Training v4.0: 3,110 sequences of 8,192 tokens in 29 minutes of the vendor stack (not verified by MLCommons)."""
    result = training(params_b=69, train_tokens=3110 * 8192, seq_len=8192, micro_batch=1, gpu_count=8, framework="NeMo", grad_ckpt=False)  # fmt: skip
    assert 0.2 < result["wall_hours"]["p50"] < 1.2


def test_memory_of_known_magnitude() -> None:
    """Weights of 8 x 10^9 parameters: 15 GiB in 16 bit, a little over a third of that in 4 bit; adapters add little."""
    served = memory(params_b=8.03, purpose="serve", precision="bf16", seq_len=2048)
    assert served["breakdown"]["weights"] == pytest.approx(14.96, abs=0.05)
    lora, qlora = memory(params_b=8, method="lora"), memory(params_b=8, method="qlora")
    assert (
        qlora["gib_per_gpu"]["p50"]
        < lora["gib_per_gpu"]["p50"]
        < memory(params_b=8, method="full")["gib_per_gpu"]["p50"]
    )


def test_memory_grows_with_length_and_batch() -> None:
    sizes = [memory(params_b=8, method="lora", seq_len=length, batch=batch)["gib_per_gpu"]["p50"] for length, batch in ((512, 1), (2048, 1), (2048, 4))]  # fmt: skip
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_serving_70b_on_two_h100() -> None:
    """NVIDIA's measurement: 917 output tokens a second at most with 5,000 in and 500 out."""
    assert 400 < serving()["output_tokens_per_s"]["p50"] < 2000


def test_latency_limits_cost_throughput() -> None:
    speeds = [serving(scenario=name)["output_tokens_per_s"]["p50"] for name in ("interactive", "server", "offline")]
    assert speeds == sorted(speeds)


def test_total_tokens_include_the_prompt() -> None:
    result = serving()
    assert result["total_tokens_per_s"]["p50"] == pytest.approx(11 * result["output_tokens_per_s"]["p50"], rel=1e-4)


def test_gpu_names_disregard_case() -> None:
    assert training(gpu="h100-sxm") == training()


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (TRAINING | {"gpu": "H9000"}, "known are A100-40"),
        (TRAINING | {"colour": 1}, "unknown key; allowed are model"),
        (TRAINING | {"method": "magic"}, "'full', 'lora' or 'qlora'"),
        (TRAINING | {"train_tokens": None}, "examples and tokens_per_example"),
        (TRAINING | {"params_b": -1}, "greater than 0"),
        ([], "a JSON object is needed"),
    ],
)
def test_refusals_name_key_and_mend(request_: Any, named: str) -> None:
    with pytest.raises(InputError) as caught:
        estimate_training(KNOWLEDGE, read_request(TrainingRequest, request_))
    assert named in caught.value.says


def test_unknown_model_is_fine_with_its_size() -> None:
    assert memory(model="somebody/new-7b", params_b=7, method="lora")["gib_per_gpu"]["p50"] > 10
    with pytest.raises(InputError, match="params_b"):
        memory(model="somebody/new-7b", method="lora")
