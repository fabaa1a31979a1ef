"""What is kept of frozen reports: made once, never shown to somebody else, never more than a few."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.store.repository import assessment_by_token, freeze_report
from app.web import report, services
from app.web.frozen import Recent
from app.web.services import Services
from tests.store.samples import knowledge, prices, sample_decision
from tests.web.test_share import new_report


def test_a_value_is_made_once_however_many_ask() -> None:
    recent: Recent[object] = Recent(4)
    together, made = Barrier(8), []

    def make() -> object:
        made.append(1)
        return object()

    def ask(_: int) -> object:
        together.wait()
        return recent.get("key", make)

    with ThreadPoolExecutor(8) as threads:
        values = set(threads.map(ask, range(8)))
    assert len(values) == len(made) == 1


def test_the_values_used_last_are_kept() -> None:
    recent: Recent[str] = Recent(2)
    for key in ("one", "two", "one", "three"):
        recent.get(key, lambda key=key: key)
    again = {key: recent.get(key, lambda: "anew") for key in ("one", "three", "two")}
    assert again == {"one": "one", "three": "three", "two": "anew"}


def test_a_failure_is_not_kept() -> None:
    recent: Recent[int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.get("key", lambda: 1 // 0)
    assert recent.get("key", lambda: 7) == 7


@pytest.fixture
def pages_made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each page that was made anew."""
    made: list[Any] = []
    make: Callable[..., Any] = report.report_page

    def counted(*given: Any) -> Any:
        made.append(given)
        return make(*given)

    monkeypatch.setattr(report, "report_page", counted)
    return made


def test_a_page_is_made_once_for_each_language(client: TestClient, pages_made: list[Any]) -> None:
    path = new_report(client)
    first = client.get(f"/de/r/{path}")
    assert first.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in first.headers["vary"]
    for encoding in ("gzip", "identity"):
        assert client.get(f"/de/r/{path}", headers={"Accept-Encoding": encoding}).text == first.text
    assert len(pages_made) == 1
    assert client.get(f"/en/r/{path}").text != first.text
    assert len(pages_made) == 2


def test_a_kept_page_knows_of_a_newer_version(client: TestClient, pages_made: list[Any]) -> None:
    path = new_report(client)
    before = client.get(f"/de/r/{path}").text
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        assessment = assessment_by_token(session, path.partition("~")[0])
        freeze_report(session, assessment, sample_decision(), knowledge(), prices())
    after = client.get(f"/de/r/{path}").text
    newest = path.replace("~1", "~2")
    assert newest not in before
    assert newest in after
    assert len(pages_made) == 2


def test_a_kept_page_is_no_right_to_read(client: TestClient) -> None:
    path = new_report(client)
    token = path.partition("~")[0]
    assert client.get(f"/de/r/{path}").status_code == 200
    client.post(f"/de/a/{token}/delete")
    assert client.get(f"/de/r/{path}").status_code == 404


def test_pages_are_served_while_others_wait_for_a_decision(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a processor holds nothing that a reader needs."""
    path = new_report(client)
    running: Services = client.app.state.services  # type: ignore[attr-defined]
    monkeypatch.setattr(running, "reading", services.Slots(1, patience=1))
    monkeypatch.setattr(running, "deciding", services.Slots(0, patience=1))
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(client.get, f"/de/r/{path}/what-if?requests_per_month={n}") for n in range(4)]
        assert client.get(f"/de/r/{path}").status_code == 200
        assert [answer.result().status_code for answer in waiting] == [503] * 4
    assert client.get(f"/de/r/{path}").status_code == 200
