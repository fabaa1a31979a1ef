"""Nothing is forgotten: the daily search, and what may not be deleted while something still costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.errors import Conflict
from app.runs.orphans import search
from app.store.db import Database
from app.store.models import Assessment, Launch
from app.store.orphans import orphans
from app.store.repository import clean, delete_assessment, utc_now
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.fakes.toy import answer
from tests.runs.test_runner import drive, runner
from tests.runs.toy import Clock, ToyDesk, seen, stored


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(answer) as found:
        yield found


def federated(database: Database, **columns: object) -> None:
    """Launches that can be searched without a pasted token."""
    with database.session(write=True) as session:
        session.execute(update(Launch).values(mode="federated", **columns))


def test_what_is_not_ours_is_noted_and_left_alone(database: Database, cloud: Cloud) -> None:
    stored(database)
    federated(database)
    job = cloud.add("toy", "lotse-foreign", {}, {"lotse-launch": "feedfeedfeedfeed"})
    cloud.things[f"machine {job.id}"] = {}
    assert [search(database, ToyDesk(cloud.url), utc_now()) for _ in range(2)] == [1, 1]
    with database.session() as session:
        assert [(item.handle, item.launch) for item in orphans(session)] == [(job.id, "feedfeedfeedfeed")]
    assert cloud.things != {}
    assert cloud.count("DELETE", "/toy/jobs") == 0


def test_what_an_ended_launch_left_behind_is_removed(database: Database, cloud: Cloud) -> None:
    clock, name = Clock(), stored(database)
    launch = drive(runner(database, cloud, clock, {name}), clock, database, name)
    federated(database)
    cloud.things[f"machine {launch.handle}"] = {"left": True}  # it said that all was gone, and was wrong
    for _ in range(2):
        search(database, ToyDesk(cloud.url), utc_now())
    assert cloud.things == {}


def test_a_live_launch_is_no_orphan(database: Database, cloud: Cloud) -> None:
    cloud.script = ("queued", "running")
    clock, name = Clock(), stored(database)
    drive(runner(database, cloud, clock, {name}), clock, database, name, ("running",))
    federated(database)
    assert search(database, ToyDesk(cloud.url), utc_now()) == 0


def test_an_account_that_does_not_answer_stops_no_search(database: Database, cloud: Cloud) -> None:
    stored(database)
    federated(database)
    cloud.fault(503, "GET", "/toy/jobs", times=1)
    assert search(database, ToyDesk(cloud.url), utc_now()) == 0


def test_nothing_is_deleted_while_it_may_still_cost(database: Database, cloud: Cloud) -> None:
    clock, name = Clock(), stored(database)
    with database.session(write=True) as session:
        assessment = session.query(Assessment).one()
        with pytest.raises(Conflict):
            delete_assessment(session, assessment)
    assert clean(database, utc_now() + timedelta(days=999), 30, 180).reported == 0
    drive(runner(database, cloud, clock, {name}), clock, database, name)
    assert seen(database, name).state == "torn_down"
    with database.session(write=True) as session:
        delete_assessment(session, session.query(Assessment).one())
    with database.session() as session:
        assert session.query(Launch).count() == 0


def test_a_second_job_of_an_ended_launch_is_removed_too(database: Database, cloud: Cloud) -> None:
    clock, name = Clock(), stored(database)
    drive(runner(database, cloud, clock, {name}), clock, database, name)
    federated(database)
    job = cloud.add("toy", f"lotse-{name}", {}, {"lotse-launch": name})
    cloud.things[f"machine {job.id}"] = {"launch": name}
    for _ in range(2):
        search(database, ToyDesk(cloud.url), utc_now())
    assert cloud.things == {}


def test_one_that_cannot_be_removed_does_not_hide_the_others(database: Database, cloud: Cloud) -> None:
    clock, name = Clock(), stored(database)
    drive(runner(database, cloud, clock, {name}), clock, database, name)
    federated(database)
    cloud.fault(403, "DELETE", "/toy/jobs", times=9)
    cloud.add("toy", "lotse-foreign", {}, {"lotse-launch": "feedfeedfeedfeed"})
    search(database, ToyDesk(cloud.url), utc_now())
    with database.session() as session:
        assert {item.launch for item in orphans(session)} == {name, "feedfeedfeedfeed"}
