"""Whole answer sets of invented organisations: what a good adviser would say, and what it may cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.knowledge.yaml_files import read_yaml
from tests.domain.engine import decided

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_advice(file: Path) -> None:
    persona = read_yaml(file, file.name)
    expected = persona["expected"]
    decision = decided(persona["answers"], draws=1024)
    assert decision.status == expected["status"]
    assert decision.recommended.option == expected["option"]
    assert decision.recommended.hosting == expected["hosting"]
    assert decision.recommended.why
    if "total_cost" in expected:
        cost = decision.option(expected["option"]).cost
        assert cost is not None
        low, high = expected["total_cost"]
        assert low <= cost.total.p50 <= high
