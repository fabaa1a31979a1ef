"""How fast Lotse is: one decision, a what-if answer, a report page, a PDF. Medians of runs, in one process, and as ratios.

usage: python bench/speed.py [--runs N]      (a server in a thread on loopback; nothing else is contacted)
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.knowledge import load_knowledge
from app.locales import formatter
from app.main import create_app
from app.prices import price_book
from app.settings import Settings
from app.store.repository import Report
from app.web.pdf import document_of, typeset
from app.web.spreadsheet import workbook_of
from app.web.tables import tables_of

DAY = date(2026, 11, 24)


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
def served(app: FastAPI) -> Iterator[httpx2.Client]:
    """The app on a free loopback port, with a client that keeps its connection."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with httpx2.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:
        yield client
    server.should_exit = True
    thread.join(10)


def constant(body: bytes) -> FastAPI:
    """The same framework with a constant page of that size: what the report page is compared with."""
    app = FastAPI()

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(body)

    return app


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
    answers = read_answers(knowledge.examples[sorted(knowledge.examples)[0]].answers)
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
    answers = read_answers(knowledge.examples[sorted(knowledge.examples)[0]].answers)
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
    """Pages through the server."""
    knowledge = load_knowledge()
    with tempfile.TemporaryDirectory() as folder, served(create_app(Settings(data_dir=Path(folder)))) as client:
        report = new_report(client, knowledge.examples[sorted(knowledge.examples)[0]].answers)
        get = lambda path: client.get(path).raise_for_status()  # noqa: E731
        volume = iter(range(10_000, 10_000_000, 10_000))
        body = get(f"/de/r/{report}").content
        rows = [
            (f"report page ({len(body) // 1024} kB)", median_ms(lambda: get(f"/de/r/{report}"), runs)),
            (
                "what-if answer",
                median_ms(lambda: get(f"/de/r/{report}/what-if?requests_per_month={next(volume)}"), runs),
            ),
            ("PDF, kept from before", median_ms(lambda: get(f"/de/r/{report}.pdf"), runs)),
        ]
    with served(constant(body)) as client:
        rows.append(("constant page of that size", median_ms(lambda: client.get("/").raise_for_status(), runs)))
    return rows


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    rows = engine_rows(runs) + file_rows(runs) + page_rows(runs)
    for name, value in rows:
        print(f"{name:36} {value:9.1f} ms (median of {runs})")
    times = dict(rows)
    page = next(value for name, value in rows if name.startswith("report page"))
    print(
        f"report page, share of the throughput of the constant page: {times['constant page of that size'] / page:.2f}"
    )


if __name__ == "__main__":
    main()
