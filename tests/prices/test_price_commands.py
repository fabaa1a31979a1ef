"""`lotse prices`: what it prints and with which exit status it ends."""

from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result

from app.commands.prices import command
from tests.prices.test_sources import recorded, unreachable

CLIENT = httpx2.Client


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def answering(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setattr("app.prices.web.httpx2.Client", lambda **_: CLIENT(transport=httpx2.MockTransport(answer)))  # type: ignore[arg-type]


def test_stale_prices_end_with_status_one() -> None:
    fresh, old = run("stale", "--as-of", "2025-01-01"), run("stale", "--as-of", "2027-06-01")
    assert (fresh.exit_code, old.exit_code) == (0, 1)
    assert "fx.usd" in old.output
    assert "Every price was checked in the last 30 days." in fresh.output


def test_refresh_says_what_came_of_each_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, recorded)
    result = run("refresh", "exchange_rates", "google")
    assert result.exit_code == 0
    assert "ok      exchange_rates  3 prices, new prices" in result.output
    assert "skipped google" in result.output
    assert "LOTSE_GOOGLE_API_KEY" in result.output
    assert "as on" in run("refresh", "exchange_rates").output
    answering(monkeypatch, unreachable)
    failed = run("refresh", "exchange_rates")
    assert failed.exit_code == 1
    assert "stay in force" in failed.output


def test_refresh_knows_its_sources() -> None:
    result = run("refresh", "ebc")
    assert result.exit_code == 2
    assert "exchange_rates" in result.output


def test_show_marks_own_prices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("discounts: [{keys: llm.claude-*, factor: 0.5, valid_from: 2026-01-01}]")
    monkeypatch.setenv("LOTSE_OWN_PRICES", str(own))
    assert (
        "Own price: list price with a discount"
        in run("show", "llm.claude-opus-5.input", "--as-of", "2026-11-24").output
    )
