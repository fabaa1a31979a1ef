"""What tests of the runner share: the toy platform's control, a desk for it, and a stored launch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy.orm import Session

from app.launch.access import Access, PlatformTrouble
from app.launch.control import Control, ControlInfo, Found, Order, Parts, Quota, Seen
from app.runs.ordering import digest
from app.store.db import Database
from app.store.launches import NewLaunch, approve, create_launch, new_launch_id
from app.store.models import Launch
from app.store.repository import create_assessment, freeze_report
from tests.store.samples import knowledge, prices, sample_decision

INFO = ControlInfo(module="toy", sign_in="bearer", modes=["token"], time_cap="lotse", safe_repeat=False, poll_seconds=5, keep_hours=0, data="nowhere")  # fmt: skip


class ToyControl(Control):
    """Speaks to the toy platform."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        return {"name": parts.name, "tag": parts.launch}

    def find(self) -> Seen | None:
        rows = self.access.call("GET", f"https://toy/toy/jobs?name={self.order.name}")
        return Seen(handle=rows[0]["id"], state=rows[0]["state"], said=rows[0]["state"]) if rows else None

    def submit(self) -> Seen:
        row = self.access.call("POST", "https://toy/toy/jobs", json=self.order.definition)
        return Seen(handle=row["id"], state=row["state"], said=row["state"])

    def status(self, handle: str) -> Seen | None:
        try:
            row = self.access.call("GET", f"https://toy/toy/jobs/{handle}")
        except PlatformTrouble as trouble:
            if trouble.kind == "absent":
                return None
            raise
        return Seen(handle=row["id"], state=row["state"], said=row["state"].upper())

    def logs(self, handle: str) -> list[str]:
        return []

    def cancel(self, handle: str) -> None:
        self.access.call("POST", f"https://toy/toy/jobs/{handle}/cancel")

    def teardown(self, handle: str) -> bool:
        self.access.call("DELETE", f"https://toy/toy/jobs/{handle}")
        return not self.access.call("GET", f"https://toy/toy/jobs/{handle}")["standing"]

    def quota(self) -> Quota:
        return Quota(needed=1, free=self.access.call("GET", "https://toy/toy/free")["free"])

    def tagged(self) -> list[Found]:
        rows = self.access.call("GET", "https://toy/toy/jobs")
        return [Found(handle=row["id"], launch=row["tag"], kind="job") for row in rows]


class ToySigning:
    """A fixed bearer token."""

    def __init__(self, token: str = "toy-canary") -> None:
        self.token = token

    def auth(self, service: str, region: str) -> httpx2.Auth:
        return httpx2.FunctionAuth(self._sign)

    def _sign(self, request: httpx2.Request) -> httpx2.Request:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass
class ToyDesk:
    """Signs in at the toy platform; `known` are the launches whose token this process holds."""

    url: str
    known: set[str] = field(default_factory=set)
    seconds: float = 5.0
    token: str = "toy-canary"

    def info(self, launch: Launch) -> ControlInfo:
        return INFO

    def signed_in(self) -> set[str]:
        return self.known

    def forget(self, launch: str) -> None:
        self.known = self.known - {launch}

    def control(self, launch: Launch, order: Order) -> Control:
        return ToyControl(order, Access(ToySigning(self.token), self.url, httpx2.Client(timeout=self.seconds)))


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = datetime(2026, 11, 28, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def new_launch(session: Session, *, approved: bool = True, seconds: int = 3600, needs_approval: bool = False) -> Launch:
    """A launch on the toy platform of a fresh report."""
    assessment, _ = create_assessment(session, "de", {"task_type": "extraction"})
    report = freeze_report(session, assessment, sample_decision(), knowledge(), prices())
    public_id = new_launch_id()
    order = Order(launch=public_id, name=f"lotse-{public_id}", platform="toy", way="toy", region="here", entries={}, definition={"name": f"lotse-{public_id}", "tag": public_id}, seconds=seconds, expires=0).model_dump_json()  # fmt: skip
    money = {
        "worst": {"lines": [], "total": "10.00", "hourly": "2.00", "currency": "EUR"},
        "limit": "20",
        "estimate": None,
    }
    new = NewLaunch(public_id=public_id, option="rag", platform="toy", way="toy", spec={}, order=order, order_sha256=digest(order), mode="token", sign_in={}, money=money, simulated=True, needs_approval=needs_approval)  # fmt: skip
    launch = create_launch(session, report, new, "", {})
    if approved:
        approve(session, launch, None, digest(order))
    return launch


def stored(database: Database, **changes: Any) -> str:
    """The public id of a new launch."""
    with database.session(write=True) as session:
        return new_launch(session, **changes).public_id


def seen(database: Database, public_id: str) -> Launch:
    """The launch as it stands, with its events."""
    with database.session() as session:
        launch = session.query(Launch).filter_by(public_id=public_id).one()
        _ = launch.events[:]
        return launch
