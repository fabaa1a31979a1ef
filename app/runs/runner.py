"""Works on launches in the background: takes one that is due, makes one step, stores what came of it.

Durable without a workflow engine: all that is known of a launch stands in its row, a process holds a row for some seconds only, and
every step can be repeated. After kill -9 the next process, on this host or another, goes on where the row says.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from app.launch.access import PlatformTrouble
from app.launch.control import Control, ControlInfo, Order
from app.runs.step import Change, Turn, step
from app.store.db import Database
from app.store.launch_states import FINAL
from app.store.launches import enter, held, take_due
from app.store.models import Launch, LaunchEvent

LEASE_SECONDS = 120.0  # longer than one step may take
IDLE_SECONDS = 3.0
THREADS = 3
logger = structlog.get_logger("lotse")


class Desk(Protocol):
    """What the runner needs besides the database."""

    def info(self, launch: Launch) -> ControlInfo:
        """How the way of a launch is started."""
        ...

    def control(self, launch: Launch, order: Order) -> Control:
        """The platform as the launch may use it. Raises PlatformTrouble when it cannot sign in."""
        ...

    def signed_in(self) -> set[str]:
        """Launches whose pasted credentials this process holds."""
        ...

    def forget(self, launch: str) -> None:
        """Drops what signs a launch in: nothing of it is left to ask for."""
        ...


class Runner:
    """Makes steps, in threads of its own or one at a time."""

    def __init__(
        self, database: Database, desk: Desk, clock: Callable[[], datetime], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.database, self.desk, self.clock, self.lease_seconds = database, desk, clock, lease_seconds
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Works until it is stopped."""
        self._threads = [threading.Thread(target=self._loop, name="launches", daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Looks at once: something was approved or changed."""
        self._wake.set()

    def stop(self, seconds: float = 5.0) -> None:
        """Finishes the steps that are under way, as far as they end within some seconds; the rest is repeated later."""
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(seconds)

    def work(self) -> bool:
        """One step of the launch that is most due; False when none is."""
        now = self.clock()
        lease = secrets.token_hex(16)  # of this step alone: a slow thread must not use another's
        launch = self.database.transact(
            lambda session: take_due(session, lease, now, self.lease_seconds, self.desk.signed_in())
        )
        if launch is None:
            return False
        change = self._step(launch)
        kept = self.database.transact(lambda session: self._keep(session, launch, change))
        if kept and change.state in FINAL:
            self.desk.forget(launch.public_id)
        return True

    def _step(self, launch: Launch) -> Change:
        order = Order.model_validate_json(launch.order)
        info = self.desk.info(launch)
        try:
            control = self.desk.control(launch, order)
        except PlatformTrouble as trouble:
            return _cannot_sign_in(launch, info, trouble)
        try:
            return step(Turn(launch, control, info, self.clock(), order.seconds, lambda: self._intend(launch)))
        except Exception as error:  # noqa: BLE001 -- a mistake in one control must not stop the others
            logger.error("launch", launch=launch.public_id, state=launch.state, kind=type(error).__name__)
            return Change(60, columns={"trouble": f"error {type(error).__name__}", "attempts": launch.attempts + 1})
        finally:
            control.access.close()

    def _intend(self, launch: Launch) -> bool:
        """Stores, before the call, that it is made; whoever finds the row after a crash looks for it first."""

        def intent(session: Session) -> bool:
            now = self.clock()
            found = held(session, launch, now)
            if found is None or found.wish != "run":
                return False
            found.submitted_at = now
            found.lease_until = now + timedelta(seconds=self.lease_seconds)
            return True

        return self.database.transact(intent)

    def _keep(self, session: Session, taken: Launch, change: Change) -> bool:
        """Stores what came of a step; False if it took too long: whoever holds the launch now finds out by itself."""
        now = self.clock()
        launch = held(session, taken, now)
        if launch is None:
            return False
        wanted_at_once = launch.next_at != taken.next_at  # somebody cancelled or signed in while the step went on
        for name, value in change.columns.items():
            setattr(launch, name, value)
        if change.state:
            enter(launch, change.state, now, change.note)
            logger.info("launch", launch=launch.public_id, state=change.state)
        elif trouble := change.columns.get("trouble"):
            _note_trouble(launch, now, trouble)
        launch.next_at = now if wanted_at_once else now + timedelta(seconds=change.seconds)
        launch.lease, launch.lease_until = None, None
        return True

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                if self.work():
                    continue
            except Exception as error:  # noqa: BLE001 -- the database may be away for a while
                logger.error("launches", kind=type(error).__name__)
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()


def _cannot_sign_in(launch: Launch, info: ControlInfo, trouble: PlatformTrouble) -> Change:
    columns = {"trouble": f"{trouble.kind} {trouble.reason}".strip()[:120], "attempts": launch.attempts + 1}
    return Change(min(900, info.poll_seconds * 2 ** min(launch.attempts, 8)), columns=columns)


def _note_trouble(launch: Launch, now: datetime, trouble: str) -> None:
    """Once for a row of the same."""
    if not launch.events or launch.events[-1].note != trouble:
        launch.events.append(LaunchEvent(at=now, state=launch.state, note=trouble))
