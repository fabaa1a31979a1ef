"""Kits and settings that the tests of retrieval and prompting share."""

from __future__ import annotations

import json
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
