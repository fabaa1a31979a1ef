"""The service: POST /answer {"question": ..., "groups": [...]}, GET /health and GET /ready; standard library alone.

A caller sends `Authorization: Bearer` with SERVICE_TOKEN; without that variable only this machine may call.
`groups` are taken at their word: only a server that has checked the person may call. RATE_LIMIT requests a minute
are answered (default 120), further ones get status 429. SIGTERM lets running requests end and takes no new ones.
"""

from __future__ import annotations

import hmac
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .baseline import baseline
from .model import chat
from .prompts import PromptSet
from .records import examples_file, read_examples
from .request_log import note
from .rerank import reranker
from .retrieval import Retrieval, open_index
from .schema import schema_for
from .setup import Config, SetupError, load_config, number, optional
from .traces import span, texts

MAX_BODY = 200_000  # bytes of a request
PATIENCE = 30  # seconds a caller may take to send its request
Answerer = Callable[[str, tuple[str, ...]], dict[str, Any]]


def answerer(config: Config) -> Answerer:
    """The configured pipeline as a function from question and groups to a JSON answer."""
    if config["pipeline"] == "retrieval":
        retrieval = Retrieval(config, open_index(config), chat(config), reranker())
        return lambda question, groups: _with_sources(retrieval, question, groups)
    if config["pipeline"] == "encoder":
        from .encoder import predictor  # noqa: PLC0415

        predict = predictor()
        return lambda question, _: {"answer": predict(question)}
    examples = read_examples(examples_file("examples"))
    if config["pipeline"] == "baseline":
        simple = baseline(config["evaluation"]["measure"], examples)
        return lambda question, _: {"answer": simple.answer(question)}
    schema = schema_for(config, examples)
    prompts = PromptSet(config, examples, chat(config, schema), schema=schema)
    return lambda question, _: {"answer": prompts.answer(question)}


def _with_sources(retrieval: Retrieval, question: str, groups: tuple[str, ...]) -> dict[str, Any]:
    given = retrieval.answer(question, groups)
    sources = [{"document": hit.document, "title": hit.title} for hit in given.cited]
    return {"answer": given.text, "sources": sources, "unknown": given.unknown, "found": len(given.found)}


def observed(config: Config, answer: Answerer) -> Answerer:
    """The same with a trace and a line in the request log."""
    model = optional("MODEL_NAME", config["model"]["name"])

    def run(question: str, groups: tuple[str, ...]) -> dict[str, Any]:
        started = time.monotonic()
        with span("request", "CHAIN", texts("input", question)) as noted:
            found = answer(question, groups)
            noted.update({"pipeline.unknown": found.get("unknown", False), **texts("output", found["answer"])})
        note(question, found, time.monotonic() - started, model)
        return found

    return run


class Limit:
    """A bucket of `each_minute` requests that fills up again evenly (token bucket)."""

    def __init__(self, each_minute: int) -> None:
        self.size, self.left, self.seen = float(each_minute), float(each_minute), time.monotonic()
        self.lock = threading.Lock()

    def allows(self) -> bool:
        """Takes one request from the bucket, if there is one."""
        with self.lock:
            now = time.monotonic()
            self.left = min(self.size, self.left + (now - self.seen) * self.size / 60)
            self.seen = now
            if self.left < 1:
                return False
            self.left -= 1
            return True


class Handler(BaseHTTPRequestHandler):
    """One request."""

    answer: Answerer
    token: str
    limit: Limit
    timeout = PATIENCE

    def do_GET(self) -> None:
        """Whether the process lives and takes requests: it listens only once data and index are read."""
        known = {"/health": (200, "ok"), "/ready": (200, "ready")}
        status, text = known.get(self.path, (404, "unknown"))
        self._send(status, {"status": text})

    def do_POST(self) -> None:
        """An answer."""
        started = time.monotonic()
        status, body = self._handle()
        self._send(status, body)
        print(json.dumps({"status": status, "seconds": round(time.monotonic() - started, 3)}), flush=True)

    def _handle(self) -> tuple[int, dict[str, Any]]:
        refused = self._refusal()
        if refused:
            return refused
        try:
            question, groups = _question(json.loads(self.rfile.read(self._length())))
        except (ValueError, TypeError, KeyError):
            return 422, {"error": 'Send {"question": "text", "groups": ["name"]}.'}
        except OSError:
            return 408, {"error": "The request did not arrive in time."}
        try:
            return 200, type(self).answer(question, groups)
        except (SetupError, OSError):
            return 503, {"error": "The model does not answer right now."}

    def _refusal(self) -> tuple[int, dict[str, Any]] | None:
        """Why a request is not looked at, if so; before its body is read."""
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.token and not hmac.compare_digest(given.encode(), self.token.encode()):
            return 401, {"error": "A valid bearer token is needed."}
        if self.path != "/answer":
            return 404, {"error": "POST a JSON body of at most 200,000 bytes to /answer."}
        if not 0 < self._length() <= MAX_BODY:
            return 413, {"error": "POST a JSON body of at most 200,000 bytes to /answer."}
        return None if self.limit.allows() else (429, {"error": "Too many requests; try again in a minute."})

    def _length(self) -> int:
        given = self.headers.get("Content-Length") or ""
        return int(given) if given.isascii() and given.isdigit() else 0

    def _send(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: the default would write addresses."""


def _question(body: Any) -> tuple[str, tuple[str, ...]]:
    """Question and groups of a request. Raises ValueError, TypeError or KeyError when it has another form."""
    question, groups = body["question"], body.get("groups", [])
    if not isinstance(question, str) or not question.strip():
        raise ValueError
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        raise ValueError
    return question, tuple(groups)


class Server(ThreadingHTTPServer):
    """Waits for running requests when it is closed."""

    daemon_threads = False

    def stop(self, *_: Any) -> None:
        """Ends the service once running requests have their answers; a signal handler."""
        threading.Thread(target=self.shutdown).start()  # shutdown waits for the loop that this handler interrupts


def serve(config: Config) -> Server:
    """The server, not yet running. Without SERVICE_TOKEN it listens on this machine only."""
    token = optional("SERVICE_TOKEN")
    behind = optional("SERVICE_BEHIND_LOGIN") == "yes"  # the platform checks every caller before it gets here
    known = {
        "answer": staticmethod(observed(config, answerer(config))),
        "token": token,
        "limit": Limit(number("RATE_LIMIT", 120)),
    }
    address = "0.0.0.0" if token or behind else "127.0.0.1"  # noqa: S104
    return Server((address, number("PORT", 8080)), type("Bound", (Handler,), known))


if __name__ == "__main__":
    try:
        server = serve(load_config())
        signal.signal(signal.SIGTERM, server.stop)
        with server:
            server.serve_forever()
    except (SetupError, KeyboardInterrupt) as stopped:
        sys.exit(str(stopped) or 0)
