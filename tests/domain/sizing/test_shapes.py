"""Shapes of models and classes of software: the data agree with themselves, names are found as people write them."""

import pytest

from app.domain.sizing.architecture import estimated, find, from_architecture
from app.domain.sizing.items import ModelArchitecture
from app.domain.sizing.stacks import stack_of
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
SHAPES = sorted(KNOWLEDGE.architectures.values(), key=lambda item: item.id)
WITH_EYES = {"gemma-3-4b", "gemma-3-12b"}  # part of the parameters sees pictures
LATENT_QUERY, LATENT_HEAD = 1536, 128  # DeepSeek-V3: rank of queries, width of a head without position


def attention(item: ModelArchitecture) -> int:
    """Parameters of the attention of a layer."""
    width = item.heads * item.head_size
    if not item.kv_rank:
        return 2 * item.hidden * width + 2 * item.hidden * item.kv_heads * item.head_size
    queries = item.hidden * width if item.hidden <= 2048 else LATENT_QUERY * (item.hidden + width)
    return queries + item.hidden * item.kv_rank + 512 * item.heads * 256 + item.heads * LATENT_HEAD * item.hidden


def counted(item: ModelArchitecture) -> float:
    """Parameters in thousand millions, counted from the shape."""
    sparse = item.expert_layers or 0
    experts = (item.experts or 0) * (item.expert_ffn or 0) + item.shared_ffn
    dense = (item.layers - sparse) * item.matrices * item.hidden * item.ffn
    table = item.vocabulary * item.hidden * (1 if item.tied else 2)
    return (
        table + item.layers * attention(item) + dense + sparse * item.hidden * (3 * experts + (item.experts or 0))
    ) / 1e9


@pytest.mark.parametrize("item", SHAPES, ids=lambda item: item.id)
def test_parameters_follow_from_the_shape(item: ModelArchitecture) -> None:
    """A slip in a configuration would show: layers, widths and vocabulary multiply to the published size within 2 %."""
    assert counted(item) == pytest.approx(item.params_b, rel=0.12 if item.id in WITH_EYES else 0.02)


def test_there_are_many_and_each_has_a_source() -> None:
    assert len(SHAPES) >= 60
    assert all(item.sources and item.sources[0].url for item in SHAPES)


def test_names_are_unique() -> None:
    names = [name for item in SHAPES for name in item.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("meta-llama/Llama-2-7b-hf", "llama-2-7b"), ("Llama-3.3-70B", "llama-3.1-70b"), ("Llama 3.1 8B Instruct", "llama-3.1-8b"),
        ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b"), ("qwen1half-7b-chat-awq", "qwen-7b"), ("DeepSeek-R1", "deepseek-v3"),
        ("google/gemma-2-9b-it", "gemma-2-9b"), ("Llama-4-Scout-17B-16E-Instruct-FP8-dynamic", "llama-4-scout"), ("MISTRAL-7B-V0.2", "mistral-7b"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(written: str, known: str) -> None:
    assert find(KNOWLEDGE, written, None, None) == from_architecture(KNOWLEDGE.architectures[known])


def test_a_size_that_contradicts_the_name_wins() -> None:
    found = find(KNOWLEDGE, "Llama-2-7B", 70, None)
    assert found == estimated(70)
    assert find(KNOWLEDGE, "no such model", None, None) is None


def test_an_unknown_model_has_a_usual_shape() -> None:
    shape = estimated(7.0)
    assert (shape.layers, shape.hidden, shape.head_size) == (32, 4096, 128)
    assert estimated(70).layers > 60
    assert not shape.known


@pytest.mark.parametrize(
    ("text", "stack"),
    [
        ("NVIDIA NeMo Framework Release 25.04", "vendor"), ("NGC PyTorch Release 24.01 Deepspeed N8", "deepspeed"), ("PyTorch 2.6.0, ROCm 6.4", "vendor"),
        ("torchtune 0.5 (PyTorch)", "torchtune"), ("LLaMA-Factory with Unsloth", "unsloth"), ("HF Trainer, CUDA 11.8, PyTorch 2.0", "trainer"),
        ("MosaicML LLM Foundry (FSDP)", "fsdp"), ("ms-swift, torch 2.1.1", "swift"), ("axolotl", "axolotl"), ("LitGPT llama-2-7b/lora.yaml", "litgpt"),
        ("maxtext", "maxtext"), ("HF PEFT method_comparison", "peft"), ("PyTorch", "pytorch"), ("my own code", "unknown"), ("", "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_free_text_of_training_software(text: str | None, stack: str) -> None:
    assert stack_of(KNOWLEDGE, text).id == stack


@pytest.mark.parametrize(
    ("text", "stack"),
    [("TensorRT 10.11, CUDA 12.9", "tensorrt"), ("TensorRT 10.2.0, CUDA 12.4", "tensorrt_2024"), ("TensorRT-LLM 1.0", "tensorrt_llm"), ("vLLM 0.6.3 (torch 2.1.0)", "paged"), ("SGLang", "paged"), ("Transformers 4.46", "plain"), (None, "paged")],
)  # fmt: skip
def test_free_text_of_engines(text: str | None, stack: str) -> None:
    assert stack_of(KNOWLEDGE, text, "serving").id == stack


def test_every_family_has_constants() -> None:
    efficiencies = KNOWLEDGE.sizing["training"].values
    for stack in KNOWLEDGE.stacks.values():
        if stack.kind == "training":
            assert f"efficiency.{stack.id}" in efficiencies or f"efficiency.{stack.family}" in efficiencies, stack.id
