"""The prompt optimiser: better prompts are found, the test part stays unseen, nothing is kept that is not better."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.launch.pipeline import optimise, prompts
from app.launch.pipeline.records import Example
from app.launch.pipeline.setup import SetupError
from tests.retrieval.kits import config_of


def test_the_optimiser_finds_the_better_prompt_and_leaves_the_test_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of("google", "prompting", "mail")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PROMPT_FILE", str(tmp_path / "prompt.json"))
    (tmp_path / "instructions.txt").write_text("The magic instruction.\n\n")
    train = [Example(f"Fall {number}", "A" if number % 2 else "B") for number in range(80)]
    expected = {item.input: item.output for item in train}
    asked: set[str] = set()

    def ask(messages: list[dict[str, str]]) -> str:
        question = messages[-1]["content"]
        asked.add(question)
        magic = "magic" in messages[0]["content"]
        return expected[question] if magic or int(question.split()[1]) % 3 == 0 else "?"

    result = optimise.optimise(config, train, ask, 400)
    assert result["plan"]["instruction"] == "The magic instruction."
    assert result["calls"] <= 400
    assert result["before"]["right"] < result["after"]["right"] == result["after"]["cases"]
    assert result["after"]["low"] > 0.5
    assert asked <= set(expected)
    (tmp_path / "prompt.json").write_text(json.dumps(result))
    assert prompts.PromptSet(config, train, ask).messages("Fall 3")[0]["content"] == "The magic instruction."


def test_the_optimiser_keeps_the_first_prompt_where_nothing_is_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of("google", "prompting", "mail")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    train = [Example(f"Fall {number}", "A" if number % 2 else "B") for number in range(80)]
    result = optimise.optimise(config, train, lambda _: "A", 400)
    assert result["changed"] is False
    with pytest.raises(SetupError, match="too few"):
        optimise.optimise(config, train[:10], lambda _: "A", 400)
    with pytest.raises(SetupError, match="calls are too few"):
        optimise.optimise(config, train, lambda _: "A", 20)


def test_a_broken_optimised_prompt_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPT_FILE", str(tmp_path / "prompt.json"))
    (tmp_path / "prompt.json").write_text("{}")
    with pytest.raises(SetupError, match=r"prompt\.json"):
        prompts.current_plan(config_of("google", "prompting", "mail"), [Example("a", "b")])
