"""`lotse decide` and `lotse recompute`, as a shell runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.commands import decide as module
from app.commands.recompute import differences
from app.domain.decision import Decision
from app.web.api.bodies import SMALL_EXAMPLE, TUNING_EXAMPLE

TERMS = ("--as-of", "2026-11-24", "--draws", "128")


def lotse(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [*arguments], input=given)


def test_one_object_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(SMALL_EXAMPLE))
    from_file = lotse("decide", str(path), *TERMS)
    from_input = lotse("decide", "-", *TERMS, given=json.dumps(SMALL_EXAMPLE))
    assert from_file.exit_code == 0, from_file.output
    assert from_file.stdout == from_input.stdout
    decision = Decision.from_json(json.loads(from_file.stdout))
    assert (decision.as_of, decision.draws, decision.seed) == ("2026-11-24", 128, 0)


def test_the_seed_is_kept(tmp_path: Path) -> None:
    found = lotse("decide", *TERMS, "--seed", "9", given=json.dumps(SMALL_EXAMPLE))
    assert json.loads(found.stdout)["seed"] == 9


@pytest.mark.parametrize("given", ['{"task_typ": "code"}', "nonsense", "", '{"task_type": "code", "examples": -1}'])
def test_a_wrong_object_is_one_sentence_and_status_1(given: str) -> None:
    found = lotse("decide", *TERMS, given=given)
    assert found.exit_code == 1
    assert found.stdout == ""
    assert found.stderr.startswith("lotse: ")
    assert "Traceback" not in found.stderr


def test_the_core_of_a_line_is_that_of_the_whole_decision() -> None:
    text = json.dumps(SMALL_EXAMPLE)
    whole = json.loads(lotse("decide", *TERMS, given=text).stdout)
    core = json.loads(lotse("decide", "--jsonl", *TERMS, given=text).stdout)
    assert (
        lotse("decide", "--jsonl", "--depth", "full", *TERMS, given=text).stdout
        == lotse("decide", *TERMS, given=text).stdout
    )
    assert core["recommended"] == whole["recommended"]
    assert [option["cost"] for option in core["options"]] == [option["cost"] for option in whole["options"]]
    assert not core["tipping_points"]


def lines_of(count: int) -> list[str]:
    """Right and wrong lines in turn."""
    right = (json.dumps(SMALL_EXAMPLE), json.dumps(TUNING_EXAMPLE), '{"task_type": "code"}')
    wrong = ('{"task_typ": "code"}', "{", "", '{"task_type": "code", "task_type": "code"}', "[1]")
    return [wrong[number % len(wrong)] if number % 7 == 3 else right[number % 3] for number in range(count)]


def check_lines(lines: list[str], output: str) -> None:
    results = [json.loads(line) for line in output.splitlines()]
    assert len(results) == len(lines)
    for number, (line, result) in enumerate(zip(lines, results, strict=True), 1):
        if number % 7 == 4:
            assert result["error"]["line"] == number
            assert result["error"]["problems"][0]["says"]
        else:
            assert result["status"], line


def test_json_lines_keep_their_order_and_go_on_after_a_bad_one() -> None:
    lines = lines_of(15)
    found = lotse("decide", "--jsonl", *TERMS, given="\n".join(lines) + "\n")
    assert found.exit_code == 1
    check_lines(lines, found.stdout)
    assert "lines that failed: 2" in found.stderr
    assert lotse("decide", "--jsonl", *TERMS, given=json.dumps(SMALL_EXAMPLE)).exit_code == 0


def test_long_inputs_run_in_several_processes_with_the_same_result(tmp_path: Path) -> None:
    lines = lines_of(module.ALONE + 3 * module.CHUNK)
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(lines))
    found = [
        subprocess.run(
            [sys.executable, "-m", "app", "decide", "--jsonl", *TERMS, "--processes", processes, str(path)],
            capture_output=True, text=True, check=False, env={**os.environ, "LOTSE_DATA_DIR": str(tmp_path)},
        )
        for processes in ("1", "2")
    ]  # fmt: skip
    assert [run.returncode for run in found] == [1, 1], found[0].stderr
    assert found[0].stdout == found[1].stdout
    check_lines(lines, found[0].stdout)
    assert "per second" not in found[0].stderr  # progress is only for terminals


def test_results_come_as_soon_as_they_are_there(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", "decide", "--jsonl", *TERMS, "--processes", "2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "LOTSE_DATA_DIR": str(tmp_path)},
    ) as run:  # fmt: skip
        assert run.stdin
        assert run.stdout
        for number in range(module.ALONE + 5):  # also once other processes have taken over
            run.stdin.write(f'{{"task_type": "code", "examples": {number}}}\n')
            run.stdin.flush()
            assert json.loads(run.stdout.readline())["status"]
        run.stdin.close()
        assert run.wait(60) == 0


def test_an_engine_defect_in_one_line_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: bytes, terms: module.Terms) -> str:
        if b"9" in text:
            raise ZeroDivisionError("nothing")
        return "{}"

    monkeypatch.setattr(module, "decide_text", broken)
    found = lotse("decide", "--jsonl", given="1\n9\n1\n")
    results = [json.loads(line) for line in found.stdout.splitlines()]
    assert [result.get("error", {}).get("code") for result in results] == [None, "internal", None]
    assert found.exit_code == 1


def test_an_overlong_line_is_refused() -> None:
    found = module.decide_line(
        module.Line(3, b" " * (module.LONGEST_LINE + 1)), module.Terms(module.datetime.now().date(), 0, 64)
    )
    assert found.failures == 1
    assert json.loads(found.text)["error"]["line"] == 3


def test_differences_name_the_place() -> None:
    found = list(differences({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}]}))
    assert found == ["decision.a[1].b: stored 2, recomputed 3", "decision.c: stored 1, recomputed null"]
