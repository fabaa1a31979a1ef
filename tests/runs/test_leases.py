"""A launch is held by one step at a time: not by a process, and not by a step that took too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.launch.control import Control, Order, Seen
from app.runs.runner import Runner
from app.store.db import Database
from app.store.launches import wish
from app.store.models import Launch
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.fakes.toy import answer
from tests.runs.test_runner import drive
from tests.runs.toy import Clock, ToyControl, ToyDesk, seen, stored


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(answer) as found:
        yield found


class Desk(ToyDesk):
    """Lets something happen while a step is between looking and creating, or just after it has created; once each."""

    meanwhile: Callable[[], object] | None = None
    afterwards: Callable[[], object] | None = None

    def control(self, launch: Launch, order: Order) -> Control:
        control, desk = super().control(launch, order), self

        class Slow(ToyControl):
            def find(self) -> Seen | None:
                found = super().find()
                happens, desk.meanwhile = desk.meanwhile, None
                if happens:
                    happens()
                return found

            def submit(self) -> Seen:
                found = super().submit()
                happens, desk.afterwards = desk.afterwards, None
                if happens:
                    happens()
                return found

        return Slow(order, control.access)


def test_a_slow_thread_does_not_use_the_lease_of_another_one(database: Database, cloud: Cloud) -> None:
    name, clock = stored(database), Clock()
    desk = Desk(cloud.url, {name})
    work = Runner(database, desk, clock)
    drive(work, clock, database, name, ("submitting",))

    created, go_on = threading.Event(), threading.Event()
    other = threading.Thread(target=work.work)

    def wait() -> None:
        created.set()
        go_on.wait(20)

    def other_creates() -> None:
        clock.forward(200)  # the lease of the first thread is over
        desk.afterwards = wait
        other.start()
        assert created.wait(20)

    desk.meanwhile = other_creates
    work.work()
    go_on.set()
    other.join(20)
    drive(work, clock, database, name)
    assert len(cloud.named("toy", f"lotse-{name}")) == 1


def test_what_is_wanted_while_a_step_goes_on_is_done_at_once(database: Database, cloud: Cloud) -> None:
    name, clock = stored(database), Clock()
    desk = Desk(cloud.url, {name})
    work = Runner(database, desk, clock)
    drive(work, clock, database, name, ("submitting",))

    def cancel() -> None:
        with database.session(write=True) as session:
            wish(session, session.query(Launch).one(), "remove")
            wish(session, session.query(Launch).one(), "cancel")

    cloud.add("toy", f"lotse-{name}", {}, {"lotse-launch": name})
    desk.meanwhile = cancel
    work.work()
    assert (seen(database, name).state, seen(database, name).wish) == ("queued", "remove")
    assert seen(database, name).next_at <= clock.now


def test_a_step_that_came_too_late_does_not_drop_the_token(database: Database, cloud: Cloud) -> None:
    name, clock = stored(database), Clock()
    desk = Desk(cloud.url, {name})
    work = Runner(database, desk, clock)
    drive(work, clock, database, name, ("submitting",))
    with database.session(write=True) as session:
        session.query(Launch).one().submitted_at = clock.now - timedelta(hours=1)
        session.flush()
        wish(session, session.query(Launch).one(), "cancel")
    clock.now = max(clock.now, seen(database, name).next_at)
    desk.meanwhile = lambda: clock.forward(200)
    assert work.work()
    assert seen(database, name).state == "submitting"
    assert desk.signed_in() == {name}
