"""The service as a process: ready, limits, a stop that lets requests end, its log; traces that never block a request."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.launch.pipeline import traces
from app.launch.pipeline.service import Limit
from app.launch.pipeline.setup import SetupError, number
from tests.retrieval.kits import call, http_service, kit_folder, service

CANARY = "canary-secret-text"


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out" / "requests.jsonl").read_text().splitlines()]


def test_requests_are_limited_and_logged_without_texts(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "openai", "no_llm", "mail")
    with service(folder, RATE_LIMIT="3") as (address, _):
        assert call(f"{address}/health") == (200, {"status": "ok"})
        asked = [call(f"{address}/answer", {"question": f"Rechnung {CANARY}?"})[0] for _ in range(5)]
        assert asked == [200, 200, 200, 429, 429]
        assert call(f"{address}/answer", {"question": "a"}, token="wrong")[0] == 401
    found = lines(folder)
    assert len(found) == 3
    assert set(found[0]) == {"time", "question_words", "found", "cited", "unknown", "seconds", "model"}
    assert found[0]["question_words"] == 4
    assert CANARY not in (folder / "out" / "requests.jsonl").read_text()


def test_texts_are_logged_only_where_the_user_wants_it(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "openai", "no_llm", "mail")
    with service(folder, LOG_TEXT="yes") as (address, _):
        call(f"{address}/answer", {"question": "Wo ist mein Paket?"})
    assert lines(folder)[0]["question"] == "Wo ist mein Paket?"


def test_a_stop_lets_running_requests_end(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "openai", "prompting", "mail")
    arrived, go = threading.Event(), threading.Event()

    def slow(path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        arrived.set()
        go.wait(10)
        return 200, {"choices": [{"message": {"content": "invoice"}}]}

    answers: list[tuple[int, Any]] = []
    with http_service(slow) as model, service(folder, MODEL_URL=f"{model}/v1", MODEL_API_KEY="k") as (address, process):
        asking = threading.Thread(target=lambda: answers.append(call(f"{address}/answer", {"question": "a"})))
        asking.start()
        assert arrived.wait(10)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(OSError, match=r"refused|reset"):
            for _ in range(100):
                call(f"{address}/health")
                time.sleep(0.05)
        assert process.poll() is None
        go.set()
        asking.join(10)
        assert process.wait(10) == 0
    assert answers == [(200, {"answer": "invoice"})]


def test_the_bucket_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    limit = Limit(60)
    assert [limit.allows() for _ in range(61)].count(True) == 60
    clock[0] = 2.0
    assert [limit.allows() for _ in range(3)] == [True, True, False]


def test_a_number_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT", "many")
    with pytest.raises(SetupError, match="RATE_LIMIT must be a whole number"):
        number("RATE_LIMIT", 1)


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Path, list[Any], str]]:
    """A kit with documents, what a receiver of traces got, and its address; it answers as a model, too."""
    found: list[Any] = []

    def answer(path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/v1/traces":
            found.append({"key": headers.get("x-key"), **body})
            return 200, {}
        usage = {"prompt_tokens": 12, "completion_tokens": 3}
        return 200, {"choices": [{"message": {"content": "You have 30 days of leave a year [1]."}}], "usage": usage}

    with http_service(answer) as address:
        yield kit_folder(tmp_path / "kit", "azure", "rag", "bank"), found, address


def _traced(folder: Path, address: str, **more: str) -> None:
    variables = {
        "MODEL_URL": f"{address}/v1",
        "MODEL_API_KEY": "k",
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "RERANK": "words",
    }
    with service(folder, **variables, OTEL_EXPORTER_OTLP_HEADERS="x-key=1", **more) as (service_address, _):
        status, body = call(f"{service_address}/answer", {"question": f"How many days of leave? {CANARY}"})
        assert (status, body["sources"]) == (200, [{"document": "leave", "title": "Leave"}])


def _spans(found: list[Any]) -> dict[str, dict[str, Any]]:
    spans = [span for body in found for span in body["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    return {span["name"]: span for span in spans}


def test_a_request_leaves_a_trace(received: tuple[Path, list[Any], str]) -> None:
    folder, found, address = received
    _traced(folder, address)
    spans = _spans(found)
    assert set(spans) == {"request", "retrieval", "rerank", "chat"}
    root = spans["request"]
    assert {span["traceId"] for span in spans.values()} == {root["traceId"]}
    assert {spans[name]["parentSpanId"] for name in ("retrieval", "rerank", "chat")} == {root["spanId"]}
    chat = {pair["key"]: pair["value"] for pair in spans["chat"]["attributes"]}
    assert chat["gen_ai.usage.input_tokens"] == {"intValue": "12"}
    assert chat["openinference.span.kind"] == {"stringValue": "LLM"}
    assert found[0]["key"] == "1"
    assert CANARY not in json.dumps(found)


def test_texts_are_traced_only_where_the_user_wants_it(received: tuple[Path, list[Any], str]) -> None:
    folder, found, address = received
    _traced(folder, address, LOG_TEXT="yes")
    assert json.dumps(found).count(CANARY) >= 3


def test_a_receiver_that_is_gone_costs_nothing(received: tuple[Path, list[Any], str]) -> None:
    folder, _, address = received
    started = time.monotonic()
    with service(
        folder, MODEL_URL=f"{address}/v1", MODEL_API_KEY="k", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9"
    ) as (there, _):
        assert call(f"{there}/answer", {"question": "How many days of leave?"})[0] == 200
    assert time.monotonic() - started < 10


def test_a_full_queue_drops_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "HELD", 2)
    monkeypatch.setattr(traces.Sender, "_work", lambda self: None)
    sender = traces.Sender("http://127.0.0.1:9")
    for _ in range(5):
        sender.put({})
    assert sender.waiting.qsize() == 2
    monkeypatch.setattr(traces, "WAIT", 0.0)  # nothing to wait for at the end of the tests
