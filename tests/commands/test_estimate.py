"""The command line of estimates, prices and the knowledge base."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from app.cli import main

GOOD = '{"params_b": 8, "method": "lora", "gpu": "h100-sxm", "train_tokens": 10000000, "framework": null}'


def run(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=text)


def test_one_object() -> None:
    result = run("estimate", "training", text=GOOD)
    assert result.exit_code == 0
    assert set(json.loads(result.stdout)) >= {"gpu_hours", "wall_hours", "tokens_per_s_per_gpu", "fits"}


def test_lines_keep_their_order_and_a_bad_one_stands_alone() -> None:
    result = run("estimate", "training", "--jsonl", text=f'{GOOD}\nnot json\n{{"gpu": "x"}}\n\n{GOOD}\n')
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert ["error" in line for line in lines] == [False, True, True, True, False]
    assert lines[0] == lines[4]
    assert lines[2]["error"]["line"] == 3
    assert "4 lines" not in result.stderr
    assert "3 lines failed" in result.stderr


def test_unknown_gpu_is_refused_with_the_list() -> None:
    result = run("estimate", "serving", text='{"params_b": 8, "gpu": "H9000"}')
    assert result.exit_code == 1
    assert "A100-40, A100-80" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_impossible_in_plain_words() -> None:
    """70 x 10^9 parameters, all of them trained, on one card of 24 GB."""
    asked = '{"params_b": 70, "method": "full", "gpu": "RTX4090", "gpu_count": 1, "train_tokens": 10000000}'
    told = run("estimate", "training", "--text", text=asked).stdout
    assert told.startswith("Does not fit: needs about")
    assert "Would work: 8 x RTX4090 with qlora." in told
    answer = json.loads(run("estimate", "training", text=asked).stdout)
    assert answer["fits"] is False
    assert answer["gpu_hours"]["p50"] > 0


def test_memory_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ask.json"
    file.write_text('{"model": "qwen3-8b", "purpose": "serve"}')
    answer = json.loads(run("estimate", "memory", str(file)).stdout)
    assert answer["gib_per_gpu"]["p50"] > 15
    assert "weights" in answer["breakdown"]


def test_prices_of_a_day() -> None:
    shown = run("prices", "show", "llm.gpt-6-luna", "--as-of", "2026-11-24")
    assert "llm.gpt-6-luna.input  0.1 USD per 1M tokens (world)  checked 2026-11-23" in shown.stdout
    book = json.loads(run("prices", "show", "--json", "--as-of", "2026-11-24").stdout)
    assert book["as_of"] == "2026-11-24"


def test_stale_prices_are_named() -> None:
    shown = run("prices", "stale", "--as-of", "2026-11-24").stdout
    assert "fx.usd" in shown
    assert "llm.gpt-6-luna.input" not in shown
    assert "llm.gpt-6-luna.input" in run("prices", "stale", "--as-of", "2027-02-01").stdout


def test_knowledge_is_checked(tmp_path: Path) -> None:
    assert "is sound" in run("knowledge", "check").stdout
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "E1.yaml").write_text("id: E2\n")
    result = run("knowledge", "check", str(tmp_path))
    assert result.exit_code == 1
    assert "evidence/E1.yaml" in result.stderr
