"""`lotse decide`: answers in, decision out; one JSON object, or JSON Lines on all cores."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from queue import Empty, Queue
from typing import IO, Any, Literal, NamedTuple

import click

from app.errors import AppError, InputError

ALONE = 16  # so many lines are decided before the other processes are worth their start
REPEATED = 256  # results kept for lines that come again, some 150 kB each
CHUNK = 32  # lines that a process takes at once
LONGEST_LINE = 1024 * 1024
PROGRESS_SECONDS = 0.2
Depth = Literal["full", "core"]


class Terms(NamedTuple):
    """What all decisions of a run share."""

    as_of: date
    seed: int
    draws: int
    depth: Depth = "full"


class Line(NamedTuple):
    """A line of the input with its number, from 1."""

    number: int
    text: bytes


class Results(NamedTuple):
    """Lines of the output, one for each line of the input, and how many of them hold an error."""

    text: bytes
    lines: int
    failures: int


@click.command("decide")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help="JSON Lines: one object per line, one result line for each, in order.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of prices and rules; today if not given.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the draws.")
@click.option("--draws", type=click.IntRange(64, 1_000_000), default=4096, show_default=True, help="Number of draws.")
@click.option(
    "--depth",
    type=click.Choice(["full", "core"]),
    help="core leaves out drivers, tipping points and curves, and is some ten times faster. One object: full; --jsonl: core.",
)
@click.option(
    "--processes", type=click.IntRange(1, 64), help="Processes for long inputs; as many as cores if not given."
)
def command(file: IO[bytes], **given: Any) -> None:
    """Decide for the answers in FILE (or standard input) and print the decision as JSON."""
    day = given["as_of"].date() if given["as_of"] else datetime.now(UTC).date()
    depth: Depth = given["depth"] or ("core" if given["jsonl"] else "full")
    terms = Terms(day, given["seed"], given["draws"], depth)
    if not given["jsonl"]:
        click.echo(decide_text(file.read(), terms))
        return
    failures = write_results(_numbered(file), terms, given["processes"] or cores())
    if failures:
        click.echo(f"lotse: lines that failed: {failures}; their result lines say why.", err=True)
        sys.exit(1)


def cores() -> int:
    """The number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=REPEATED)
def decide_text(text: bytes, terms: Terms) -> str:
    """The decision for the answers in a JSON text, as JSON; the same text is decided once. Raises AppError."""
    # Loaded here, so that help and wrong options answer at once.
    from app.domain.answers import read_answers  # noqa: PLC0415
    from app.domain.decide import decide  # noqa: PLC0415
    from app.domain.strict_json import parse  # noqa: PLC0415

    answers = read_answers(parse(text))
    knowledge, prices = bundles(terms.as_of)
    return decide(answers, knowledge, prices, *terms).as_json()


@lru_cache(maxsize=4)
def bundles(as_of: date) -> tuple[Any, Any]:
    """Knowledge and prices of a day, loaded once per process."""
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices import price_book  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    knowledge, settings = load_knowledge(), load_settings()
    return knowledge, price_book(knowledge, as_of, settings.data_dir, settings.own_prices)


def decide_line(line: Line, terms: Terms) -> Results:
    """One result line. Whatever is wrong with this line, the run goes on."""
    try:
        if len(line.text) > LONGEST_LINE:
            raise InputError([], detail="The line has more than {limit} bytes.", limit=LONGEST_LINE)
        return Results(decide_text(line.text, terms).encode() + b"\n", 1, 0)
    except AppError as error:
        problem = error.as_json()
    except Exception as error:  # noqa: BLE001 -- a defect found by one line must not lose the others
        problem = {"code": "internal", "message": f"This is a defect of Lotse: {type(error).__name__}: {error}"}
    text = json.dumps({"error": {"line": line.number, **problem}}, ensure_ascii=False, default=str)
    return Results(text.encode() + b"\n", 1, 1)


def decide_lines(lines: list[Line], terms: Terms) -> Results:
    """Several lines, in order."""
    found = [decide_line(line, terms) for line in lines]
    return Results(b"".join(item.text for item in found), len(found), sum(item.failures for item in found))


def write_results(lines: Iterable[Line], terms: Terms, processes: int) -> int:
    """Prints one result line per line as soon as it is there. Returns how many failed."""
    done, failures, output = 0, 0, sys.stdout.buffer
    with _progress() as note:
        for results in results_in_order(lines, terms, processes):
            output.write(results.text)
            output.flush()
            done, failures = done + results.lines, failures + results.failures
            note(done, failures)
    return failures


def results_in_order(lines: Iterable[Line], terms: Terms, processes: int) -> Iterator[Results]:
    """The first lines at once, the rest on several processes; always in the order of the input."""
    source = iter(lines)
    for line in islice(source, ALONE if processes > 1 else None):
        yield decide_line(line, terms)
    first = next(source, None)
    if first is not None:
        pool = _pool(processes, terms)
        yield from _on_processes(pool, _waiting(first, source), terms, 2 * processes)


def _on_processes(pool: ProcessPoolExecutor, waiting: Queue[Line | None], terms: Terms, most: int) -> Iterator[Results]:
    """Results in order, with at most so many chunks under way."""
    pending: deque[Future[Results]] = deque()
    try:
        for chunk in _chunks(waiting, pending):
            if chunk:
                pending.append(pool.submit(decide_lines, chunk, terms))
            while pending and (not chunk or len(pending) > most):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(processes: int, terms: Terms) -> ProcessPoolExecutor:
    """Forked on Linux, where they share the knowledge that is loaded already; this runs before any other thread is started."""
    way = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
    pool = ProcessPoolExecutor(processes, get_context(way), _prepare, (terms,))
    pool.submit(os.getpid).result()  # starts all of them
    return pool


def _prepare(terms: Terms) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which then ends this process
    bundles(terms.as_of)
    gc.freeze()  # the knowledge stays: no need to look through it again and again
    gc.set_threshold(50_000, 20, 20)


def _waiting(first: Line, source: Iterator[Line]) -> Queue[Line | None]:
    """Lines as they arrive, read beside the work; None at the end."""
    waiting: Queue[Line | None] = Queue(maxsize=CHUNK * 64)
    waiting.put(first)

    def read() -> None:
        for line in source:
            waiting.put(line)
        waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    return waiting


def _chunks(waiting: Queue[Line | None], pending: deque[Any]) -> Iterator[list[Line]]:
    """Chunks of what is there; an empty one when the input makes us wait, so that finished results go out meanwhile."""
    chunk: list[Line] = []
    while True:
        try:
            line = waiting.get(block=not chunk and not pending)
        except Empty:
            yield chunk
            chunk = []
            continue
        if line is None:
            break
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _numbered(file: IO[bytes]) -> Iterator[Line]:
    for number, text in enumerate(file, 1):
        yield Line(number, text)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Counts on the terminal; silent when the error output goes elsewhere."""
    if not sys.stderr.isatty():
        yield lambda lines, failures: None
        return
    start = shown = time.monotonic()
    done = failed = 0

    def note(lines: int, failures: int) -> None:
        nonlocal done, failed, shown
        done, failed, now = lines, failures, time.monotonic()
        if now - shown >= PROGRESS_SECONDS:
            shown = now
            _show(done, failed, now - start)

    yield note
    _show(done, failed, time.monotonic() - start)
    click.echo(err=True)


def _show(done: int, failures: int, seconds: float) -> None:
    wrong = f", {failures} failed" if failures else ""
    click.echo(f"\r{done:,} decided{wrong}, {done / max(seconds, 0.001):,.0f} per second ", err=True, nl=False)
