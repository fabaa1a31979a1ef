"""Runs a launch in a process that kills itself at one point, for `test_crash.py`.

`python -m tests.runs.crashing` loads everything once, then forks for each line `DATABASE CLOUD LAUNCH POINT` on standard input, and
answers with the exit status of the child: -9 when it was killed at that point, 0 when the launch ended before.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import httpx2

from app.runs.runner import Runner
from app.store.db import Database
from app.store.launch_states import FINAL
from tests.runs.toy import Clock, ToyDesk, seen


class Points:
    """Counts the places at which a process can die, and dies at one."""

    def __init__(self, last: int) -> None:
        self.count, self.last = 0, last

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function with a point before and one after it."""

        def wrapped(*given: Any, **named: Any) -> Any:
            self.point()
            result = work(*given, **named)
            self.point()
            return result

        return wrapped

    def point(self) -> None:
        """One place."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def run(url: str, cloud: str, name: str, last: int) -> None:
    """Works on the launch until it has ended, or until the point."""
    database, clock, points = Database(url), Clock(), Points(last)
    clock.now = max(clock.now, seen(database, name).next_at)
    httpx2.Client.send = points.around(httpx2.Client.send)  # type: ignore[method-assign]
    database.transact = points.around(database.transact)  # type: ignore[method-assign]
    runner = Runner(database, ToyDesk(cloud, {name}), clock)
    while seen(database, name).state not in FINAL:
        if not runner.work():
            clock.forward(60)


def main() -> None:
    """Reads lines and answers."""
    for line in sys.stdin:
        url, cloud, name, last = line.split()
        child = os.fork()
        if not child:
            run(url, cloud, name, int(last))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    main()
