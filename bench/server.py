"""The server in a process of its own, as an operator starts it, for benchmarks and tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNLIMITED = {"LOTSE_RATE_LIMIT_CREATE": "1000000/hour", "LOTSE_RATE_LIMIT_PDF": "1000000/hour"}


class Server:
    """A running `lotse serve`. `output` collects what it prints; `boot_seconds` is the time to its first answer."""

    def __init__(self, data_dir: Path, database_url: str | None = None, workers: int = 1, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOTSE_")}
        kept.pop("DATABASE_URL", None)
        address = {"DATABASE_URL": database_url} if database_url else {}
        command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", str(workers)]
        self.output: list[str] = []
        start = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**kept, **UNLIMITED, "LOTSE_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **address, **settings},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._address(30)
            self._wait_until_alive(30)
        except RuntimeError:
            self.kill()
            raise
        self.boot_seconds = time.perf_counter() - start

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)

    def _address(self, seconds: float) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := re.search(r"http://\S+:\d+", "".join(self.output)):
                return found[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("the server did not start: " + "".join(self.output))

    def _wait_until_alive(self, seconds: float) -> None:
        import httpx2

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                httpx2.get(f"{self.url}/livez", timeout=5).raise_for_status()
                return
            except httpx2.HTTPError:
                time.sleep(0.01)
        raise RuntimeError("the server does not answer: " + "".join(self.output))

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self._close()

    def stop(self, seconds: float = 30) -> int:
        """Asks it to stop and waits. The exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self._close()
        return self.process.returncode

    def _close(self) -> None:
        self.process.wait()
        self._reader.join(5)
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def served(data_dir: Path, database_url: str | None = None, workers: int = 1, **settings: str) -> Iterator[Server]:
    """A server until the end of the block."""
    server = Server(data_dir, database_url, workers, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
