"""Every way that can be started from the server, from the order to nothing left, over real sockets and through the real runner."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.domain.catalogue import PriceBook
from app.knowledge import load_knowledge
from app.launch.control import ControlInfo, control_class, controls
from app.launch.planning import Choice
from app.launch.platform import platform, platforms
from app.launch.signin import Secret, checked_secret
from app.main import create_app
from app.prices import price_book
from app.runs.desk import Rules, SignInDesk, subject
from app.runs.ordering import Draft, Wanted, digest, draft
from app.runs.runner import Runner
from app.runs.worst_case import as_stored
from app.settings import Settings
from app.store.db import Database
from app.store.launch_states import FINAL
from app.store.launches import NewLaunch, approve, create_launch, new_launch_id, wish
from app.store.models import Launch
from app.store.repository import create_assessment, freeze_report
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.sample import DAY, advice
from tests.runs.test_runner import drive
from tests.runs.toy import Clock
from tests.store.samples import knowledge, prices, sample_decision

FAKES = {"azure": ("azure", "openai"), "gpu_cloud": ("skypilot", "dstack")}  # the others are called as their platform
WAYS = [(name, way) for name in platforms() for way in controls(name)]
CANARY = "canary7c31f9canary7c31f9"
PASTED = {
    "aws": {"access_key_id": "ASIACANARY7C31F9CANARY", "secret_access_key": CANARY, "session_token": CANARY},
    "azure": {"management": CANARY, "cognitiveservices": CANARY}, "google": {"token": CANARY}, "openai": {"token": f"sk-{CANARY}"},
    "bearer": {"token": CANARY},
}  # fmt: skip


@pytest.fixture
def cloud(name: str) -> Iterator[Cloud]:
    answers = [import_module(f"tests.launch.fakes.{fake}").answer for fake in FAKES.get(name, (name,))]
    with running(*answers) as found:
        yield found


@pytest.fixture
def database(new_database: Callable[..., str]) -> Iterator[Database]:
    opened = Database(new_database("sqlite"))
    yield opened
    opened.close()


@cache
def book(folder: str) -> PriceBook:
    return price_book(load_knowledge(), DAY, Path(folder), None)


def desk_of(cloud: Cloud, folder: Path) -> SignInDesk:
    endpoints = {info.module: cloud.url for name in platforms() for info in controls(name).values()}
    return SignInDesk(
        Rules(True, None, endpoints, frozenset(), folder, "https://lotse.example.org/launch-templates", False)
    )


def drafted(name: str, way: str, launch: str, **wanted: Any) -> Draft:
    place = platform(name)
    option = next(item for item in place.info.ways if item.id == way).options[0]
    info = controls(name)[way]
    given = {
        "hours": "2",
        "limit": "100000",
        "entries": {entry.name: entry.example for entry in info.entries},
        **wanted,
    }
    choice = Choice(option, "de", DAY, way)
    return draft(place, advice("support"), choice, Wanted(**given), book("."), launch, Clock().now, "https://lotse.example.org/launch-templates")  # fmt: skip


def stored(database: Database, desk: SignInDesk, name: str, way: str) -> str:
    """An approved launch with a pasted secret, as the pages make it."""
    launch = new_launch_id()
    made = drafted(name, way, launch)
    order = made.order.model_dump_json()
    with database.session(write=True) as session:
        assessment, _ = create_assessment(session, "de", {"task_type": "extraction"})
        report = freeze_report(session, assessment, sample_decision(), knowledge(), prices())
        money = as_stored(made.worst, made.limit, None, book("."))
        new = NewLaunch(public_id=launch, option=made.spec.option, platform=name, way=way, spec=made.spec.model_dump(mode="json"), order=order, order_sha256=digest(order), mode="token", sign_in={"entries": {}, "subject": subject(assessment.public_id)}, money=money, simulated=desk.simulated(name, made.info), needs_approval=False)  # fmt: skip
        row = create_launch(session, report, new, "", {})
        approve(session, row, None, row.order_sha256)
    desk.vault.put(launch, secret_of(made.info))
    return launch


def secret_of(info: ControlInfo) -> Secret:
    return checked_secret(info.sign_in, PASTED[info.sign_in])


def run(database: Database, desk: SignInDesk, launch: str) -> Launch:
    clock = Clock()
    return drive(Runner(database, desk, clock), clock, database, launch)


def submitted(cloud: Cloud, launch: str) -> int:
    return len([job for job in cloud.jobs.values() if launch in json.dumps([job.tags, job.body])])


def everything_in(database: Database) -> str:
    with database.session() as session:
        tables = ("launch", "launch_event", "report", "assessment", "idempotency_key", "orphan")
        return str([session.execute(text(f"select * from {table}")).all() for table in tables])


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_from_the_order_to_nothing_left(database: Database, cloud: Cloud, tmp_path: Path, name: str, way: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    desk = desk_of(cloud, tmp_path)
    launch = stored(database, desk, name, way)
    if "service" in way or "plain" in way:
        cloud.script = ("queued", "running")
        clock = Clock()
        work = Runner(database, desk, clock)
        drive(work, clock, database, launch, ("running",))
        with database.session(write=True) as session:
            wish(session, session.query(Launch).one(), "remove")
        found = drive(work, clock, database, launch)
    else:
        found = run(database, desk, launch)
        assert [event.state for event in found.events][-2:] == ["succeeded", "torn_down"]
    assert found.state == "torn_down", (found.state, found.trouble)
    assert desk.signed_in() == set()
    assert submitted(cloud, launch) == 1
    assert cloud.active() == []
    shown = everything_in(database) + caplog.text + "".join(capsys.readouterr())
    assert "canary" not in shown.casefold()


@pytest.mark.parametrize("luck", ["lost", 500, 429])
@pytest.mark.parametrize(("name", "way"), WAYS)
def test_bad_luck_with_everything_that_changes_something(database: Database, cloud: Cloud, tmp_path: Path, name: str, way: str, luck: str | int) -> None:  # fmt: skip
    """Once for each address that is not only read: whatever is lost or refused, one job is made and nothing is left."""
    hit: set[tuple[str, str]] = set()

    def first_of_its_kind(call: Any) -> bool:
        place = (call.method, f"{call.path.split('/')[-1][:12]} {call.headers.get('x-amz-target', '')}")
        if call.method == "GET" or place in hit:
            return False
        hit.add(place)
        return True

    fault = cloud.fault(luck, times=100)
    fault.matches = first_of_its_kind
    desk = desk_of(cloud, tmp_path)
    launch = stored(database, desk, name, way)
    cloud.script = ("queued", "running", "failed")
    found = run(database, desk, launch)
    assert found.state in FINAL
    assert (found.state, submitted(cloud, launch)) == ("torn_down", 1), (
        found.trouble,
        [(e.state, e.note) for e in found.events],
    )
    assert cloud.active() == []


@pytest.mark.parametrize(("name", "way"), [("aws", "sagemaker_training"), ("google", "custom_job")])
@pytest.mark.parametrize("before", ["submitting", "running"])
def test_an_upgrade_of_the_code_starts_nothing_else_and_forgets_nothing(database: Database, cloud: Cloud, tmp_path: Path, name: str, way: str, before: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    desk, clock = desk_of(cloud, tmp_path), Clock()
    launch, work = stored(database, desk, name, way), Runner(database, desk, clock)
    cloud.script = ("queued", "running")
    drive(work, clock, database, launch, (before,))
    monkeypatch.setattr("app.runs.desk.bundle_of", lambda spec, ways: b"other code")
    if before == "running":
        with database.session(write=True) as session:
            wish(session, session.query(Launch).one(), "cancel")
    found = drive(work, clock, database, launch)
    assert (found.state, submitted(cloud, launch)) == (("torn_down", 1) if before == "running" else ("refused", 0))
    assert cloud.active() == []


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_an_installation_that_only_simulates_asks_no_real_platform(tmp_path: Path, name: str, way: str) -> None:
    info, control = controls(name)[way], control_class(name, way)
    for endpoints, on in (({}, False), ({info.module: "https://stand-in.example.org"}, True)):
        desk = SignInDesk(Rules(True, None, endpoints, frozenset(), tmp_path, "https://lotse.example.org/t", True))
        assert desk.simulated(name, info) is on
        assert ("only simulates" in desk.why_off(name, info, control)) is not on


def test_a_simulated_order_never_becomes_a_real_one(database: Database, tmp_path: Path) -> None:
    with running() as cloud:
        desk = desk_of(cloud, tmp_path)
        stored(database, desk, "aws", "sagemaker_training")
        real = SignInDesk(Rules(True, None, {}, frozenset(), tmp_path, None, False), desk.vault)
        clock = Clock()
        clock.now = datetime.now(UTC) + timedelta(seconds=1)
        assert Runner(database, real, clock).work()
        with database.session() as session:
            launch = session.query(Launch).one()
            assert (launch.state, launch.trouble) == ("approved", "refused no longer simulated")


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_the_order_is_the_same_bytes_and_within_the_limit(name: str, way: str) -> None:
    one, two = (drafted(name, way, "5af0c3b2d1e4f697") for _ in range(2))
    assert one.order.model_dump_json() == two.order.model_dump_json()
    assert one.worst.total is None or one.worst.total <= Decimal(100000)
    assert one.order.seconds == 7200
    assert not one.spec.training or str(7200) in json.dumps(one.order.definition) or "PT2H" in json.dumps(one.order.definition) or way in ("bedrock_customization", "tuning_job", "fine_tuning", "foundry_tuning", "dstack_train")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, way in WAYS if control_class(name, way).needs_bundle_url]
)
def test_what_a_job_fetches_is_what_was_approved(make_settings: Callable[..., Settings], name: str, way: str) -> None:
    made = drafted(name, way, "5af0c3b2d1e4f697")
    base = "https://lotse.example.org/launch-templates"
    address = next(part for part in json.dumps(made.order.definition).split("'") if part.startswith(base))
    application = create_app(make_settings(template_base_url=base))
    with TestClient(application) as client:
        code = client.get(address.removeprefix("https://lotse.example.org")).content
    assert sha256(code).hexdigest() == made.order.bundle_sha256
    assert made.order.bundle_sha256 in json.dumps(made.order.definition)
