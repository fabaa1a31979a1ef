"""The programming interface: its examples work, its errors name the mistake, its description is true."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.domain.answers import KEYS
from app.domain.decision import Decision
from app.web.api.bodies import EXAMPLES, SMALL_EXAMPLE

API = "/api/v1"


@pytest.fixture
def token(client: TestClient) -> str:
    return str(client.post(f"{API}/assessments", json=SMALL_EXAMPLE).json()["token"])


def description(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{API}/openapi.json").json()
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_bodies_are_decided(client: TestClient, name: str) -> None:
    answer = client.post(f"{API}/decisions?as_of=2026-11-24&seed=7&draws=256", json=EXAMPLES[name]["value"])
    assert answer.status_code == 200, answer.text[:400]
    decision = Decision.from_json(answer.json())
    assert (decision.seed, decision.as_of, decision.draws) == (7, "2026-11-24", 256)
    again = client.post(f"{API}/decisions?as_of=2026-11-24&seed=7&draws=256", json=EXAMPLES[name]["value"])
    assert again.content == answer.content


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_bodies_make_assessments(client: TestClient, name: str) -> None:
    answer = client.post(f"{API}/assessments", json=EXAMPLES[name]["value"])
    assert answer.status_code == 201
    assert answer.json()["answers"] == EXAMPLES[name]["value"]
    wrapped = client.post(f"{API}/assessments", json={"answers": EXAMPLES[name]["value"]})
    assert wrapped.json()["answers"] == EXAMPLES[name]["value"]


def test_every_example_of_the_description_is_one_of_these(client: TestClient, token: str) -> None:
    report = client.post(f"{API}/assessments/{token}/reports").json()["id"]
    for path, methods in description(client)["paths"].items():
        for method, details in methods.items():
            body = details.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in body.get("examples", {}).values():
                address = path.replace("{token}", token).replace("{id}", report)
                assert client.request(method, address, json=example["value"]).is_success, (method, path)


def test_the_description_covers_the_interface(client: TestClient) -> None:
    paths = description(client)["paths"]
    assert all(path.startswith(API) for path in paths)
    operations = {f"{method} {path.removeprefix(API)}" for path, methods in paths.items() for method in methods}
    assert operations >= {
        "post /decisions", "post /assessments", "get /assessments/{token}", "patch /assessments/{token}",
        "delete /assessments/{token}", "post /assessments/{token}/reports", "get /reports/{id}",
        "get /reports/{id}.pdf", "get /reports/{id}.xlsx", "get /reports/{id}.csv",
    }  # fmt: skip
    schema = paths[f"{API}/decisions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == set(KEYS)
    for methods in paths.values():
        for details in methods.values():
            assert details["summary"]
            assert details["description"]
            assert any(code.startswith("2") for code in details["responses"])


@pytest.mark.parametrize(
    ("body", "key", "says"),
    [
        ({"task_typ": "code", "task_type": "code"}, "task_typ", "unknown key"),
        ({"task_type": "cod"}, "task_type", "'classification'"),
        ({}, "task_type", "required"),
        ({"task_type": "code", "budget_once": -1}, "budget_once", "greater than or equal to 0"),
        ({"task_type": "code", "examples": "40"}, "examples", "integer"),
        ({"task_type": "code", "failure_causes": {"format": 0.4}}, "failure_causes", "sum to 1"),
        ([], "", "JSON object"),
    ],
)
def test_a_wrong_answer_is_named(client: TestClient, body: Any, key: str, says: str) -> None:
    for path in ("decisions", "assessments"):
        answer = client.post(f"{API}/{path}", json=body)
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert error["code"] == "invalid_input"
        assert error["problems"][0]["key"] == key
        assert says in error["problems"][0]["says"]


@pytest.mark.parametrize("body", ['{"task_type": "code", "examples": NaN}', '{"a": 1, "a": 2}', "[" * 9999, "", "\xff"])
def test_a_body_that_is_no_json_is_refused(client: TestClient, body: str) -> None:
    answer = client.post(f"{API}/decisions", content=body.encode("latin-1"))
    assert answer.status_code == 422
    assert "not valid JSON" in answer.json()["error"]["message"]


@pytest.mark.parametrize("query", ["as_of=2026-13-01", "as_of=1999-01-01", "seed=-1", "draws=1", "draws=1000000"])
def test_a_wrong_parameter_is_named(client: TestClient, query: str) -> None:
    answer = client.post(f"{API}/decisions?{query}", json=SMALL_EXAMPLE)
    assert answer.status_code == 422
    assert answer.json()["error"]["problems"][0]["key"] == query.partition("=")[0]


def test_an_oversized_body_is_refused(client: TestClient) -> None:
    answer = client.post(f"{API}/decisions", content=b'"' + b"x" * 2_000_000 + b'"')
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def test_the_life_of_an_assessment(client: TestClient, token: str) -> None:
    address = f"{API}/assessments/{token}"
    changed = client.patch(address, json={"version": 1, "changes": {"examples": 1200, "team": None}}).json()
    assert changed["answers"]["examples"] == 1200
    assert "team" not in changed["answers"]
    report = client.post(f"{address}/reports").json()
    assert report["number"] == 1
    assert client.get(address).json()["reports"] == [report]
    found = client.get(f"{API}/reports/{report['id']}").json()
    assert found["answers"] == changed["answers"]
    assert client.get(report["address"]).status_code == 200
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.get(f"{API}/reports/{report['id']}").status_code == 404


def test_wrong_changes_change_nothing(client: TestClient, token: str) -> None:
    address = f"{API}/assessments/{token}"
    before = client.get(address).json()
    for body in (
        {"version": 1, "changes": {"example": 1}}, {"version": 1, "changes": {"task_type": None}}, {"changes": {}},
        {"version": 1, "changes": {"examples": 1}, "other": 1}, [],
    ):  # fmt: skip
        assert client.patch(address, json=body).status_code == 422, body
    assert client.get(address).json() == before


def test_a_lost_update_is_a_conflict_with_both_values(client: TestClient, token: str) -> None:
    address = f"{API}/assessments/{token}"
    client.patch(address, json={"version": 1, "changes": {"examples": 1}})
    answer = client.patch(address, json={"version": 1, "changes": {"examples": 2}})
    assert answer.status_code == 409
    assert answer.json()["error"]["values"]["fields"] == {"examples": {"mine": 2, "theirs": 1}}


def test_the_same_key_has_one_effect(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (client.post(f"{API}/assessments", json=SMALL_EXAMPLE, headers=key).json() for _ in range(2))
    assert first["token"] == again["token"]
    other = client.post(f"{API}/assessments", json={"task_type": "code"}, headers=key).json()
    assert other["token"] != first["token"]
    reports = f"{API}/assessments/{first['token']}/reports"
    assert {client.post(reports, headers=key).json()["number"] for _ in range(3)} == {1}
    assert client.post(reports).json()["number"] == 2


def test_an_exported_report_can_be_imported(client: TestClient, token: str) -> None:
    report = client.post(f"{API}/assessments/{token}/reports").json()
    exported = client.get(f"/de/r/{report['id']}.json")
    assert exported.content == client.get(f"{API}/reports/{report['id']}").content
    imported = client.post(f"{API}/assessments", content=exported.content)
    assert imported.status_code == 201
    assert imported.json()["answers"] == client.get(f"{API}/assessments/{token}").json()["answers"]
    assert imported.json()["token"] != token
    broken = json.loads(exported.content) | {"format": "else"}
    assert client.post(f"{API}/assessments", json=broken).json()["error"]["problems"][0]["key"] == "format"


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_for_people_names_everything(client: TestClient, language: str) -> None:
    page = client.get(f"/{language}{API}/docs")
    assert page.status_code == 200
    for path in description(client)["paths"]:
        assert path in page.text
    for key in KEYS:
        assert f"<code>{key}</code>" in page.text
    assert "<script" not in page.text
    assert ("Programmierschnittstelle" in page.text) == (language == "de")


@pytest.mark.parametrize("address", ["assessments/nonsense", "reports/nonsense", "reports/nonsense.pdf", "nowhere"])
def test_errors_are_json(client: TestClient, address: str) -> None:
    answer = client.get(f"{API}/{address}")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == "not_found"
