"""The service: POST /answer {"question": ..., "groups": [...]} and GET /health; standard library alone.

A caller sends `Authorization: Bearer` with SERVICE_TOKEN; without that variable only this machine may call.
Log lines hold times and counts, never questions or answers.
"""

from __future__ import annotations

import hmac
import json
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .baseline import baseline
from .model import chat
from .prompts import PromptSet
from .records import examples_file, read_examples
from .retrieval import Retrieval, open_index
from .setup import Config, SetupError, load_config, optional

MAX_BODY = 200_000  # bytes of a request
Answerer = Callable[[str, tuple[str, ...]], dict[str, Any]]


def answerer(config: Config) -> Answerer:
    """The configured pipeline as a function from question and groups to a JSON answer."""
    if config["pipeline"] == "retrieval":
        retrieval = Retrieval(config, open_index(config), chat(config))
        return lambda question, groups: _with_sources(retrieval, question, groups)
    if config["pipeline"] == "encoder":
        from .encoder import predictor  # noqa: PLC0415

        predict = predictor()
        return lambda question, _: {"answer": predict(question)}
    examples = read_examples(examples_file("examples"))
    if config["pipeline"] == "baseline":
        simple = baseline(config["evaluation"]["measure"], examples)
        return lambda question, _: {"answer": simple.answer(question)}
    prompts = PromptSet(config, examples, chat(config))
    return lambda question, _: {"answer": prompts.answer(question)}


def _with_sources(retrieval: Retrieval, question: str, groups: tuple[str, ...]) -> dict[str, Any]:
    given = retrieval.answer(question, groups)
    return {"answer": given.text, "sources": [{"document": hit.document, "title": hit.title} for hit in given.cited]}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    answer: Answerer
    token: str

    def do_GET(self) -> None:
        """Health."""
        self._send(200 if self.path == "/health" else 404, {"status": "ok" if self.path == "/health" else "unknown"})

    def do_POST(self) -> None:
        """An answer."""
        started = time.monotonic()
        status, body = self._handle()
        self._send(status, body)
        print(json.dumps({"status": status, "seconds": round(time.monotonic() - started, 3)}), flush=True)

    def _handle(self) -> tuple[int, dict[str, Any]]:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.token and not hmac.compare_digest(given.encode(), self.token.encode()):
            return 401, {"error": "A valid bearer token is needed."}
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/answer" or not 0 < length <= MAX_BODY:
            return 404 if self.path != "/answer" else 413, {
                "error": "POST a JSON body of at most 200,000 bytes to /answer."
            }
        try:
            question, groups = _question(json.loads(self.rfile.read(length)))
        except (ValueError, TypeError, KeyError):
            return 422, {"error": 'Send {"question": "text", "groups": ["name"]}.'}
        try:
            return 200, type(self).answer(question, groups)
        except (SetupError, OSError):
            return 503, {"error": "The model does not answer right now."}

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
    question, groups = body["question"], body.get("groups", [])
    if not isinstance(question, str) or not question.strip() or not all(isinstance(name, str) for name in groups):
        raise ValueError
    return question, tuple(groups)


def serve(config: Config) -> ThreadingHTTPServer:
    """The server, not yet running. Without SERVICE_TOKEN it listens on this machine only."""
    token = optional("SERVICE_TOKEN")
    behind = optional("SERVICE_BEHIND_LOGIN") == "yes"  # the platform checks every caller before it gets here
    handler = type("Bound", (Handler,), {"answer": staticmethod(answerer(config)), "token": token})
    address = "0.0.0.0" if token or behind else "127.0.0.1"  # noqa: S104
    return ThreadingHTTPServer((address, int(optional("PORT", "8080"))), handler)


if __name__ == "__main__":
    try:
        serve(load_config()).serve_forever()
    except (SetupError, KeyboardInterrupt) as stopped:
        sys.exit(str(stopped) or 0)
