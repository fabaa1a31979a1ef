"""Kits and settings that the tests of retrieval and prompting share."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from app.commands.kit import write_kit
from app.launch.kit import kit_files
from app.launch.pipeline.setup import Config
from app.launch.platform import platform
from tests.launch.sample import full_decision, launch

Answer = Callable[[str, dict[str, str], Any], tuple[int, Any]]  # path, headers, body -> status, body


def kit_folder(folder: Path, name: str, option: str, persona: str, language: str = "en") -> Path:
    place = platform(name)
    write_kit(folder, kit_files(place, launch(place, option, persona, language), full_decision()))
    return folder


def config_of(name: str, option: str, persona: str) -> Config:
    place = platform(name)
    return dict(json.loads(kit_files(place, launch(place, option, persona, "de"), full_decision())["config.json"]))


@contextmanager
def http_service(answer: Answer, more: dict[str, str] | None = None) -> Iterator[str]:
    """A service on loopback that answers POST with JSON and `more` headers; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, found = answer(self.path, headers, body)
            text = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def call(address: str, body: Any = None, token: str = "t") -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@contextmanager
def service(
    folder: Path, python: str = sys.executable, **variables: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The kit's own service in a process of its own, on a free port."""
    port = _free_port()
    environment = {"PATH": os.environ["PATH"], "SERVICE_TOKEN": "t", "PORT": str(port), **variables}
    command = [python, "-m", "pipeline.service"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address)
        yield address, process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_ready(address: str) -> None:
    for _ in range(200):
        try:
            if call(f"{address}/ready")[0] == 200:
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("the service did not start")
