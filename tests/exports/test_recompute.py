"""A report of the past comes out the same, byte for byte; a changed one is noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.cli import main
from app.store.models import Report
from app.web.api.bodies import TUNING_EXAMPLE
from app.web.services import Services


@pytest.fixture
def report_id(client: TestClient) -> str:
    token = client.post("/api/v1/assessments", json=TUNING_EXAMPLE).json()["token"]
    return str(client.post(f"/api/v1/assessments/{token}/reports").json()["id"])


@pytest.fixture
def recompute(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    url = services.database.url.render_as_string(hide_password=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("app.settings.Settings.database", property(lambda self: url))

    def run(name: str) -> Result:
        return CliRunner().invoke(main, ["recompute", name])

    return run


def public_id(services: Services) -> str:
    with services.database.session() as session:
        return session.query(Report).one().public_id


def test_by_every_name_of_it(recompute: Any, services: Services, report_id: str) -> None:
    name = public_id(services)
    for given in (report_id, name, name[:8], "1", f"https://lotse.example.org/de/r/{report_id}"):
        found = recompute(given)
        assert found.exit_code == 0, (given, found.output)
        assert found.output.startswith("equal: ")


def test_an_id_may_begin_with_a_dash(recompute: Any, services: Services, report_id: str) -> None:
    name = "-Hx--" + public_id(services)[5:]
    with services.database.session(write=True) as session:
        session.execute(update(Report).values(public_id=name))
    found = recompute(name)
    assert found.exit_code == 0, found.output


def test_from_an_exported_file(recompute: Any, client: TestClient, report_id: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(client.get(f"/de/r/{report_id}.json").content)
    found = recompute(str(path))
    assert found.exit_code == 0, found.output
    data = json.loads(path.read_text())
    data["decision"]["seed"] = 5
    path.write_text(json.dumps(data))
    assert recompute(str(path)).exit_code == 1


def test_a_changed_report_is_noticed(recompute: Any, services: Services, report_id: str) -> None:
    with services.database.session(write=True) as session:
        report = session.query(Report).one()
        changed = json.loads(report.decision_json)
        changed["recommended"]["confidence"] = 0.5
        session.execute(update(Report).values(decision_json=json.dumps(changed)))
    found = recompute(report_id)
    assert found.exit_code == 1
    assert "NOT equal" in found.output
    assert "decision.recommended.confidence: stored 0.5" in found.output


@pytest.mark.parametrize("name", ["nonsense", "99", "AAAAAAAA", f"{'x' * 43}~1"])
def test_an_unknown_name_is_one_sentence(recompute: Any, report_id: str, name: str) -> None:
    found = recompute(name)
    assert found.exit_code == 1
    assert found.output.startswith("lotse: There is no")
