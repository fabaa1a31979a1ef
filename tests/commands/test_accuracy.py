"""`lotse accuracy`: text, JSON, publishing, and status 1 when a figure is worse than published."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.accuracy import compute, scorecard
from app.accuracy.scorecard import Scorecard, as_text, stored
from app.accuracy.text import markdown
from app.commands import accuracy


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Scorecard]:
    """What the computation gives (tests/accuracy tries the real one); files go to a folder of the test."""
    result = [stored()]
    monkeypatch.setattr(compute, "scorecard", lambda *_: result[-1])
    monkeypatch.setattr(scorecard, "STORED", tmp_path / "scorecard.json")
    monkeypatch.setattr(accuracy, "DOCUMENT", tmp_path / "accuracy.md")
    (tmp_path / "scorecard.json").write_text(as_text(stored()))
    return result


def _worse(card: Scorecard) -> Scorecard:
    slow = card.quantities[2].model_copy(update={"fold_median_of_sources": 9.0})
    return card.model_copy(update={"quantities": [*card.quantities[:2], slow]})


def test_text_names_each_quantity_and_way(computed: list[Scorecard]) -> None:
    result = CliRunner().invoke(accuracy.command, [])
    assert result.exit_code == 0
    assert all(
        word in result.output for word in ("training", "memory", "serving", "Lotse", "Microsoft", "Calibration error")
    )


def test_json_can_be_read_back(computed: list[Scorecard]) -> None:
    result = CliRunner().invoke(accuracy.command, ["--json", "--as-of", "2026-11-24"])
    assert Scorecard.model_validate_json(result.stdout) == computed[-1]


def test_a_loss_ends_with_status_1_and_says_what(computed: list[Scorecard]) -> None:
    computed.append(_worse(stored()))
    result = CliRunner().invoke(accuracy.command, [])
    assert result.exit_code == 1
    assert "worse than published: serving fold_median_of_sources" in result.stderr


def test_publishing_rewrites_both_files(computed: list[Scorecard], tmp_path: Path) -> None:
    computed.append(_worse(stored()))
    assert CliRunner().invoke(accuracy.command, ["--write"]).exit_code == 0
    assert (tmp_path / "accuracy.md").read_text() == markdown(computed[-1])
    assert (tmp_path / "scorecard.json").read_text() == as_text(computed[-1])
