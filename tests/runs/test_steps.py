"""Single steps on the toy platform where what it says cannot be trusted: too early, too late, or about another time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.launch.control import Control, Order, Seen
from app.runs.runner import Runner
from app.runs.step import Turn, _as_seen
from app.store.db import Database
from app.store.launches import wish
from app.store.models import Launch
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.fakes.toy import answer
from tests.runs.test_runner import drive
from tests.runs.toy import INFO, Clock, ToyControl, ToyDesk, seen, stored


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(answer) as found:
        yield found


@pytest.fixture
def lite(new_database: Callable[..., str]) -> Iterator[Database]:
    opened = Database(new_database("sqlite"))
    yield opened
    opened.close()


class Desk(ToyDesk):
    """A platform that shows what it has created only after some time, by a clock of its own."""

    clock: Clock
    hidden_seconds = 0.0
    created_at: datetime | None = None
    started: datetime | None = None

    def hides(self) -> bool:
        return bool(self.created_at and self.clock.now < self.created_at + timedelta(seconds=self.hidden_seconds))

    def control(self, launch: Launch, order: Order) -> Control:
        access, desk = super().control(launch, order).access, self

        class Lagging(ToyControl):
            def find(self) -> Seen | None:
                return None if desk.hides() else super().find()

            def submit(self) -> Seen:
                desk.created_at = desk.created_at or desk.clock.now
                return super().submit()

            def status(self, handle: str) -> Seen | None:
                found = None if desk.hides() else super().status(handle)
                return found.model_copy(update={"started": desk.started}) if found else None

            def cancel(self, handle: str) -> None:
                if not desk.hides():
                    super().cancel(handle)

            def teardown(self, handle: str) -> bool:
                return desk.hides() or super().teardown(handle)

        return Lagging(order, access)


def lagging(database: Database, cloud: Cloud, seconds: float) -> tuple[str, Clock, Desk, Runner]:
    name, clock = stored(database), Clock()
    desk = Desk(cloud.url, {name})
    desk.clock, desk.hidden_seconds = clock, seconds
    return name, clock, desk, Runner(database, desk, clock)


@pytest.mark.parametrize("busy", range(6))
def test_a_lost_answer_is_looked_for_whatever_went_wrong_before(lite: Database, cloud: Cloud, busy: int) -> None:
    name, clock, _, work = lagging(lite, cloud, 120)
    drive(work, clock, lite, name, ("submitting",))
    cloud.fault(503, "GET", "/toy/jobs", busy)
    cloud.fault("lost", "POST", "/toy/jobs", 1)
    drive(work, clock, lite, name)
    assert len(cloud.named("toy", f"lotse-{name}")) == 1


def test_what_is_not_shown_yet_is_not_believed_gone(lite: Database, cloud: Cloud) -> None:
    cloud.script = ("queued", "running")
    name, clock, _, work = lagging(lite, cloud, 120)
    drive(work, clock, lite, name, ("queued",))
    with lite.session(write=True) as session:
        wish(session, session.query(Launch).one(), "remove")
    assert drive(work, clock, lite, name).state == "torn_down"
    assert cloud.active() == []
    assert cloud.things == {}


def test_a_refused_question_is_no_refused_creation(lite: Database, cloud: Cloud) -> None:
    """After a crash in the middle of the creating call only the platform knows whether there is a job."""
    name, clock, _, work = lagging(lite, cloud, 0)
    drive(work, clock, lite, name, ("submitting",))
    with lite.session(write=True) as session:
        session.query(Launch).one().submitted_at = clock.now
    job = cloud.add("toy", f"lotse-{name}", {}, {"lotse-launch": name})
    cloud.things[f"machine {job.id}"] = {"launch": name}
    cloud.fault(400, "GET", "/toy/jobs", 1)
    assert drive(work, clock, lite, name).state == "torn_down"
    assert cloud.things == {}


def test_a_platform_clock_in_the_future_does_not_put_off_the_time_cap(lite: Database, cloud: Cloud) -> None:
    cloud.script = ("queued", "running")
    name, clock, desk, work = lagging(lite, cloud, 0)
    desk.started = datetime(2999, 1, 1, tzinfo=UTC)
    launch = drive(work, clock, lite, name, ("running",))
    assert launch.started_at and launch.started_at <= clock.now
    assert "time cap" in [event.note for event in drive(work, clock, lite, name).events]


@pytest.mark.parametrize("state", ["approved", "submitting"])
def test_what_was_never_sent_is_withdrawn_without_signing_in(lite: Database, cloud: Cloud, state: str) -> None:
    name, clock, _, work = lagging(lite, cloud, 0)
    drive(work, clock, lite, name, (state,))
    with lite.session(write=True) as session:
        wish(session, session.query(Launch).one(), "cancel")
    assert seen(lite, name).state == "withdrawn"


@pytest.mark.parametrize(("currency", "cost"), [("USD", "9.0000"), ("EUR", "10.0000"), ("", None)])
def test_what_the_platform_states_is_kept_in_the_currency_of_the_launch(currency: str, cost: str | None) -> None:
    launch = Launch(state="running", money={"rates": {"EUR": "1", "USD": "0.9"}}, submitted_at=Clock().now)
    found = Seen(handle="1", state="running", said="", cost=Decimal(10), currency=currency)
    changed = _as_seen(Turn(launch, None, INFO, Clock().now, 3600, lambda: True), found)  # type: ignore[arg-type]
    assert changed.columns.get("cost") == cost


def test_a_machine_that_never_gets_ready_is_ended_in_time_where_it_costs(lite: Database, cloud: Cloud) -> None:
    cloud.script = ("queued",)
    name, clock, desk, work = lagging(lite, cloud, 0)
    desk.info = lambda launch: INFO.model_copy(update={"queue_costs": True})  # type: ignore[method-assign]
    launch = drive(work, clock, lite, name, ("cancelling",))
    assert launch.submitted_at and clock.now - launch.submitted_at < timedelta(hours=2)
    assert drive(work, clock, lite, name).state == "torn_down"
