"""Launches: created once per form, taken by one process at a time, changed only by the process that holds them."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.store.assessments import lock, remember_form, taken_form, utc_now
from app.store.launch_states import ACTIVE, FINAL, may_follow
from app.store.models import Assessment, Launch, LaunchEvent, Report
from app.store.tokens import new_token, token_hash

APPROVAL_DAYS = 7  # after that prices, quota and the state of the platform that were shown say nothing any more
FIRST_STATES = ("draft", "validated", "estimated")


@dataclass(frozen=True)
class NewLaunch:
    """What a launch is made from; see the columns of the table."""

    public_id: str
    option: str
    platform: str
    way: str
    spec: dict[str, Any]
    order: str
    order_sha256: str
    mode: str
    sign_in: dict[str, Any]
    money: dict[str, Any]
    simulated: bool
    needs_approval: bool


def new_launch_id() -> str:
    """16 random hexadecimal digits: every platform accepts them as the value of a tag."""
    return secrets.token_hex(8)


def create_launch(session: Session, report: Report, new: NewLaunch, key: str, body: Any) -> Launch:
    """Stores a launch that waits for approval. The same form twice gives the same launch."""
    assessment = session.get_one(Assessment, report.assessment_id)
    lock(session, assessment)
    if taken := taken_form(session, assessment, key, body):
        return session.scalars(select(Launch).where(Launch.public_id == taken["launch"])).one()
    now = utc_now()
    launch = Launch(
        **new.__dict__, report_id=report.id, state="estimated", wish="run", said="", result="", trouble="", attempts=0,
        created_at=now, next_at=now,
    )  # fmt: skip
    launch.events = [LaunchEvent(at=now, state=state, note="") for state in FIRST_STATES]
    session.add(launch)
    remember_form(session, assessment, key, body, {"launch": new.public_id})
    assessment.updated_at = now
    session.flush()
    return launch


def launches_of(session: Session, report: Report) -> list[Launch]:
    """All launches of the assessment of a report, newest first."""
    same = select(Report.id).where(Report.assessment_id == report.assessment_id)
    return list(session.scalars(select(Launch).where(Launch.report_id.in_(same)).order_by(Launch.id.desc())))


def launch_of(session: Session, report: Report, public_id: str) -> Launch:
    """A launch of the assessment of a report. Raises NotFound."""
    found = next((item for item in launches_of(session, report) if item.public_id == public_id), None)
    if found is None:
        raise NotFound(detail="There is no such launch.", mend="Go back to the list of launches.")
    return found


def approval_link(session: Session, launch: Launch) -> str:
    """A new token for the address at which a second person approves; an older one stops to work."""
    token = new_token()
    launch.approval_hash = token_hash(token)
    session.flush()
    return token


def launch_to_approve(session: Session, token: str) -> Launch:
    """The launch behind the address for the second person. Raises NotFound."""
    found = session.scalar(select(Launch).where(Launch.approval_hash == token_hash(token)))
    if found is None:
        raise NotFound(detail="There is no launch to approve at this address.", mend="Ask for a new link.")
    return found


def approve(session: Session, launch: Launch, approver: str | None, order_sha256: str) -> None:
    """Lets it start: exactly the order that was shown. A second time changes nothing. Raises Conflict."""
    session.refresh(launch, with_for_update=True)
    if launch.order_sha256 != order_sha256:
        raise Conflict(detail="The launch is not the one that was shown.", mend="Look at it once more.")
    if launch.state != "estimated":
        return
    if utc_now() > launch.created_at + timedelta(days=APPROVAL_DAYS):
        raise Conflict(detail="The order is more than a week old.", mend="Make a new one, at the prices of today.")
    if launch.needs_approval and not approver:
        raise Conflict(detail="This launch needs the approval of a second person.", mend="Send that person the link.")
    launch.approved_by, launch.approval_hash = approver, None
    enter(launch, "approved", utc_now())
    session.flush()


def enter(launch: Launch, state: str, now: datetime, note: str = "") -> None:
    """Notes a new state. Raises ValueError for one that may not follow."""
    if not may_follow(launch.state, state):
        raise ValueError(f"{state} may not follow {launch.state}")
    launch.state, launch.next_at = state, now
    launch.events.append(LaunchEvent(at=now, state=state, note=note[:200]))


def wish(session: Session, launch: Launch, wanted: str) -> None:
    """What the user wants now: `cancel`, or `remove` (stop and remove everything at once). What was never sent is withdrawn at once."""
    session.refresh(launch, with_for_update=True)
    now = utc_now()
    if _never_sent(launch, now):
        enter(launch, "withdrawn", now)
    elif launch.state not in FINAL and launch.wish not in (
        wanted,
        "remove",
    ):  # who wants it removed wants it stopped too
        launch.wish, launch.next_at = wanted, now
        launch.events.append(LaunchEvent(at=now, state=launch.state, note=wanted))
    session.flush()


def _never_sent(launch: Launch, now: datetime) -> bool:
    """Whether the platform has heard nothing of it and no step is under way: then nobody has to sign in to end it."""
    idle = launch.lease_until is None or launch.lease_until < now
    return idle and launch.submitted_at is None and launch.state in ("estimated", "approved", "submitting")


def take_due(session: Session, lease: str, now: datetime, seconds: float, signed_in: Collection[str]) -> Launch | None:
    """The launch that has waited longest for a look, held under this lease for so many seconds; None when none is due.

    Launches that sign in with a pasted token go only to a process that holds it (`signed_in`).
    """
    free = or_(Launch.lease_until.is_(None), Launch.lease_until < now)
    mine = or_(Launch.mode != "token", Launch.public_id.in_(signed_in))
    due = select(Launch.id).where(Launch.state.in_(ACTIVE), Launch.next_at <= now, free, mine).order_by(Launch.next_at)
    number = session.scalar(due.limit(1))
    if number is None:
        return None
    held = (
        update(Launch)
        .where(Launch.id == number, free)
        .values(lease=lease, lease_until=now + timedelta(seconds=seconds))
    )
    taken = session.execute(held.returning(Launch.id)).scalar_one_or_none()
    return session.get_one(Launch, number, populate_existing=True) if taken else None


def held(session: Session, taken: Launch, now: datetime) -> Launch | None:
    """The launch if it is still held as it was taken, locked until the end of the transaction; None if another took over."""
    launch = session.get(Launch, taken.id, with_for_update=True, populate_existing=True)
    still = (
        launch is not None
        and launch.lease == taken.lease
        and launch.lease_until is not None
        and launch.lease_until >= now
    )
    return launch if still else None


def live(session: Session, assessment: Assessment) -> list[Launch]:
    """Launches that may still exist on a platform."""
    mine = select(Report.id).where(Report.assessment_id == assessment.id)
    return list(session.scalars(select(Launch).where(Launch.report_id.in_(mine), Launch.state.in_(ACTIVE))))


def forget(session: Session, public_id: str) -> None:
    """Ends a launch by the operator's word, for an account that nobody can sign in to any more. Raises NotFound."""
    launch = session.scalar(select(Launch).where(Launch.public_id == public_id).with_for_update())
    if launch is None or launch.state in FINAL:
        raise NotFound(detail="There is no launch of that id that has not ended.", mend="Look at lotse launches list.")
    now = utc_now()
    launch.state, launch.removed_at = "torn_down", now
    launch.events.append(LaunchEvent(at=now, state="torn_down", note="operator"))
    session.flush()
