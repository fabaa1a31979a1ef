"""Memory: each term by hand, directions that must hold, and published peaks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.sizing.architecture import Architecture, find
from app.domain.sizing.memory import estimate_memory
from app.domain.sizing.memory_terms import adapter_parameters
from app.domain.sizing.requests import MemoryRequest, read_request
from app.errors import InputError
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
VALUES = KNOWLEDGE.sizing["memory"].values
GIB = 2**30


def memory(**request: Any) -> dict[str, Any]:
    return estimate_memory(KNOWLEDGE, read_request(MemoryRequest, request))


def shape(name: str) -> Architecture:
    found = find(KNOWLEDGE, name, None, None)
    assert found is not None
    return found


def test_adapters_of_llama_2_7b_by_hand() -> None:
    """LoRA (arXiv 2106.09685) of rank 8 on all seven matrices of 32 layers: 8 x 32 x (4 x 8,192 + 3 x 15,104) = 20.0 million."""
    assert adapter_parameters(shape("Llama-2-7B"), 8) == 8 * 32 * (4 * 8192 + 3 * (4096 + 11008)) == 19_988_480


def test_grouped_heads_have_smaller_adapters() -> None:
    """Keys and values of Llama 3.1 8B are 8 heads of 128: 1,024 wide instead of 4,096."""
    assert adapter_parameters(shape("Llama-3.1-8B"), 1) == 32 * (2 * 8192 + 2 * (4096 + 1024) + 3 * (4096 + 14336))


def test_weights_by_precision() -> None:
    """16 bit: 2 bytes; 4 bit: the layers only, the two tables of 128,256 x 4,096 stay in 16 bit (QLoRA, arXiv 2305.14314)."""
    tables = 2 * 128_256 * 4096
    lora = memory(model="Llama-3.1-8B", method="lora", framework="HF")["breakdown"]["weights"]
    assert lora == pytest.approx(8.03e9 * 2 / GIB, abs=0.01)
    qlora = memory(model="Llama-3.1-8B", method="qlora", framework="HF")["breakdown"]["weights"]
    packed = ((8.03e9 - tables) * VALUES["four_bit"] + tables * 2) / GIB
    assert qlora == pytest.approx(packed + VALUES["four_bit_extra"] * 8.03, abs=0.01)


@pytest.mark.parametrize(("recipe", "each"), [("mixed", 18), ("bf16", 10), ("8bit", 6), ("in_backward", 2.4)])
def test_full_tuning_by_recipe(recipe: str, each: float) -> None:
    """ZeRO (arXiv 1910.02054): 2 + 2 + 12 bytes and more in mixed precision; torchtune's README: 2.4 with everything paged."""
    found = memory(params_b=7, method="full", optimizer=recipe, gpu_count=1)["breakdown"]["optimiser"]
    assert found == pytest.approx(7e9 * each / GIB, rel=1e-3)


def test_sharding_divides_a_fully_trained_model() -> None:
    one = memory(params_b=7, method="full", optimizer="mixed", gpu_count=1)["breakdown"]["optimiser"]
    eight = memory(params_b=7, method="full", optimizer="mixed", gpu_count=8)["breakdown"]["optimiser"]
    copied = memory(params_b=7, method="full", optimizer="mixed", gpu_count=8, sharding="ddp")["breakdown"]["optimiser"]
    assert eight == pytest.approx(one / 8, abs=0.01)
    assert copied == one


def test_activations_by_hand() -> None:
    """Llama 2 7B, 1,304 tokens, nothing recomputed: 32 x 1,304 x (8 x 4,096 + 3 x 11,008) x 2 bytes = 5.1 GiB, times the fit."""
    found = memory(model="Llama-2-7B", method="lora", seq_len=1304, batch=1, grad_ckpt=False, framework="LitGPT")
    by_hand = 32 * 1304 * (8 * 4096 + 3 * 11008) * 2 / GIB
    assert by_hand == pytest.approx(5.11, abs=0.01)
    assert found["breakdown"]["activations"] == pytest.approx(by_hand * VALUES["all_kept"], rel=1e-3)


def test_recomputation_and_chunked_loss_save() -> None:
    asked = {"model": "Llama-3.2-3B", "method": "lora", "seq_len": 4096, "batch": 4}
    kept, again = memory(**asked, framework="HF", grad_ckpt=False), memory(**asked, framework="HF", grad_ckpt=True)
    chunked = memory(**asked, framework="HF with Liger kernels", grad_ckpt=True)
    assert again["breakdown"]["activations"] < 0.5 * kept["breakdown"]["activations"]
    assert chunked["breakdown"]["loss"] < 0.3 * again["breakdown"]["loss"]


def test_cache_by_grouped_heads_by_hand() -> None:
    """Llama 3.1 8B: 2 x 32 layers x 8 heads x 128 x 2 bytes = 128 KiB for each token; 8,192 tokens: 1 GiB."""
    found = memory(model="Llama-3.1-8B", purpose="serve", precision="bf16", seq_len=8192, framework="vLLM")
    assert shape("Llama-3.1-8B").kv_bytes() == 128 * 1024
    assert found["breakdown"]["cache"] == pytest.approx(1.0, abs=0.01)


def test_latent_attention_and_windows_keep_less() -> None:
    """DeepSeek-V3 keeps 61 x 576 values a token (arXiv 2405.04434); Gemma 3 all tokens in few layers only."""
    assert shape("DeepSeek-V3").kv_bytes() == 61 * 576 * 2
    gemma = shape("gemma-3-27b")
    assert gemma.cache_bytes(32_768) < 0.3 * gemma.kv_bytes() * 32_768
    assert gemma.cache_bytes(512) == pytest.approx(gemma.kv_bytes() * 512)


@pytest.mark.parametrize(
    ("asked", "gib"),
    [
        # Qwen README, LoRA and full tuning of Qwen-7B and Qwen-1.8B on one A100; 34.1 and 40.5 GiB
        ({"model": "Qwen-7B", "method": "lora", "seq_len": 8192, "framework": "HF Trainer", "grad_ckpt": True}, 34.1),
        ({"model": "Qwen-1.8B", "method": "full", "seq_len": 2048, "framework": "HF Trainer", "grad_ckpt": True}, 40.5),
        # LitGPT resource tables: Llama 2 7B, LoRA and nf4
        ({"model": "Llama-2-7B", "method": "lora", "seq_len": 1304, "framework": "LitGPT", "grad_ckpt": False}, 19.8),
        ({"model": "Llama-2-7B", "method": "qlora", "seq_len": 1304, "framework": "LitGPT", "grad_ckpt": False}, 13.2),
    ],
)
def test_published_peaks(asked: dict[str, Any], gib: float) -> None:
    found = memory(**asked, batch=1, gpu_count=1)["gib_per_gpu"]
    assert found["p50"] == pytest.approx(gib, rel=0.15)
    assert found["p10"] < gib < found["p90"]


def test_fit_says_the_largest_batch() -> None:
    asked = {"model": "Llama-3.1-8B", "method": "qlora", "seq_len": 2048, "framework": "HF", "gpu": "RTX4090"}
    answer = memory(**asked, batch=1)
    most = answer["largest_batch"]
    assert answer["fits"] is True
    assert memory(**asked, batch=most)["fits"] is True
    assert memory(**asked, batch=most + 1)["fits"] is False


def test_what_does_not_fit_is_answered_with_what_does() -> None:
    answer = memory(model="Llama-3.1-70B", purpose="serve", precision="bf16", gpu="L40S", gpu_count=1)
    assert answer["fits"] is False
    assert "48 GiB" in answer["why"]
    count = answer["smallest"]["gpu_count"]
    assert memory(model="Llama-3.1-70B", purpose="serve", precision="bf16", gpu="L40S", gpu_count=count)["fits"] is True


def test_nothing_fits_a_model_without_end() -> None:
    answer = memory(params_b=100_000, method="full", optimizer="mixed", gpu="T4", seq_len=131072)
    assert answer["fits"] is False
    assert answer["smallest"] is None


def test_unknown_gpu_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="A100-40, A100-80"):
        memory(params_b=8, method="lora", gpu="H9000")


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["full", "lora", "qlora", None]), st.floats(0.1, 400), st.integers(1, 256), st.integers(1, 8),
    st.sampled_from(["torchtune", "HF", "ms-swift", "LitGPT", "Unsloth", None]), st.booleans(), st.integers(64, 32768),
)  # fmt: skip
def test_a_larger_batch_never_needs_less(
    method: str | None, size: float, batch: int, times: int, framework: str | None, recompute: bool, length: int
) -> None:
    asked = {"params_b": size, "method": method, "framework": framework, "grad_ckpt": recompute, "seq_len": length}
    small, large = (memory(**asked, batch=number)["gib_per_gpu"] for number in (batch, batch * times))
    assert large["p50"] >= small["p50"]
    assert small["p10"] <= small["p50"] <= small["p90"]
