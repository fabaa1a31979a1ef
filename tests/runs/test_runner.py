"""A launch from approval to nothing left, on both databases, through every kind of bad luck: never twice, never forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Conflict
from app.runs.runner import Runner
from app.store.db import Database
from app.store.launch_states import ACTIVE, ENDED, FINAL, TRANSITIONS
from app.store.launches import approve, wish
from app.store.models import Launch
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.fakes.toy import answer
from tests.runs.toy import Clock, ToyDesk, seen, stored


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(answer) as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lite(new_database: Callable[..., str]) -> Iterator[Database]:
    """A database of one kind, for what does not depend on it."""
    opened = Database(new_database("sqlite"))
    yield opened
    opened.close()


def runner(database: Database, cloud: Cloud, clock: Clock, known: set[str], **changes: object) -> Runner:
    return Runner(database, ToyDesk(cloud.url, known, **changes), clock)  # type: ignore[arg-type]


def drive(work: Runner, clock: Clock, database: Database, public_id: str, until: tuple[str, ...] = FINAL) -> Launch:
    """Makes steps, and lets time pass where nothing is due, until the launch is in one of the states."""
    clock.now = max(clock.now, seen(database, public_id).next_at)
    for _ in range(400):
        launch = seen(database, public_id)
        if launch.state in until:
            return launch
        if not work.work():
            clock.now = max(launch.next_at, clock.now + timedelta(seconds=60))
    raise AssertionError(
        f"still {launch.state}, {launch.trouble}: {[(event.state, event.note) for event in launch.events]}"
    )


def states(launch: Launch) -> list[str]:
    found = [event.state for event in launch.events]
    return [state for place, state in enumerate(found) if place == 0 or found[place - 1] != state]


def test_a_launch_goes_all_the_way(database: Database, cloud: Cloud, clock: Clock) -> None:
    name = stored(database)
    launch = drive(runner(database, cloud, clock, {name}), clock, database, name)
    assert states(launch) == ["draft", "validated", "estimated", "approved", "submitting", "queued", "running", "succeeded", "torn_down"]  # fmt: skip
    assert (launch.trouble, launch.said) == ("", "SUCCEEDED")
    assert launch.started_at and launch.ended_at and launch.removed_at
    assert len(cloud.jobs) == 1
    assert cloud.things == {}


@pytest.mark.parametrize("luck", ["lost", 500, 503, 429])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/toy/jobs"), ("GET", "/toy/jobs"), ("GET", "/toy/free"), ("DELETE", "/toy/jobs/")]
)
@pytest.mark.parametrize("times", [1, 3])
def test_bad_luck_never_starts_a_second_one(lite: Database, cloud: Cloud, clock: Clock, luck: str | int, method: str, path: str, times: int) -> None:  # fmt: skip
    cloud.fault(luck, method, path, times)
    name = stored(lite)
    launch = drive(runner(lite, cloud, clock, {name}), clock, lite, name)
    assert launch.state == "torn_down"
    assert len(cloud.named("toy", f"lotse-{name}")) == 1
    assert cloud.things == {}


def test_a_late_answer_is_a_lost_one(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.fault("late", "POST", "/toy/jobs", seconds=0.6)
    name = stored(database)
    assert drive(runner(database, cloud, clock, {name}, seconds=0.2), clock, database, name).state == "torn_down"
    assert len(cloud.jobs) == 1


def test_over_quota_is_refused_before_the_call(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.things["free"] = {"count": 0}
    name = stored(database)
    launch = drive(runner(database, cloud, clock, {name}), clock, database, name)
    assert (launch.state, launch.trouble) == ("refused", "over_quota")
    assert cloud.count("POST", "/toy/jobs") == 0


def test_a_refusal_ends_it(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.fault(400, "POST", "/toy/jobs", body={"error": {"code": "InvalidImage", "message": "secret toy-canary"}})
    name = stored(database)
    launch = drive(runner(database, cloud, clock, {name}), clock, database, name)
    assert (launch.state, launch.trouble) == ("refused", "refused InvalidImage")
    assert "canary" not in "".join(event.note for event in launch.events)


def test_nothing_happens_before_approval(database: Database, cloud: Cloud, clock: Clock) -> None:
    name = stored(database, approved=False)
    assert not runner(database, cloud, clock, {name}).work()
    with database.session(write=True) as session:
        launch = session.query(Launch).one()
        with pytest.raises(Conflict):
            approve(session, launch, None, "0" * 64)  # another order than the stored one
        wish(session, launch, "cancel")
    assert seen(database, name).state == "withdrawn"
    assert cloud.calls == []


def test_a_second_person_has_to_approve(database: Database) -> None:
    name = stored(database, approved=False, needs_approval=True)
    with database.session(write=True) as session:
        launch = session.query(Launch).one()
        with pytest.raises(Conflict):
            approve(session, launch, None, launch.order_sha256)
        approve(session, launch, "Frau Meyer", launch.order_sha256)
        approve(session, launch, "Frau Meyer", launch.order_sha256)
    assert (seen(database, name).state, seen(database, name).approved_by) == ("approved", "Frau Meyer")


def test_an_old_order_is_not_approved(database: Database) -> None:
    name = stored(database, approved=False)
    with database.session(write=True) as session:
        launch = session.query(Launch).one()
        launch.created_at -= timedelta(days=8)
        session.flush()
        with pytest.raises(Conflict):
            approve(session, launch, "Frau Meyer", launch.order_sha256)
    assert seen(database, name).state == "estimated"


@pytest.mark.parametrize("wanted", ["cancel", "remove"])
@pytest.mark.parametrize("before", ["approved", "submitting", "queued", "running"])
def test_cancel_and_remove_at_every_state(lite: Database, cloud: Cloud, clock: Clock, before: str, wanted: str) -> None:  # fmt: skip
    cloud.script = ("queued", "running")
    name = stored(lite)
    work = runner(lite, cloud, clock, {name})
    drive(work, clock, lite, name, (before,))
    with lite.session(write=True) as session:
        wish(session, session.query(Launch).one(), wanted)
    launch = drive(work, clock, lite, name)
    assert launch.state in ("withdrawn", "torn_down")
    assert cloud.active() == []
    assert cloud.things == {}


def test_the_time_cap_ends_it_where_the_platform_has_none(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.script = ("queued", "running")
    name = stored(database, seconds=1800)
    work = runner(database, cloud, clock, {name})
    started = drive(work, clock, database, name, ("running",)).started_at
    launch = drive(work, clock, database, name)
    assert launch.state == "torn_down"
    assert "time cap" in [event.note for event in launch.events]
    assert started and launch.ended_at and (launch.ended_at - started).total_seconds() < 1800 + 600 + 300


def test_somebody_else_removed_it(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.script = ("queued", "running")
    name = stored(database)
    work = runner(database, cloud, clock, {name})
    job = cloud.jobs[drive(work, clock, database, name, ("running",)).handle or ""]
    job.state = "cancelled"
    assert drive(work, clock, database, name).state == "torn_down"


def test_a_pasted_token_is_used_by_the_process_that_holds_it(database: Database, cloud: Cloud, clock: Clock) -> None:
    name = stored(database)
    clock.now = max(clock.now, seen(database, name).next_at)
    assert not runner(database, cloud, clock, set()).work()
    assert runner(database, cloud, clock, {name}).work()


def test_a_wrong_token_waits_for_a_better_one(database: Database, cloud: Cloud, clock: Clock) -> None:
    cloud.script = ("queued", "running")
    name = stored(database)
    drive(runner(database, cloud, clock, {name}), clock, database, name, ("running",))
    wrong = runner(database, cloud, clock, {name}, token="expired")
    for _ in range(5):
        clock.forward(900)
        wrong.work()
    launch = seen(database, name)
    assert (launch.state, launch.trouble) == ("running", "unauthorised Unauthorized")
    with database.session(write=True) as session:
        wish(session, session.query(Launch).one(), "remove")
    assert drive(runner(database, cloud, clock, {name}), clock, database, name).state == "torn_down"
    assert cloud.things == {}


def test_many_processes_at_once_submit_once_each(database: Database, cloud: Cloud, clock: Clock) -> None:
    names = {stored(database) for _ in range(6)}
    clock.now = max(seen(database, name).next_at for name in names)
    workers = [runner(database, cloud, clock, names) for _ in range(4)]

    guard, busy = threading.Lock(), set[Runner]()

    def step(work: Runner) -> bool:
        with guard:
            busy.add(work)
        try:
            return work.work()
        finally:
            with guard:
                busy.discard(work)

    def run(work: Runner) -> None:
        for _ in range(2000):
            if not step(work):
                if all(seen(database, name).state in FINAL for name in names):
                    return
                with guard:  # no lease runs out while somebody is at work
                    clock.forward(0 if busy else 20)

    threads = [threading.Thread(target=run, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {seen(database, name).state for name in names} == {"torn_down"}
    assert [len(cloud.named("toy", f"lotse-{name}")) for name in names] == [1] * len(names)
    assert cloud.things == {}


def test_a_process_that_took_too_long_changes_nothing(database: Database, cloud: Cloud, clock: Clock) -> None:
    name = stored(database)
    clock.now = seen(database, name).next_at
    slow = runner(database, cloud, clock, {name})
    step = slow._step

    def delayed(launch: Launch) -> object:
        change = step(launch)
        clock.forward(3600)
        return change

    slow._step = delayed  # type: ignore[method-assign, assignment]
    slow.work()
    assert seen(database, name).state == "approved"


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), min_size=2, max_size=12))
def test_every_way_through_the_states_ends(path: list[str]) -> None:
    """From each state a final one can be reached, and an ended launch is always torn down."""
    for state in path:
        reached, front = {state}, {state}
        while front:
            front = {after for before in front for after in TRANSITIONS[before]} - reached
            reached |= front
        assert reached & set(FINAL)
    assert all(TRANSITIONS[state] == ("torn_down",) for state in ENDED)
    assert set(ACTIVE).isdisjoint(FINAL)
