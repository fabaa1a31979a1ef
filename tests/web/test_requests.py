"""What holds for every request: headers, cross-site check, sizes, languages, errors, one transaction, health."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app.errors import SettingError
from app.main import create_app
from app.settings import Settings
from app.store.models import Assessment
from app.store.repository import create_assessment
from app.web.language import preferred
from app.web.rate_limits import rate_limit
from app.web.services import FormDep, LanguageDep, Services, SessionDep
from tests.conftest import BACKENDS

SECRET = "canary-9f2c"
tries: list[int] = []


@pytest.fixture(params=BACKENDS)
def each(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Iterator[TestClient]:
    """The program with a few routes that misbehave, on each database."""
    application = create_app(make_settings(backend=request.param, rate_limit_create="3/hour"))
    add_routes(application)
    with TestClient(application) as client:
        yield client


def add_routes(app: FastAPI) -> None:
    @app.post("/try/save/{name}")
    def save(name: str, session: SessionDep, fields: FormDep, language: LanguageDep) -> dict[str, Any]:
        create_assessment(session, language, {"title": name})
        if "fail" in fields:
            raise RuntimeError(SECRET)
        return {"language": language, "fields": fields}

    @app.get("/try/save/{name}")
    def save_on_get(name: str, session: SessionDep) -> None:
        create_assessment(session, "de", {})

    @app.post("/try/deadlock/{times}")
    def deadlock(times: int, session: SessionDep, fields: FormDep) -> dict[str, Any]:
        create_assessment(session, "de", {})
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError("x", {}, psycopg.errors.DeadlockDetected())
        return fields

    @app.post("/try/slow")
    def slow(session: SessionDep) -> None:
        session.execute(text("SELECT 1"))

    @app.post("/try/limited", dependencies=[rate_limit("create")])
    def limited(session: SessionDep) -> None:
        create_assessment(session, "de", {})


def stored(client: TestClient) -> int:
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session() as session:
        return session.scalar(select(func.count()).select_from(Assessment)) or 0


def test_security_headers_are_on_every_answer(each: TestClient) -> None:
    for response in (each.get("/livez"), each.get("/nowhere"), each.post("/try/save/x", data={"fail": "1"})):
        headers = response.headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert "server" not in headers
        assert len(headers["x-request-id"]) == 16


@pytest.mark.parametrize("address", ["/a/x/check", "/de/a/x", "/r/x", "/en/r/x.pdf", "/s/x", "/r/x/share"])
def test_private_pages_are_neither_stored_nor_indexed(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"


def test_production_demands_https_and_an_imprint(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingError, match="LOTSE_IMPRINT_ADDRESS is missing"):
        create_app(make_settings(production=True, imprint_name="Muster GmbH"))
    imprint = {"imprint_name": "Muster GmbH", "imprint_address": "Weg 1", "imprint_email": "a@example.org"}
    with TestClient(create_app(make_settings(production=True, **imprint))) as client:
        assert "max-age=63072000" in client.get("/livez").headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
    ],
)
def test_only_our_own_pages_may_change_things(each: TestClient, headers: dict[str, str], status: int) -> None:
    before = stored(each)
    assert each.post("/try/save/x", headers=headers).status_code == status
    assert stored(each) - before == (1 if status == 200 else 0)


def test_a_public_address_behind_a_proxy_counts_as_our_own(make_settings: Callable[..., Settings]) -> None:
    application = create_app(make_settings(public_url="https://lotse.example.org"))
    add_routes(application)
    with TestClient(application) as client:
        assert client.post("/try/save/x", headers={"Origin": "https://lotse.example.org"}).status_code == 200
        assert client.post("/try/save/x", headers={"Origin": "https://other.example.org"}).status_code == 403


def test_an_error_stores_nothing_and_tells_nothing(each: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    response = each.post(f"/try/save/{SECRET}", data={"fail": "1", "x": f"{SECRET}-typed"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] in response.text
    assert stored(each) == 0
    logged = capfd.readouterr().out
    assert f"{SECRET}-typed" not in response.text
    assert SECRET not in logged
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"incident", "request"}
    assert next(line for line in lines if line["event"] == "request")["route"] == "/try/save/{name}"


def test_a_get_cannot_write(each: TestClient) -> None:
    assert each.get("/try/save/x").status_code in (500, 503)
    assert stored(each) == 0


def test_nothing_is_confirmed_that_is_not_stored(each: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("COMMIT", {}, RuntimeError("disk full"))

    monkeypatch.setattr("sqlalchemy.orm.Session.commit", broken)
    response = each.post("/try/save/x")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(("times", "status", "rows"), [(0, 200, 1), (2, 200, 1), (3, 503, 0)])
def test_a_deadlock_is_tried_again_at_most_twice(each: TestClient, times: int, status: int, rows: int) -> None:
    tries.clear()
    response = each.post(f"/try/deadlock/{times}", data={"a": "1"})
    assert (response.status_code, stored(each)) == (status, rows)
    if status == 200:
        assert response.json() == {"a": ["1"]}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"data": {"a": "x" * 2000}}, 200),
        ({"data": {"a": "x" * 2001}}, 422),
        ({"data": {"a": "x" * 70_000}}, 413),
        ({"content": [b"x" * 40_000] * 2}, 413),
        ({"content": b"", "headers": {"content-length": "30000000000"}}, 413),
        ({"data": {f"field{n}": "x" for n in range(60)}}, 200),
        ({"data": {f"field{n}": "x" for n in range(61)}}, 400),
        ({"files": {"a": ("x.txt", b"x")}}, 400),
        ({"content": b"\xff=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 200),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
    ],
)
def test_bodies_have_limits(each: TestClient, request_: dict[str, Any], status: int) -> None:
    assert each.post("/try/save/x", **request_).status_code == status
    assert stored(each) == (1 if status == 200 else 0)


def _send_partly(application: Any, *messages: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Posts a form whose body comes in these messages; None means that nothing more ever comes.

    In a thread of its own: the browser tests keep an event loop in the main one.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(_post(application, *messages))).result()


async def _post(application: Any, *messages: dict[str, Any] | None) -> list[dict[str, Any]]:
    waiting, answers = list(messages), []

    async def receive() -> dict[str, Any]:
        message = waiting.pop(0)
        if message is None:
            await asyncio.sleep(3600)
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/try/save/x", "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")], "client": ("127.0.0.1", 1), "server": ("x", 80),
    }  # fmt: skip
    await application(scope, receive, send)
    return answers


def test_half_a_form_is_no_form(each: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    half = {"type": "http.request", "body": b"a=1", "more_body": True}
    assert _send_partly(each.app, half, {"type": "http.disconnect"}) == []
    monkeypatch.setattr("app.web.middleware.SLOWEST_SECONDS", 0.05)
    answers = _send_partly(each.app, half, None)
    assert answers[0]["status"] == 408
    assert stored(each) == 0


def test_rate_limits_count_in_the_database(each: TestClient, make_settings: Callable[..., Settings]) -> None:
    for _ in range(3):
        assert each.post("/try/limited").status_code == 200
    refused = each.post("/try/limited", headers={"X-Forwarded-For": "203.0.113.7"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert stored(each) == 3


def test_rate_limits_hold_under_parallel_requests(each: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: each.post("/try/limited").status_code, range(20)))
    assert sorted(statuses) == [200] * 3 + [429] * 17


def test_a_wrong_rate_is_said_at_the_start(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingError, match="LOTSE_RATE_LIMIT_PDF is not a rate: often"):
        create_app(make_settings(rate_limit_pdf="often"))


def test_many_parallel_writers_all_get_through(each: TestClient) -> None:
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda n: each.post(f"/try/save/{n}").status_code, range(150)))
    assert statuses == [200] * 150
    assert stored(each) == 150


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [
        ("/de/try/save/x", "en", "de"),
        ("/en/try/save/x", "de", "en"),
        ("/try/save/x", "en-GB,en;q=0.9,de;q=0.8", "en"),
        ("/try/save/x", "fr, de-AT;q=0.5, en;q=0.4", "de"),
        ("/try/save/x", "fr", "de"),
        ("/try/save/x", "", "de"),
    ],
)
def test_language_of_a_request(each: TestClient, path: str, header: str, language: str) -> None:
    response = each.post(path, headers={"Accept-Language": header})
    assert response.json()["language"] == language
    assert response.headers["content-language"] == language
    assert ("Accept-Language" in response.headers.get("vary", "")) is path.startswith("/try")


@pytest.mark.parametrize("header", ["*", "de;q=x", ",,;", "de;q=0", "en" * 5000, "de;q=nan"])
def test_odd_accept_language_headers_do_no_harm(header: str) -> None:
    assert preferred(header) in (None, "de", "en")


def test_errors_come_in_the_form_that_was_asked_for(each: TestClient) -> None:
    page = each.get("/en/nowhere")
    assert page.status_code == 404
    assert "<html" in page.text
    fragment = each.get("/en/nowhere", headers={"HX-Request": "true"})
    assert fragment.status_code == 404
    assert "<html" not in fragment.text
    data = each.get("/api/v1/nowhere")
    assert data.json()["error"]["code"] == "not_found"
    assert each.put("/try/save/x").status_code == 405


def test_head_is_answered_like_get(each: TestClient) -> None:
    assert each.head("/livez").status_code == 200
    assert each.head("/try/save/x").status_code == each.get("/try/save/x").status_code


def test_health(each: TestClient) -> None:
    assert each.get("/livez").status_code == 200
    ready = each.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()["checks"]) == {"running", "database", "migrations", "prices", "disk"}
    services: Services = each.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = each.get("/readyz")
    assert (behind.status_code, behind.json()["checks"]["migrations"]) == (503, False)
    services.stopping = True
    assert each.get("/readyz").status_code == 503
    assert each.get("/livez").status_code == 200


def test_not_ready_when_the_database_refuses_writes(each: TestClient) -> None:
    services: Services = each.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        session.execute(text("DROP TABLE rate_counter"))
    assert each.get("/readyz").json()["checks"]["database"] is False


def test_metrics_name_routes_never_paths(each: TestClient) -> None:
    each.post(f"/try/save/{SECRET}")
    each.get(f"/nowhere/{SECRET}")
    metrics = each.get("/metrics").text
    assert 'route="/try/save/{name}"' in metrics
    assert SECRET not in metrics


def test_nothing_outside_this_machine_can_be_reached() -> None:
    """All tests run under this guard: no page and no command needs another host."""
    with (
        pytest.raises((SocketConnectBlockedError, UserWarning)),
        socket.create_connection(("203.0.113.1", 80), timeout=1),
    ):
        pass


def test_two_programs_share_one_database(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(backend="postgresql", rate_limit_create="3/hour")
    programs = [create_app(settings) for _ in range(2)]
    for program in programs:
        add_routes(program)
    with TestClient(programs[0]) as one, TestClient(programs[1]) as two:
        assert [client.post("/try/limited").status_code for client in (one, two, one, two)] == [200, 200, 200, 429]
        assert stored(one) == stored(two) == 3


def test_a_dependency_that_needs_the_session_too_gets_the_same_one(make_settings: Callable[..., Settings]) -> None:
    application = create_app(make_settings())

    def first(session: SessionDep) -> int:
        return create_assessment(session, "de", {})[0].id

    @application.post("/try/both")
    def both(session: SessionDep, made: int = Depends(first)) -> bool:
        return session.get(Assessment, made) is not None

    with TestClient(application) as client, ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: client.post("/try/both").text, range(120)))
    assert answers == ["true"] * 120
