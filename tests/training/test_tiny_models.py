"""Each kit's smoke test with a tiny model on the processor: LoRA, QLoRA, full, preferences, encoder; interruptions and caps."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.training.kits import MARKS, PYTHON, change, environment, kit, result, run, write_rows

pytestmark = MARKS
CASES: dict[str, dict[str, Any]] = {
    "lora": {"option": "lora_open_weights", "method": "lora"},
    "qlora": {"option": "lora_open_weights", "method": "qlora"},
    "full": {"option": "continued_pretraining", "method": "full"},
    "rag": {"option": "rag_tuning", "method": "lora"},
}
SMALL = {"epochs": 6, "batch": 1, "accumulation": 1, "sequence_length": 256, "learning_rate": 0.002}


def smoke(folder: Path) -> str:
    return run(folder, "sh", "smoke.sh").stdout


@pytest.mark.parametrize("name", CASES)
def test_a_tuning_kit_goes_the_whole_way(tmp_path: Path, name: str) -> None:
    folder = kit(tmp_path / "kit", **CASES[name])
    said = smoke(folder)
    assert "Not tested: the real model, a GPU" in said
    method = CASES[name]["method"]
    made = {path.name for path in (folder / "out" / "smoke" / "model").iterdir()}
    assert ("model.safetensors" if method == "full" else "adapter_model.safetensors") in made
    assert "ref" not in made
    for part in ("training", "preferences"):
        done = result(folder, f"smoke/{part}.json")
        assert done["steps"] == done["steps_planned"]
        assert not done["stopped_by_time_cap"]
    first, last = result(folder, "smoke/training.json")["losses"]
    assert last < first
    if method != "full":
        assert same_logits(folder), "base with adapter and merged model differ"


def same_logits(folder: Path) -> bool:
    """Whether the merged model computes what the base with its adapter computes."""
    code = (
        "import sys, torch; from transformers import AutoModelForCausalLM as A; from peft import PeftModel as P; f = sys.argv[1];"
        "x = torch.tensor([[5, 9, 40, 17]]);"
        "a = P.from_pretrained(A.from_pretrained(f + '/base'), f + '/model').eval()(x).logits;"
        "b = A.from_pretrained(f + '/merged').eval()(x).logits; c = A.from_pretrained(f + '/base').eval()(x).logits;"
        "print(torch.allclose(a, b, atol=1e-4), torch.allclose(a, c, atol=1e-4))"
    )
    return run(folder, str(PYTHON), "-c", code, str(folder / "out" / "smoke")).stdout.split() == ["True", "False"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = kit(tmp_path_factory.mktemp("encoder") / "kit", "tuned_encoder", "mail")
    assert "Trained, saved, loaded, evaluated, served" in smoke(folder)
    return folder


def test_an_encoder_learns_its_examples(encoder: Path) -> None:
    """The tiny encoder starts from random weights: it can learn the examples by heart, not more."""
    code = (
        "from pipeline.encoder import predictor; from pipeline.records import examples_file, read_examples;"
        "predict = predictor(); print([predict(e.input) == e.output for e in read_examples(examples_file('examples'))].count(True))"
    )
    folder = encoder / "out" / "smoke"
    variables = {"DATA_DIR": str(folder / "data"), "MODEL_DIR": str(folder / "model")}
    assert int(run(encoder, str(PYTHON), "-c", code, **variables).stdout) >= 8  # of 9


def test_the_card_of_an_encoder(encoder: Path) -> None:
    text = (encoder / "out" / "smoke" / "model" / "README.md").read_text()
    assert 'pipeline_tag: "text-classification"' in text
    assert "| Simple baseline | 3 of 3" in text
    assert "Forgetting" not in text


@pytest.fixture
def started(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A kit with a tiny base model of its own and the variables that name it."""
    folder = kit(tmp_path / "kit", "lora_open_weights", **SMALL)
    code = (
        "from pathlib import Path; from pipeline.tiny import write_language_model;"
        "write_language_model(Path('base'), ['What is the answer? The answer is 42.'])"
    )
    run(folder, str(PYTHON), "-c", code)
    return folder, {"BASE_MODEL": str(folder / "base"), "ALLOW_CPU": "yes", "SAVE_STEPS": "2"}


def test_an_interrupted_training_goes_on(started: tuple[Path, dict[str, str]]) -> None:
    folder, variables = started
    change(folder, "training", epochs=200)
    command = [str(PYTHON), "-m", "pipeline.tune"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=folder, env=environment(folder, **variables), **quiet)  # type: ignore[call-overload]
    try:
        _wait_for_a_checkpoint(folder, process)
    finally:
        process.kill()
        process.wait()
    assert not (folder / "out" / "model").exists()
    change(folder, "training", epochs=6)
    run(folder, *command, **variables)
    found = result(folder, "training.json")
    assert found["resumed_from"].startswith("checkpoint-")
    assert found["steps"] >= int(found["resumed_from"].rpartition("-")[2])


def _wait_for_a_checkpoint(folder: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if list(folder.glob("out/checkpoints/checkpoint-*/trainer_state.json")):
            return
        assert process.poll() is None, "the training ended before it could be interrupted"
        time.sleep(0.1)
    pytest.fail("no checkpoint within a minute")


def test_a_time_cap_stops_and_saves(started: tuple[Path, dict[str, str]]) -> None:
    folder, variables = started
    change(folder, "training", max_hours=1e-6)
    run(folder, str(PYTHON), "-m", "pipeline.tune", **variables)
    found = result(folder, "training.json")
    assert (found["stopped_by_time_cap"], found["steps"], found["steps_planned"]) == (True, 1, 24)
    assert (folder / "out" / "model" / "adapter_model.safetensors").is_file()


def test_a_leak_is_refused_before_anything_is_loaded(started: tuple[Path, dict[str, str]]) -> None:
    folder, variables = started
    write_rows(folder / "data" / "examples.jsonl", [{"input": "What is it?", "output": "It is 42."}])
    write_rows(folder / "data" / "test.jsonl", [{"input": "what  IS it?", "output": "It is 42."}])
    said = run(folder, str(PYTHON), "-m", "pipeline.tune", status=1, **variables).stderr
    assert "1 test cases also stand in the training data" in said
    write_rows(folder / "data" / "test.jsonl", [{"input": "What else?", "output": "Nothing."}])
    pair = {"prompt": "what else?", "chosen": "Nothing.", "rejected": "A lot."}
    write_rows(folder / "data" / "preferences.jsonl", [pair])
    said = run(folder, str(PYTHON), "-m", "pipeline.tune", status=1, **variables).stderr
    assert "1 test cases also stand in preferences.jsonl" in said
    assert not (folder / "out").exists()


def test_a_missing_gpu_is_named(started: tuple[Path, dict[str, str]]) -> None:
    folder, variables = started
    said = run(folder, str(PYTHON), "-m", "pipeline.tune", status=1, **{**variables, "ALLOW_CPU": ""}).stderr
    assert "No GPU was found; set ALLOW_CPU=yes" in said


def test_preferences_make_the_better_answer_likelier(started: tuple[Path, dict[str, str]]) -> None:
    folder, variables = started
    change(folder, "training", preferences={"beta": 0.1, "epochs": 10, "rate_share": 1.0})
    pair = {"prompt": "What is the answer?", "chosen": "The answer is 42.", "rejected": "What is the answer?"}
    write_rows(folder / "data" / "preferences.jsonl", [pair])
    run(folder, str(PYTHON), "-m", "pipeline.tune", **variables)
    first, last = result(folder, "preferences.json")["losses"]
    assert json.dumps([first, last])
    assert last < first <= 0.7  # ln 2 where model and reference are the same
