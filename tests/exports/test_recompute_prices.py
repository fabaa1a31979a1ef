"""A report keeps the prices it was made with, whatever is fetched or agreed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.prices import price_book
from app.web.services import Services
from tests.exports.test_recompute import public_id, recompute, report_id
from tests.prices.test_sources import asked

__all__ = ["recompute", "report_id"]  # fixtures


def test_prices_fetched_later_change_no_report(
    recompute: Any, services: Services, report_id: str, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    before = price_book(services.knowledge, today, tmp_path)
    asked(tmp_path, today=today)
    assert price_book(services.knowledge, today, tmp_path).hash != before.hash
    found = recompute(public_id(services))
    assert found.exit_code == 0, found.output
    assert found.output.startswith("equal: ")


def test_own_prices_agreed_later_change_no_report(
    recompute: Any,
    services: Services,
    report_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("discounts: [{keys: 'llm.*', factor: 0.5, valid_from: 2020-01-01}]")
    monkeypatch.setenv("LOTSE_OWN_PRICES", str(own))
    assert recompute(public_id(services)).output.startswith("equal: ")
