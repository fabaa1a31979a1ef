"""Traces by OpenTelemetry (OTLP/HTTP with JSON), without a package: off unless OTEL_EXPORTER_OTLP_ENDPOINT is set.

Attribute names: OpenTelemetry's GenAI conventions and OpenInference, which Phoenix, Langfuse and MLflow read.
Spans are sent by a thread of its own; when the receiver is slow or gone, spans are dropped and requests go on.
Questions and answers are left out unless LOG_TEXT=yes.
"""

from __future__ import annotations

import atexit
import json
import queue
import secrets
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

from .setup import optional

Attributes = dict[str, Any]
HELD = 1000  # spans that wait for the receiver at most
WAIT = 2.0  # seconds for one delivery, and for the last one at the end
_parent: ContextVar[tuple[str, str] | None] = ContextVar("parent", default=None)  # trace and span id


def texts(name: str, value: Any) -> Attributes:
    """The attribute with a text, only where the user allowed texts in traces."""
    if optional("LOG_TEXT") != "yes":
        return {}
    return {f"{name}.value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


@contextmanager
def span(name: str, kind: str, attributes: Attributes | None = None) -> Iterator[Attributes]:
    """One step; `kind` is OpenInference's (CHAIN, RETRIEVER, RERANKER, LLM). Add attributes to what it yields."""
    found: Attributes = {"openinference.span.kind": kind, **(attributes or {})}
    if not optional("OTEL_EXPORTER_OTLP_ENDPOINT"):
        yield found
        return
    parent = _parent.get()
    own = (parent[0] if parent else secrets.token_hex(16), secrets.token_hex(8))
    token, started, code = _parent.set(own), time.time_ns(), 1
    try:
        yield found
    except BaseException:
        code = 2
        raise
    finally:
        _parent.reset(token)
        times = {"startTimeUnixNano": str(started), "endTimeUnixNano": str(time.time_ns())}
        above = {"parentSpanId": parent[1]} if parent else {}
        _sender().put({"name": name, **_ids(own), **above, **times, **_described(found), "status": {"code": code}})


def _ids(own: tuple[str, str]) -> dict[str, str]:
    """OTLP's JSON form has ids in hexadecimal and 64-bit numbers as texts."""
    return {"traceId": own[0], "spanId": own[1]}


def _described(attributes: Attributes) -> dict[str, Any]:
    return {"kind": 3 if attributes["openinference.span.kind"] == "LLM" else 1, "attributes": _pairs(attributes)}


def _pairs(attributes: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


class Sender:
    """Delivers spans in the background."""

    def __init__(self, endpoint: str) -> None:
        self.address = f"{endpoint.rstrip('/')}/v1/traces"
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue(HELD)
        threading.Thread(target=self._work, daemon=True).start()
        atexit.register(self.flush)

    def put(self, item: dict[str, Any]) -> None:
        """Takes a span; drops it when too many wait."""
        try:
            self.waiting.put_nowait(item)
        except queue.Full:
            return

    def flush(self) -> None:
        """Waits a little for what is still on its way."""
        end = time.monotonic() + WAIT
        while self.waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)

    def _work(self) -> None:
        while True:
            found = [self.waiting.get()]
            while len(found) < 100 and not self.waiting.empty():
                found.append(self.waiting.get())
            with suppress(OSError, ValueError):  # a request never fails for its trace
                self._deliver(found)
            for _ in found:
                self.waiting.task_done()

    def _deliver(self, spans: list[dict[str, Any]]) -> None:
        resource = {"attributes": _pairs({"service.name": optional("OTEL_SERVICE_NAME", "lotse-kit")})}
        scope = {"scope": {"name": "pipeline"}, "spans": spans}
        body = json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}).encode()
        given = dict(part.split("=", 1) for part in optional("OTEL_EXPORTER_OTLP_HEADERS").split(",") if "=" in part)
        headers = {"Content-Type": "application/json", **given}
        with urllib.request.urlopen(urllib.request.Request(self.address, body, headers), timeout=WAIT):  # noqa: S310
            return


@cache
def _sender() -> Sender:
    return Sender(optional("OTEL_EXPORTER_OTLP_ENDPOINT"))
