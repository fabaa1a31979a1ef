"""The page for pilots and actual costs: what is entered changes the advice, mistakes name their field, everything stays reproducible."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from app.commands.recompute import from_database, recomputed
from app.knowledge import load_knowledge
from app.store.repository import assessment_by_token, create_assessment, delete_assessment, measured_by, reports_of
from app.web.report import freeze_present
from app.web.services import Services
from tests.user import User

EXAMPLE = "law-firm-contracts"


@pytest.fixture
def token(services: Services) -> str:
    """An assessment with one report."""
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "en", load_knowledge().examples[EXAMPLE].answers)
        freeze_present(session, services, assessment, "first")
    return token


def _decision(client: TestClient, token: str, number: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(client.get(f"/en/r/{token}~{number}.json").text)["decision"]
    return found


def _post(client: TestClient, token: str, number: int = 1, language: str = "en", **fields: str):  # type: ignore[no-untyped-def]
    return client.post(f"/{language}/r/{token}~{number}/pilot", data=fields, follow_redirects=False)


def test_results_of_a_pilot_make_a_new_version_that_says_so(client: TestClient, token: str) -> None:
    page = User(client).open(f"/en/r/{token}~1/pilot")
    answer = _post(client, token, **{"cases-rag": "1,000", "successes-rag": "20", "key": "k" * 20})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/en/r/{token}~2/pilot?saved=yes&option=rag"
    before, after = _decision(client, token, 1), _decision(client, token, 2)
    assert before["recommended"]["option"] == "rag" != after["recommended"]["option"]  # type: ignore[index]
    assert "pilot_results" not in before
    assert after["pilot_results"][0]["cases"] == 1000  # type: ignore[index]
    text = client.get(answer.headers["location"]).text
    assert 'value="1000"' in text
    assert "with the pilot" in text
    assert page is not None


def test_the_same_form_twice_makes_one_version(client: TestClient, services: Services, token: str) -> None:
    for _ in range(2):
        _post(client, token, **{"cases-rag": "40", "successes-rag": "30", "key": "k" * 20})
    with services.database.session() as session:
        assert len(reports_of(session, assessment_by_token(session, token))) == 2


def test_a_version_with_a_pilot_is_recomputed_to_the_same_bytes(
    client: TestClient, services: Services, token: str
) -> None:
    _post(client, token, **{"cases-rag": "40", "successes-rag": "30", "key": "k" * 20})
    with services.database.session() as session:
        report = from_database(session, f"{token}~2")
        assert recomputed(session, report) == report.decision_json


def test_later_versions_keep_the_pilot_and_emptied_fields_take_it_back(
    client: TestClient, services: Services, token: str
) -> None:
    _post(client, token, **{"cases-rag": "40", "successes-rag": "30", "key": "a" * 20})
    client.post(f"/en/r/{token}~2/reprice", data={"key": "b" * 20})
    assert _decision(client, token, 3)["pilot_results"]
    _post(client, token, 3, **{"cases-rag": "", "successes-rag": "", "key": "c" * 20})
    assert "pilot_results" not in _decision(client, token, 4)


@pytest.mark.parametrize(
    "language, fields, field, says",
    [
        ("en", {"cases-rag": "40"}, "successes-rag", "Enter both"),
        ("en", {"cases-rag": "10", "successes-rag": "11"}, "successes-rag", "more right results than cases"),
        ("de", {"cases-rag": "zehn", "successes-rag": "1"}, "cases-rag", "zehn"),
        ("en", {"cases-rag": "1.5", "successes-rag": "1"}, "cases-rag", "whole number"),
        ("en", {"actual-operation.work.own": "-5"}, "actual-operation.work.own", "from zero"),
    ],
)
def test_a_mistake_names_the_field_and_keeps_what_was_typed(client: TestClient, token: str, language: str, fields: dict[str, str], field: str, says: str) -> None:  # fmt: skip
    answer = _post(client, token, language=language, **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'href="#{field}"' in answer.text
    assert says in answer.text
    assert all(f'value="{text}"' in answer.text for text in fields.values())


def test_actual_costs_stand_beside_the_estimate_without_a_new_version(client: TestClient, token: str) -> None:
    answer = _post(client, token, **{"actual-operation.work.own": "250000", "actual-compliance.upkeep": "0.5"})
    assert answer.headers["location"] == f"/en/r/{token}~1/pilot?saved=yes&option=rag"
    text = client.get(answer.headers["location"]).text
    assert "above the estimate" in text
    assert "below the estimate" in text
    assert "Entered: €250,000 a month" in text


def test_german_numbers_are_read_in_german(client: TestClient, services: Services, token: str) -> None:
    _post(
        client,
        token,
        language="de",
        **{"cases-rag": "1.200", "successes-rag": "900", "actual-compliance.upkeep": "1.234,50"},
    )
    with services.database.session() as session:
        measured = measured_by(session, assessment_by_token(session, token))
    assert measured.evidence.results[0].cases == 1200
    assert str(measured.costs["rag"]["compliance.upkeep"]) == "1234.50"


def test_only_the_author_sees_the_page(client: TestClient, token: str, services: Services) -> None:
    with services.database.session() as session:
        public = reports_of(session, assessment_by_token(session, token))[0].public_id
    assert client.get(f"/en/r/{public}/pilot").status_code == 404


def test_what_was_measured_is_deleted_with_the_assessment(services: Services, client: TestClient, token: str) -> None:
    _post(client, token, **{"cases-rag": "40", "successes-rag": "30"})
    with services.database.session(write=True) as session:
        delete_assessment(session, assessment_by_token(session, token))
    with services.database.writer.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from pilot").scalar() == 0


def test_the_interface_takes_and_tells_the_same(client: TestClient, token: str) -> None:
    address = f"/api/v1/reports/{token}~1/pilot"
    body = {
        "results": [{"option": "rag", "cases": 1000, "successes": 20}],
        "costs": {"rag": {"compliance.upkeep": "310.50"}},
    }
    made = client.put(address, json=body)
    assert (made.status_code, made.json()["number"]) == (200, 2)
    state = client.get(f"/api/v1/reports/{token}~2/pilot").json()
    assert state["results"]["results"] == body["results"]
    assert state["costs"] == body["costs"]
    assert state["updates"][0]["after"]["p90"] < state["updates"][0]["before"]["p10"]
    assert {need["kind"] for need in state["needed"]} <= {"settled", "more", "equal", "never"}
    assert client.put(f"/api/v1/reports/{token}~2/pilot", json=body).json()["number"] == 2


@pytest.mark.parametrize(
    "body, key",
    [
        ({"results": [{"option": "rag", "cases": 10, "successes": 11}]}, "results.0"),
        ({"results": [{"option": "magic", "cases": 10, "successes": 1}]}, "results.0.option"),
        ({"costs": {"rag": {"x": "-1"}}}, "costs.rag.x"),
        ({"result": []}, "result"),
    ],
)
def test_the_interface_names_what_is_wrong(client: TestClient, token: str, body: dict[str, object], key: str) -> None:
    answer = client.put(f"/api/v1/reports/{token}~1/pilot", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["problems"][0]["key"] == key
