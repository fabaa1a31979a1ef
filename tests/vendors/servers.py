"""Vendors' servers on loopback: started on a free port with a home of their own, waited for, and ended with all their children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.vendors.conftest import bare_environment, python

START_SECONDS = 120


@contextmanager
def served(environment: str, arguments: list[str], home: Path, path: str, **variables: str) -> Iterator[str]:
    """The address of a server that answers on `path`; `{port}` in its arguments is filled. Its output goes to a file in its home."""
    port = _free_port()
    command = [str(python(environment)), *(argument.format(port=port) for argument in arguments)]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=home, env=bare_environment(home) | variables, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{path}", home / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(url, timeout=5).status_code < 500:
                return
        except httpx2.HTTPError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")
