"""`lotse kit`, and kits of real decisions: those of the example assessments."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.commands.kit import PLATFORMS
from app.domain.answers import read_answers
from app.domain.decide import decide
from app.knowledge import load_knowledge
from app.launch.kit import kit_files
from app.launch.launching import platform_row
from app.launch.planning import Advice, Choice
from app.launch.platform import platforms
from app.launch.spec import LaunchSpec
from app.prices import price_book
from tests.launch.sample import DAY

EXAMPLES = tuple(load_knowledge().examples)


@cache
def real_advice(example: str) -> Advice:
    knowledge = load_knowledge()
    answers = read_answers(knowledge.examples[example].answers)
    return Advice(decide(answers, knowledge, price_book(knowledge, DAY), DAY, draws=256), answers, knowledge)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_feasible_option_of_every_example_gets_its_kits(example: str) -> None:
    case, offered = real_advice(example), set()
    for option in [item for item in case.decision.options if item.feasible]:
        for place in platforms().values():
            row = platform_row(place, case, Choice(option.option, "de", DAY))
            if row.standing != "off":
                assert row.spec
                files = kit_files(place, row.spec, case.decision)
                assert LaunchSpec.model_validate_json(files["launch.json"]) == row.spec
                offered.add(option.option)
    assert case.decision.recommended.option in offered


def test_a_run_is_capped_by_the_report_and_never_by_nothing() -> None:
    seen = 0
    for example in EXAMPLES:
        case = real_advice(example)
        for option in [item for item in case.decision.options if item.feasible]:
            for place in platforms().values():
                spec = platform_row(place, case, Choice(option.option, "en", DAY)).spec
                if spec and spec.training:
                    seen += 1
                    assert spec.training.max_hours >= 1
                    assert spec.cost is None or (spec.cost_cap and spec.cost.p90 <= spec.cost_cap)
    assert seen > 10


def run(
    tmp_path: Path, *arguments: str, answers: str = '{"task_type": "document_qa", "knowledge_size": "large"}'
) -> tuple[int, str, Path]:
    """The command with answers from a file."""
    file, out = tmp_path / "answers.json", tmp_path / "kit"
    file.write_text(answers)
    result = CliRunner().invoke(main, ["kit", str(file), "--out", str(out), "--as-of", "2026-11-24", *arguments])
    return result.exit_code, result.output, out


def test_the_command_writes_a_kit_that_says_how_to_begin(tmp_path: Path) -> None:
    status, output, out = run(tmp_path, "--platform", "azure", "--option", "rag", "--lang", "de")
    assert (status, "smoke.sh" in output) == (0, True)
    assert (out / "README.md").read_text().startswith("# Startpaket lotse-")
    assert (out / "run.sh").stat().st_mode & 0o111
    assert set(json.loads((out / "manifest.json").read_text())["files"]) | {"manifest.json"} == {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--platform", "nowhere"], "is not one of"),
        (["--platform", "azure", "--option", "nothing"], "no such option"),
        (["--platform", "openai", "--option", "lora_open_weights"], "does not offer this option"),
    ],
)
def test_the_command_says_why_there_is_no_kit(tmp_path: Path, arguments: list[str], says: str) -> None:
    status, output, out = run(tmp_path, *arguments)
    assert status != 0
    assert says in output
    assert not out.exists()


def test_the_command_never_writes_over_a_folder(tmp_path: Path) -> None:
    assert run(tmp_path, "--platform", "azure", "--option", "rag")[0] == 0
    status, output, _ = run(tmp_path, "--platform", "azure", "--option", "rag")
    assert status != 0
    assert "is not empty" in output


def test_every_platform_can_be_named() -> None:
    assert set(PLATFORMS) == set(platforms())
