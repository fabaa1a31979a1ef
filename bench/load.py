"""Readers and writers at once against a server that this script starts: errors, and the time to answer.

usage: python -m bench.load [--seconds N] [--people N] [--workers N] [--postgres]      (on loopback; nothing else is contacted)
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2

from bench.postgres import postgres_server
from bench.server import Server, served


class Tally:
    """Times by kind of request, and everything that was not answered as it should be."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, int] = defaultdict(int)

    def request(self, kind: str, send: Callable[[], httpx2.Response], expected: int) -> httpx2.Response | None:
        """Sends one request and notes it."""
        start = time.perf_counter()
        try:
            response = send()
        except httpx2.HTTPError as error:
            self.errors[f"{kind}: {type(error).__name__}"] += 1
            return None
        self.times[kind].append((time.perf_counter() - start) * 1000)
        if response.status_code != expected:
            self.errors[f"{kind}: status {response.status_code}"] += 1
            return None
        return response


def write(client: httpx2.Client, tally: Tally, shared: list[str]) -> None:
    """Creates an assessment, answers two questions, makes a report."""
    made = tally.request("create", lambda: client.post("/de/a", data={"key": secrets.token_urlsafe(16)}), 303)
    if made is None:
        return
    token = made.headers["location"].split("/a/")[1].partition("/")[0]
    for version, (question, fields) in enumerate(
        [
            ("task_type", {"task_type": "document_qa"}),
            ("sector", {"title": "Load", "organisation": "Hafen", "sector": "none", "country": "DE"}),
        ],
        start=1,
    ):
        form = {**fields, "key": secrets.token_urlsafe(16), "version": str(version)}
        tally.request(
            "save", lambda question=question, form=form: client.post(f"/de/a/{token}/{question}", data=form), 303
        )
    tally.request("check page", lambda: client.get(f"/de/a/{token}/check"), 200)
    key = {"key": secrets.token_urlsafe(16)}
    report = tally.request("make report", lambda: client.post(f"/de/a/{token}/report", data=key), 303)
    if report is not None:
        shared[:] = [*shared[-200:], report.headers["location"]]


def read(client: httpx2.Client, tally: Tally, shared: list[str]) -> None:
    """Looks at the start page, a report and its what-if."""
    tally.request("start page", lambda: client.get("/de/"), 200)
    if shared:
        report = shared[secrets.randbelow(len(shared))]
        tally.request("report", lambda: client.get(report), 200)
        tally.request(
            "what-if",
            lambda: client.get(f"{report}/what-if", params={"requests_per_month": 1000 + secrets.randbelow(10**6)}),
            200,
        )


def run(server: Server, people: int, seconds: float) -> Tally:
    """Half of the people write, half read, each without a pause."""
    tally, shared, end = Tally(), [], time.monotonic() + seconds

    def live(step: Callable[[httpx2.Client, Tally, list[str]], None]) -> None:
        with httpx2.Client(base_url=server.url, timeout=120) as client:
            while time.monotonic() < end:
                step(client, tally, shared)

    threads = [threading.Thread(target=live, args=(write if number % 2 else read,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def show(tally: Tally, seconds: float) -> None:
    """Prints the table."""
    print(f"{'request':12} {'count':>7} {'per s':>7} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8}")
    for kind, times in tally.times.items():
        cuts = statistics.quantiles(times, n=20) if len(times) > 1 else times * 19
        print(f"{kind:12} {len(times):7} {len(times) / seconds:7.1f} {cuts[9]:8.0f} {cuts[18]:8.0f} {max(times):8.0f}")
    print(f"errors: {sum(tally.errors.values())} {dict(tally.errors) or ''}")


@contextlib.contextmanager
def database(postgres: bool) -> Iterator[str | None]:
    """The address of a new database; None is SQLite in the data folder."""
    if not postgres:
        yield None
        return
    with postgres_server(durable=True) as server:
        yield server.create()


def main() -> int:
    """The exit status is 1 when there was an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        database(given.postgres) as url,
        served(Path(folder), url, given.workers) as server,
    ):
        print(
            f"{given.people} people for {given.seconds:.0f} s, {given.workers} worker(s), {'PostgreSQL' if url else 'SQLite'}"
        )
        tally = run(server, given.people, given.seconds)
        show(tally, given.seconds)
        print("".join([line for line in server.output if '"level": "error"' in line][:3]), end="")
    return 1 if tally.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
