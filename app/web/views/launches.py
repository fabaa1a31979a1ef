"""What the board, the approval and the progress of launches show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from app.domain.values import MoneyRange
from app.launch.control import ControlInfo, Order, Quota
from app.launch.platform import platform
from app.launch.signin import SecretField, kind
from app.runs.step import removal_due
from app.runs.worst_case import WorstCase, cost_so_far
from app.store.launch_states import ACTIVE, ENDED, FINAL
from app.store.launches import FIRST_STATES
from app.store.models import Launch, LaunchEvent
from app.web.views.launch_words import MODES, NEXT, STATES, trouble_code, trouble_says

LADDER = ("approved", "submitting", "queued", "running")
LONGEST_VALUE = 2000  # characters of a value of a definition that people still read
NEAR = Decimal("0.1")  # an actual cost within a tenth of the estimate is as estimated
Step = Literal["done", "current", "open"]


@dataclass(frozen=True)
class Spending:
    """The money of a launch, in one currency; None where it is not known. `monthly`: the estimate is for a month of a service."""

    currency: str
    limit: Decimal
    worst: WorstCase
    estimate: MoneyRange | None
    so_far: Decimal | None
    quota: Quota
    monthly: bool

    @property
    def ratio(self) -> Decimal | None:
        """Cost so far against the middle estimate of the same run."""
        if self.monthly or self.so_far is None or self.estimate is None or not self.estimate.p50:
            return None
        return self.so_far / self.estimate.p50

    @property
    def near(self) -> bool:
        """Whether it cost about what was estimated."""
        return self.ratio is not None and abs(self.ratio - 1) <= NEAR


@dataclass(frozen=True)
class Event:
    """A line of the history. `says` is empty for the platform's own `word`."""

    at: datetime
    state: str
    says: str
    word: str


@dataclass(frozen=True)
class LaunchView:
    """One launch; the words are gettext ids, `said` is the platform's own word."""

    id: str
    name: str
    platform: str
    way: str
    option: str
    order: Order
    order_sha256: str
    simulated: bool
    state: str
    says: str
    next: str
    said: str
    handle: str | None
    trouble: str
    trouble_code: str
    result: str
    mode: str
    signs_in: str
    role: tuple[str, ...]
    needs_approval: bool
    approved_by: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    removed_at: datetime | None
    removal_at: datetime | None
    spending: Spending
    info: ControlInfo
    address: str
    steps: tuple[tuple[str, Step], ...]
    history: tuple[Event, ...]
    wish: str

    @property
    def waits(self) -> bool:
        """Whether it waits for approval."""
        return self.state == "estimated"

    @property
    def active(self) -> bool:
        """Whether something happens by itself."""
        return self.state in ACTIVE

    @property
    def ended(self) -> bool:
        """Whether it ran and is over."""
        return self.ended_at is not None

    @property
    def completed(self) -> bool:
        """Whether it ran to its end: only then its cost can be held against the estimate."""
        return any(rung == STATES["succeeded"] and step != "open" for rung, step in self.steps)

    @property
    def may_cancel(self) -> bool:
        """Whether it can still be stopped."""
        return self.active and self.state not in (*ENDED, "cancelling") and self.wish == "run"

    @property
    def may_remove(self) -> bool:
        """Whether something may still stand."""
        return self.active and self.state not in ("approved",) and self.wish != "remove"

    @property
    def can_log(self) -> bool:
        """Whether the platform can be asked for a log."""
        return self.active and self.handle is not None

    @property
    def definition(self) -> str:
        """The exact body that is sent, with packed code by its hash."""
        return json.dumps(_shown(self.order.definition), indent=2, ensure_ascii=False)

    @property
    def most(self) -> int | None:
        """The length from which values are shown by their hash; None where none is that long."""
        return LONGEST_VALUE if _shown(self.order.definition) != self.order.definition else None

    @property
    def hours(self) -> float:
        """The time cap."""
        return self.order.seconds / 3600


@dataclass(frozen=True)
class BoardPage:
    """All launches of an assessment."""

    base: str
    title: str
    launches: tuple[LaunchView, ...]


@dataclass(frozen=True)
class SignInFields:
    """What can be pasted again; `errors` by field name (gettext ids)."""

    fields: tuple[SecretField, ...]
    lasts: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LaunchDetail:
    """One launch for its author. `link` and `log` are shown this once."""

    base: str
    title: str
    launch: LaunchView
    sign_in: SignInFields | None = None
    link: str = ""
    log: tuple[str, ...] | None = None
    log_off: str = ""

    @property
    def here(self) -> str:
        """Address without language."""
        return f"{self.base}/launches/{self.launch.id}"


@dataclass(frozen=True)
class ApprovalPage:
    """What the second person sees. `done` is the state that his decision led to."""

    token: str
    launch: LaunchView
    name: str = ""
    error: str = ""
    done: bool = False


def launch_view(launch: Launch, info: ControlInfo, address: str, now: datetime) -> LaunchView:
    """A launch as it stands at a moment."""
    order, place = Order.model_validate_json(launch.order), platform(launch.platform)
    way = next((way.label for way in place.info.ways if way.id == launch.way), launch.way)
    return LaunchView(
        id=launch.public_id, name=order.name, platform=place.info.label, way=way, option=launch.option,
        order=order, order_sha256=launch.order_sha256, simulated=launch.simulated, state=launch.state,
        says=STATES[launch.state], next=NEXT.get(launch.state, ""), said=launch.said, handle=launch.handle,
        trouble=trouble_says(launch.trouble), trouble_code=trouble_code(launch.trouble), result=launch.result,
        mode=launch.mode, signs_in=MODES[launch.mode], role=tuple(launch.sign_in.get("entries", {}).values()),
        needs_approval=launch.needs_approval, approved_by=launch.approved_by,
        created_at=launch.created_at, started_at=launch.started_at, ended_at=launch.ended_at,
        removed_at=launch.removed_at, removal_at=_removal(launch, info, now), spending=spending(launch, now),
        info=info, address=address, steps=_steps(launch), history=tuple(_event(item) for item in launch.events),
        wish=launch.wish,
    )  # fmt: skip


def spending(launch: Launch, now: datetime) -> Spending:
    """The money of a launch."""
    money = launch.money
    worst = WorstCase.model_validate(money["worst"])
    estimate = MoneyRange.model_validate(money["estimate"]) if money["estimate"] else None
    quota = Quota.model_validate(money.get("quota") or {"needed": 0, "free": None})
    so_far, monthly = cost_so_far(launch, now), not launch.spec.get("training")
    return Spending(worst.currency, Decimal(money["limit"]), worst, estimate, so_far, quota, monthly)


def sign_in_fields(info: ControlInfo, errors: Mapping[str, str] | None = None) -> SignInFields:
    """What has to be pasted for a way."""
    found = kind(info.sign_in)
    return SignInFields(tuple(found.fields), found.lasts, errors or {})


def _shown(value: Any) -> Any:
    """A definition for people: a long text, such as packed code, as its beginning, its length and its SHA-256."""
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:60]}… ({len(value)}, SHA-256 {sha256(value.encode()).hexdigest()})"
    return value


def _removal(launch: Launch, info: ControlInfo, now: datetime) -> datetime | None:
    return removal_due(launch, info, now) if launch.state in ENDED else None


def _event(event: LaunchEvent) -> Event:
    """What the platform said stands as its word; our own codes become sentences."""
    says = trouble_says(event.note)
    return Event(event.at, STATES[event.state], says, trouble_code(event.note) if says else event.note)


def _steps(launch: Launch) -> tuple[tuple[str, Step], ...]:
    """The ladder: what it went through, what it is at, and what should follow."""
    state = launch.state
    reached = [item for item in dict.fromkeys(event.state for event in launch.events) if item not in FIRST_STATES]
    ahead = LADDER[LADDER.index(state) + 1 :] if state in LADDER else LADDER if state == FIRST_STATES[-1] else ()
    end = () if set(reached) & {*ENDED, *FINAL} else ("cancelled",) if state == "cancelling" else ("succeeded",)
    last = () if state in FINAL else ("torn_down",)
    return tuple((STATES[rung], _step(rung, state, reached)) for rung in (*reached, *ahead, *end, *last))


def _step(rung: str, state: str, reached: list[str]) -> Step:
    if rung == state and rung not in FINAL:
        return "current"
    return "done" if rung in reached else "open"
