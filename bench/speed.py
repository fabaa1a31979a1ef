"""How fast Lotse is: one decision, a what-if answer, a report page, a PDF. Medians of runs, and ratios.

usage: python -m bench.speed [--runs N]      (servers in processes of their own on loopback; nothing else is contacted)
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.knowledge import load_knowledge
from app.locales import formatter
from app.prices import price_book
from app.store.repository import Report
from app.web.pdf import document_of, typeset
from app.web.spreadsheet import workbook_of
from app.web.tables import tables_of
from bench.server import served

DAY, EXAMPLE = date(2026, 11, 24), "accounting-invoices"
CONSTANT = "constant page of that size"


def median_ms(work: Callable[[], object], runs: int) -> float:
    """Median time of a call in milliseconds, after one that is not counted."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


@contextlib.contextmanager
def constant_server(body: bytes) -> Iterator[str]:
    """The address of the same framework with a constant page, in a process of its own: what the report page is compared with."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_constant, args=(body, theirs), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ours.recv()}"
    process.terminate()
    process.join()


def _serve_constant(body: bytes, port: Connection) -> None:
    app, listener = FastAPI(), socket.create_server(("127.0.0.1", 0))

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(body)

    port.send(listener.getsockname()[1])
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


def as_sent(client: httpx2.Client, address: str) -> bytes:
    """The body as it comes over the wire: unpacking it is the reader's work."""
    with client.stream("GET", address) as response:
        response.raise_for_status()
        return b"".join(response.iter_raw())


def side_by_side_ms(first: Callable[[], object], second: Callable[[], object], runs: int) -> tuple[float, float]:
    """Medians of two calls made in turns, so that a busy machine slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 5):
        for work, found in zip((first, second), times, strict=True):
            start = time.perf_counter()
            work()
            found.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0][5:]), statistics.median(times[1][5:])


def new_report(client: httpx2.Client, answers: dict[str, object]) -> str:
    """Creates an assessment and a report through the API; its address."""
    made = client.post("/api/v1/assessments", json={"answers": answers})
    made.raise_for_status()
    report = client.post(f"/api/v1/assessments/{made.json()['token']}/reports")
    report.raise_for_status()
    return str(report.json()["id"])


def engine_rows(runs: int) -> list[tuple[str, float]]:
    """Decisions without a server."""
    knowledge = load_knowledge()
    book = price_book(knowledge, DAY)
    answers = read_answers(knowledge.examples[EXAMPLE].answers)
    return [
        (
            f"decision, {count:,} draws",
            median_ms(lambda count=count: decide(answers, knowledge, book, DAY, 0, count), runs),
        )
        for count in (4096, 10_000)
    ]


def file_rows(runs: int) -> list[tuple[str, float]]:
    """Files made anew each time, without a server."""
    knowledge, created = load_knowledge(), datetime(2026, 11, 24, tzinfo=UTC)
    answers = read_answers(knowledge.examples[EXAMPLE].answers)
    decision = decide(answers, knowledge, price_book(knowledge, DAY), DAY)
    report = Report(public_id="0" * 22, number=1, answers=answers.known(), created_at=created)
    german = formatter("de")
    return [
        (
            "PDF, typeset",
            median_ms(lambda: typeset(document_of(report, decision, knowledge, german).content, created), runs),
        ),
        ("XLSX", median_ms(lambda: workbook_of(tables_of(report, decision, knowledge, german)), runs)),
    ]


def page_rows(runs: int) -> list[tuple[str, float]]:
    """Pages through a server as an operator starts it, beside one that serves a constant page of the same size."""
    example = load_knowledge().examples[EXAMPLE]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as server,
        httpx2.Client(base_url=server.url, timeout=60) as client,
    ):
        report = f"/de/r/{new_report(client, example.answers)}"
        body, volume = client.get(report).raise_for_status().content, itertools.count(10_000, 10_000)
        with constant_server(body) as constant:
            page, plain = side_by_side_ms(
                lambda: as_sent(client, report), lambda: as_sent(client, constant), max(100, runs)
            )
        return [
            (f"report page ({len(body) // 1024} kB, {len(as_sent(client, report)) // 1024} sent)", page),
            (CONSTANT, plain),
            (
                "what-if answer",
                median_ms(lambda: as_sent(client, f"{report}/what-if?requests_per_month={next(volume)}"), runs),
            ),
            ("PDF, kept from before", median_ms(lambda: as_sent(client, f"{report}.pdf"), runs)),
        ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    rows = engine_rows(runs) + file_rows(runs) + page_rows(runs)
    for name, value in rows:
        print(f"{name:36} {value:9.1f} ms (median of at least {runs})")
    page = next(value for name, value in rows if name.startswith("report page"))
    print(f"report page, share of the throughput of the constant page: {dict(rows)[CONSTANT] / page:.2f}")


if __name__ == "__main__":
    main()
