"""Kills the server with signal 9 while people save answers, again and again, and counts confirmed answers that were lost.

usage: python -m bench.kill [--cycles N] [--writers N]      (SQLite and PostgreSQL, on loopback; nothing else is contacted)

Each writer saves into an assessment of its own. A save is confirmed when its redirect (303) arrived. After each kill the form
that got no answer is sent again with the same key: it must have one effect, whether or not it had been stored before.
"""

from __future__ import annotations

import argparse
import random
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from app.store.checks import file_problem
from app.store.db import Database
from app.store.repository import assessment_by_token
from bench.postgres import postgres_server
from bench.server import Server

QUESTION = "sector"  # it has the title among its fields
LEAST_SAVES = 8  # confirmed in a cycle before the kill


@dataclass
class Writer:
    """One person: creates an assessment and then changes its title again and again."""

    name: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    create_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    token: str = ""
    confirmed: int = 0
    problem: str = ""

    def work(self, url: str, until: threading.Event) -> None:
        """Saves until the server is gone."""
        with httpx2.Client(base_url=url, timeout=60) as client:
            while not until.is_set():
                try:
                    self.step(client)
                except httpx2.TransportError:
                    return
                except RuntimeError as error:
                    self.problem = str(error)
                    return

    def step(self, client: httpx2.Client) -> None:
        """Sends the form whose confirmation is still missing: at first the creation, then one save after the other."""
        if not self.token:
            response = _confirmed(client.post("/de/a", data={"key": self.create_key}))
            self.token = response.headers["location"].split("/a/")[1].partition("/")[0]
            return
        number = self.confirmed + 1
        form = {
            "title": f"save {number}",
            "organisation": "Hafen",
            "sector": "none",
            "country": "DE",
            "key": f"{self.key}{number}",
            "version": str(number),
        }
        _confirmed(client.post(f"/de/a/{self.token}/{QUESTION}", data=form))
        self.confirmed = number

    def check(self, database: Database) -> tuple[int, int]:
        """What is stored against what was confirmed: (lost saves, saves with more than one effect)."""
        if not self.token:
            return 0, 0
        with database.session() as session:
            assessment = assessment_by_token(session, self.token)
        stored = int(str(assessment.answers.get("title", "save 0")).removeprefix("save "))
        return max(0, self.confirmed - stored), abs(assessment.version - 1 - stored)


def _confirmed(response: httpx2.Response) -> httpx2.Response:
    if response.status_code != 303:
        raise RuntimeError(f"{response.status_code}: {response.text[:300]}")
    return response


@dataclass
class Result:
    """The sums of all cycles."""

    cycles: int = 0
    confirmed: int = 0
    lost: int = 0
    repeated: int = 0
    slowest_boot: float = 0.0
    problem: str = ""


def run(data_dir: Path, database_url: str | None, cycles: int, writers: int, seconds: float) -> Result:
    """Kills the server after about `seconds` under load, `cycles` times, and looks each time at what is stored."""
    people, result = [Writer(number) for number in range(writers)], Result()
    database = Database(database_url or f"sqlite:///{data_dir / 'lotse.sqlite3'}")
    try:
        for _ in range(cycles):
            _cycle(data_dir, database_url, people, result, seconds)
            found = [person.check(database) for person in people]
            result.lost += sum(lost for lost, _ in found)
            result.repeated += sum(repeated for _, repeated in found)
        refused = next((person.problem for person in people if person.problem), "")
        result.problem = file_problem(database) or refused
    finally:
        database.close()
    result.confirmed = sum(person.confirmed for person in people)
    return result


def _cycle(data_dir: Path, database_url: str | None, people: list[Writer], result: Result, seconds: float) -> None:
    server, over = Server(data_dir, database_url), threading.Event()
    threads = [threading.Thread(target=person.work, args=(server.url, over)) for person in people]
    before, end = sum(person.confirmed for person in people), time.monotonic() + 60
    for thread in threads:
        thread.start()
    while (
        sum(person.confirmed for person in people) < before + LEAST_SAVES
        and time.monotonic() < end
        and any(thread.is_alive() for thread in threads)
    ):
        time.sleep(0.01)  # on a busy machine it takes a while until work is under way
    time.sleep(seconds * random.uniform(0.5, 1.5))
    server.kill()
    over.set()
    for thread in threads:
        thread.join()
    result.cycles += 1
    result.slowest_boot = max(result.slowest_boot, server.boot_seconds)


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """The address of each database by name."""
    with postgres_server(durable=True) as postgres:
        yield {"SQLite": None, "PostgreSQL": postgres.create()}


def main() -> int:
    """Prints a table. The exit status is 1 when anything was lost or happened twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=1.0)
    given = parser.parse_args()
    print("database     kills  confirmed  lost  twice  slowest start  file")
    sound = True
    with databases() as found:
        for name, url in found.items():
            with tempfile.TemporaryDirectory() as folder:
                result = run(Path(folder), url, given.cycles, given.writers, given.seconds)
            sound &= not (result.lost or result.repeated or result.problem)
            print(
                f"{name:11}  {result.cycles:5}  {result.confirmed:9}  {result.lost:4}  {result.repeated:5}  "
                f"{result.slowest_boot:11.1f} s  {result.problem or 'sound'}"
            )
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
