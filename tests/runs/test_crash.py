"""kill -9 at every step of a launch: nothing is submitted twice, nothing is forgotten, everything is torn down."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.db import Database
from tests.launch.fakes.cloud import running
from tests.launch.fakes.toy import answer
from tests.runs.test_runner import drive, runner
from tests.runs.toy import Clock, stored

ROOT = Path(__file__).parents[2]
MOST_POINTS = 200


@pytest.fixture(scope="module")
def crash() -> Iterator[Callable[..., int]]:
    """Runs a launch in a process that dies at a point; its exit status."""
    command = [sys.executable, "-m", "tests.runs.crashing"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout

        def run(*words: object) -> int:
            assert process.stdin and process.stdout
            process.stdin.write(" ".join(map(str, words)) + "\n")
            process.stdin.flush()
            lines = iter(process.stdout.readline, "")
            return int(next(line for line in lines if line.strip().lstrip("-").isdigit()))

        yield run
        process.stdin.close()


@pytest.mark.parametrize(("backend", "every"), [("sqlite", 1), ("postgresql", 4)])
def test_killed_at_every_point(backend: str, every: int, new_database: Callable[..., str], crash: Callable[..., int]) -> None:  # fmt: skip
    url = new_database(backend)
    database = Database(url)
    killed = 0
    with running(answer) as cloud:
        for point in range(1, MOST_POINTS, every):
            name = stored(database)
            status = crash(url, cloud.url, name, point)
            clock = Clock()
            launch = drive(runner(database, cloud, clock, {name}), clock, database, name)
            assert launch.state == "torn_down", point
            assert len(cloud.named("toy", f"lotse-{name}")) == 1, f"submitted again after point {point}"
            assert cloud.things == {}, point
            if status == 0:
                break
            assert status == -9
            killed += 1
    database.close()
    assert killed * every > 30
    assert status == 0, "there are points that were not tried"
