"""One step of a launch: looks at its state, asks the platform at most a few things, and says what changes.

Every step may be repeated: before anything is created it is looked for by name, so that a lost answer, a crash or a second
process never starts a second one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.launch.access import PlatformTrouble
from app.launch.control import ENDED, Control, ControlInfo, Seen
from app.store.models import Launch

LOOK_SECONDS = 40
SETTLED_SECONDS = 300  # after a creating call: until then a platform may not show yet what it has created
MOST_ATTEMPTS = 24  # of a submission, looks after a lost answer included
LONGEST_SECONDS = 900  # between two looks
GRACE_SECONDS = 600  # over the time cap, for the platform to end it by itself
QUEUE_SECONDS = 24 * 3600  # waiting for a machine counts as use after that
CENTS = Decimal("0.0001")
STUCK_LOOKS = 10  # looks at a launch that is being cancelled until it is asked again


@dataclass(frozen=True)
class Change:
    """What a step changes: the next state (None: the same), a note for its history, columns, and seconds until the next step."""

    seconds: float
    state: str | None = None
    note: str = ""
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """What a step works with. `intend` stores that the creating call is about to be made; False: somebody else took over."""

    launch: Launch
    control: Control
    info: ControlInfo
    now: datetime
    seconds: int  # time cap
    intend: Callable[[], bool]


def step(turn: Turn) -> Change:
    """The change of one step, whatever the platform does."""
    try:
        return _STEPS[turn.launch.state](turn)
    except PlatformTrouble as trouble:
        return _troubled(turn, trouble)


def _approved(turn: Turn) -> Change:
    if turn.launch.wish != "run":
        return Change(0, "withdrawn")
    quota = turn.control.quota()
    if quota.free is not None and quota.free < quota.needed:
        return Change(0, "refused", columns={"trouble": "over_quota"})
    return Change(0, "submitting", columns=_well(turn))


def _submitting(turn: Turn) -> Change:
    launch = turn.launch
    seen = turn.control.find()
    if seen:
        return _as_seen(turn, seen)
    if _looks_again(turn):
        return Change(LOOK_SECONDS, columns={"attempts": launch.attempts + 1})
    if launch.wish != "run":
        return Change(0, "withdrawn")
    if launch.attempts >= MOST_ATTEMPTS:
        return Change(0, "refused", launch.trouble)
    if turn.control.uses_bundle and not turn.control.bundle:
        raise PlatformTrouble("refused", "code changed since approval")
    if not turn.intend():
        return Change(0)
    return _as_seen(turn, turn.control.submit())


def _looks_again(turn: Turn) -> bool:
    """Whether a call may have created it although nobody heard of it: `submitted_at` is stored before each such call."""
    certain = turn.info.safe_repeat and turn.launch.wish == "run"
    return not certain and _unsettled(turn)


def _unsettled(turn: Turn) -> bool:
    """Whether it was sent so lately that the platform's "there is none" says nothing."""
    sent = turn.launch.submitted_at
    return sent is not None and turn.now < sent + timedelta(seconds=SETTLED_SECONDS)


def _under_way(turn: Turn) -> Change:
    launch, handle = turn.launch, turn.launch.handle or ""
    if launch.wish != "run" or _overdue(turn):
        turn.control.cancel(handle)
        note = launch.wish if launch.wish != "run" else "time cap"
        return Change(turn.info.poll_seconds / 3, "cancelling", note, _well(turn))
    seen = turn.control.status(handle)
    if seen is None:  # it was there before: somebody removed it
        return _gone(turn, "failed")
    return _as_seen(turn, seen)


def _cancelling(turn: Turn) -> Change:
    launch, handle = turn.launch, turn.launch.handle or ""
    seen = turn.control.status(handle)
    if seen is None:
        return _gone(turn, "cancelled")
    if seen.state in ENDED:
        return _as_seen(turn, seen)
    if launch.attempts and launch.attempts % STUCK_LOOKS == 0:
        turn.control.cancel(handle)
    columns = {**_well(turn), "attempts": launch.attempts + 1, "said": seen.said}
    return Change(turn.info.poll_seconds / 3, columns=columns)


def _gone(turn: Turn, state: str) -> Change:
    """Believed only once the platform has had time to show what it has created: what is believed gone is never looked for again."""
    if _unsettled(turn):
        return Change(LOOK_SECONDS, columns=_well(turn))
    return Change(0, state, "gone", {**_well(turn), "ended_at": turn.now})


def _ended(turn: Turn) -> Change:
    launch = turn.launch
    due = removal_due(launch, turn.info, turn.now)
    if due > turn.now:
        return Change((due - turn.now).total_seconds())
    if turn.control.teardown(launch.handle or ""):
        return Change(0, "torn_down", columns={**_well(turn), "removed_at": turn.now})
    return Change(_back_off(turn), columns={**_well(turn), "attempts": launch.attempts + 1})


_STEPS: dict[str, Callable[[Turn], Change]] = {
    "approved": _approved, "submitting": _submitting, "queued": _under_way, "running": _under_way, "cancelling": _cancelling,
    "succeeded": _ended, "failed": _ended, "cancelled": _ended,
}  # fmt: skip


def removal_due(launch: Launch, info: ControlInfo, now: datetime) -> datetime:
    """When what still stands is removed: at once after a failure or on request, else when the results could have been fetched."""
    if launch.wish == "remove" or launch.state != "succeeded" or launch.ended_at is None:
        return now
    return launch.ended_at + timedelta(hours=info.keep_hours)


def _overdue(turn: Turn) -> bool:
    """Our own reaper: works where a platform has no time cap, and where it does not keep it."""
    return turn.now > _counted_from(turn) + timedelta(seconds=turn.seconds + GRACE_SECONDS)


def _counted_from(turn: Turn) -> datetime:
    """When the time cap begins: with the run, or with the submission where the machine is paid for before it runs."""
    launch = turn.launch
    sent = launch.submitted_at or launch.created_at
    if turn.info.queue_costs:
        return sent
    return launch.started_at or (sent + timedelta(seconds=QUEUE_SECONDS) if launch.state == "queued" else sent)


def _as_seen(turn: Turn, seen: Seen) -> Change:
    launch = turn.launch
    columns = {**_well(turn), "handle": seen.handle, "said": seen.said}
    columns |= {"result": seen.result} if seen.result else {}
    columns |= _cost(launch, seen)
    columns |= {} if launch.submitted_at else {"submitted_at": turn.now}
    if seen.state != "queued":
        columns["started_at"] = launch.started_at or _started(turn, seen)
    if seen.state in ENDED:
        columns["ended_at"] = min(seen.ended or turn.now, turn.now)
    state = None if seen.state == launch.state or _goes_back(launch.state, seen.state) else seen.state
    seconds = 0 if seen.state in ENDED else turn.info.poll_seconds
    return Change(seconds, state, seen.said, columns)


def _cost(launch: Launch, seen: Seen) -> dict[str, str]:
    """What the platform states, in the currency of the launch; nothing where no rate is known."""
    rate = launch.money.get("rates", {}).get(seen.currency)
    return {"cost": str((seen.cost * Decimal(rate)).quantize(CENTS))} if seen.cost is not None and rate else {}


def _started(turn: Turn, seen: Seen) -> datetime:
    """The platform's time of the start; between the time at which it was sent and now, whatever its clock says."""
    return max(min(seen.started or turn.now, turn.now), turn.launch.submitted_at or turn.now)


def _goes_back(before: str, after: str) -> bool:
    """A platform may report an older state for a while, or queue again after a preemption."""
    order = ("submitting", "queued", "running", "cancelling")
    return after in order and before in order and order.index(after) < order.index(before)


def _well(turn: Turn) -> dict[str, Any]:
    return {"trouble": "", "attempts": 0, "checked_at": turn.now}


def _troubled(turn: Turn, trouble: PlatformTrouble) -> Change:
    launch = turn.launch
    columns = {"trouble": f"{trouble.kind} {trouble.reason}".strip()[:120], "attempts": launch.attempts + 1}
    nothing_made = launch.submitted_at is None and launch.state in ("approved", "submitting")
    if trouble.kind in ("refused", "over_quota") and nothing_made:
        return Change(0, "refused", trouble.reason, columns)
    if launch.state == "approved" and launch.attempts >= MOST_ATTEMPTS:
        return Change(0, "refused", trouble.reason, columns)
    return Change(max(trouble.wait, _back_off(turn)), columns=columns)


def _back_off(turn: Turn) -> float:
    return float(min(LONGEST_SECONDS, max(2, turn.info.poll_seconds / 6) * 2 ** min(turn.launch.attempts, 12)))
