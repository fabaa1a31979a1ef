"""One stateful cloud on loopback for tests: jobs that move on, things that cost until they are removed, and every kind of bad luck.

Each provider is a module beside this one with `def answer(cloud, call) -> Reply | None` (None: not its address). A real server with
real sockets, so that answers can be late or lost: the connection is closed after the work was done.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SCRIPT = ("queued", "running", "running", "succeeded")  # one step on each look


@dataclass(frozen=True)
class Call:
    """One request as a provider sees it. `body` is parsed JSON where it is any, else None; `raw` always holds the bytes."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]  # names in lower case
    raw: bytes

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError:
            return None

    def one(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """An answer: JSON for anything but text and bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """A job of some provider. `state` is one of queued, running, succeeded, failed, cancelling, cancelled."""

    id: str
    name: str
    kind: str  # which interface made it, such as "sagemaker"
    body: dict[str, Any]
    tags: dict[str, str]
    state: str = "queued"
    looks: int = 0
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None


@dataclass
class Fault:
    """Bad luck for matching requests, so many times. kind: lost (done, no answer), late (answer after `seconds`), or a status."""

    matches: Callable[[Call], bool]
    kind: str | int
    times: int = 1
    seconds: float = 0
    body: Any = None


class Cloud:
    """The state of all providers, and the server in front of it."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.things: dict[
            str, dict[str, Any]
        ] = {}  # whatever costs until it is deleted, by id: files, deployments, pods, models
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.script: tuple[str, ...] = SCRIPT
        self.cancelling_looks = 1  # looks until a cancelled job has stopped
        self.clients: list[Any] = []  # closed with the cloud
        self.lock = threading.RLock()
        self._number = 0
        self.url = ""

    def new_id(self, prefix: str) -> str:
        """A fresh id."""
        with self.lock:
            self._number += 1
            return f"{prefix}{self._number:06d}"

    def add(self, kind: str, name: str, body: dict[str, Any], tags: dict[str, str], job_id: str = "") -> Job:
        """A new job."""
        with self.lock:
            job = Job(job_id or self.new_id(f"{kind}-"), name, kind, body, tags)
            self.jobs[job.id] = job
            return job

    def look(self, job: Job) -> Job:
        """What a status request does: the job moves on by one step of the script."""
        with self.lock:
            job.looks += 1
            if job.state == "cancelling":
                job.state = "cancelling" if job.looks <= self.cancelling_looks else "cancelled"
            elif job.state not in ("succeeded", "failed", "cancelled"):
                job.state = self.script[min(job.looks, len(self.script) - 1)]
            job.started = job.started or (time.time() if job.state != "queued" else None)
            job.ended = job.ended or (time.time() if job.state in ("succeeded", "failed", "cancelled") else None)
            return job

    def cancel(self, job: Job) -> None:
        """What a cancel request does."""
        with self.lock:
            if job.state in ("queued", "running"):
                job.state, job.looks = "cancelling", 0

    def named(self, kind: str, name: str) -> list[Job]:
        """The jobs of an interface by name; more than one was submitted twice."""
        return [job for job in self.jobs.values() if job.kind == kind and job.name == name]

    def active(self) -> list[Job]:
        """Jobs that still cost."""
        return [job for job in self.jobs.values() if job.state in ("queued", "running", "cancelling")]

    def fault(self, kind: str | int, method: str = "", path: str = "", times: int = 1, **more: Any) -> Fault:
        """Bad luck for requests with that method whose path, or X-Amz-Target header, holds the text."""

        def matches(call: Call) -> bool:
            place = f"{call.path} {call.headers.get('x-amz-target', '')}"
            return (not method or call.method == method) and path in place

        self.faults.append(Fault(matches, kind, times, **more))
        return self.faults[-1]

    def count(self, method: str, path: str) -> int:
        """How many such requests came in, answered or not."""
        return sum(
            call.method == method and path in f"{call.path} {call.headers.get('x-amz-target', '')}"
            for call in self.calls
        )

    def luck(self, call: Call) -> Fault | None:
        """The bad luck of a request, used up by one."""
        with self.lock:
            found = next((fault for fault in self.faults if fault.times > 0 and fault.matches(call)), None)
            if found:
                found.times -= 1
            return found


Provider = Callable[[Cloud, Call], Reply | None]


class _Handler(BaseHTTPRequestHandler):
    """Parses, asks the providers in turn, answers; by bad luck something else."""

    cloud: Cloud
    providers: tuple[Provider, ...]
    protocol_version = "HTTP/1.1"
    wbufsize, disable_nagle_algorithm = 65536, True  # one packet an answer: otherwise each waits 40 ms

    def _serve(self) -> None:
        call = self._call()
        self.cloud.calls.append(call)
        luck = self.cloud.luck(call)
        if luck and isinstance(luck.kind, int):  # refused before anything was done
            return self._send(Reply(luck.body or {"error": {"code": "Unlucky"}}, luck.kind, {"Retry-After": "0"}))
        reply = next((found for provider in self.providers if (found := provider(self.cloud, call))), None)
        if luck and luck.kind == "lost":
            self.close_connection = True
            return None
        if luck and luck.kind == "late":
            time.sleep(luck.seconds)
        return self._send(reply or Reply({"error": {"code": "NoSuchAddress"}}, 404))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 -- names of the library

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, unquote(parts.path), parse_qs(parts.query, keep_blank_values=True), headers, raw)

    def _send(self, reply: Reply) -> None:
        raw = reply.body if isinstance(reply.body, bytes) else str(reply.body).encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()  # fmt: skip
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the client did not wait

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


@contextmanager
def running(*providers: Provider) -> Iterator[Cloud]:
    """A cloud with these providers on a free loopback port, until the end of the block."""
    cloud = Cloud()
    handler = type("Bound", (_Handler,), {"cloud": cloud, "providers": providers})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield cloud
    finally:
        for client in cloud.clients:
            client.close()
        server.shutdown()
        server.server_close()
        thread.join(5)
