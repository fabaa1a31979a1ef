"""The daily search for what was left behind: everything with our tag, on every account that can be signed in to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog

from app.launch.access import PlatformTrouble
from app.launch.control import Found, Order
from app.runs.runner import Desk
from app.store.db import Database
from app.store.launch_states import ACTIVE
from app.store.models import Launch, Orphan
from app.store.orphans import note_orphan, recent_launches, states_of

SEARCH_DAYS = 60
logger = structlog.get_logger("lotse")


def search(database: Database, desk: Desk, now: datetime) -> int:
    """Looks at every account once. What belongs to an ended launch of ours is removed; what no launch accounts for is noted. The number of those."""
    noted = 0
    for launch in _one_for_each_account(database, desk, now):
        try:
            noted += _look(database, desk, launch, now)
        except PlatformTrouble as trouble:
            logger.warning("orphans", platform=launch.platform, trouble=trouble.kind)
        except Exception as error:  # noqa: BLE001 -- a mistake in one control must not end the search on the others
            logger.error("orphans", platform=launch.platform, kind=type(error).__name__)
    return noted


def _one_for_each_account(database: Database, desk: Desk, now: datetime) -> Iterator[Launch]:
    with database.session() as session:
        launches = recent_launches(session, now, SEARCH_DAYS, desk.signed_in())
    seen = set()
    for launch in launches:
        order = Order.model_validate_json(launch.order)
        account = (launch.platform, launch.way, order.region, str(launch.sign_in), str(sorted(order.entries.items())))
        if account not in seen:
            seen.add(account)
            yield launch


def _look(database: Database, desk: Desk, launch: Launch, now: datetime) -> int:
    control = desk.control(launch, Order.model_validate_json(launch.order))
    try:
        found = control.tagged()
    finally:
        control.access.close()
    with database.session() as session:
        states = states_of(session, {item.launch for item in found})
    left = [item for item in found if states.get(item.launch) not in ACTIVE]
    for item in left:
        _remove_or_note(database, desk, launch.platform, item, item.launch in states, now)
    return len(left)


def _remove_or_note(database: Database, desk: Desk, platform: str, item: Found, ours: bool, now: datetime) -> None:  # noqa: PLR0913, PLR0917
    """Only what a row of ours knows is removed: another installation may use the same account."""
    logger.warning("orphan", platform=platform, launch=item.launch, kind=item.kind, ours=ours)
    if ours:
        _remove(database, desk, item)
    found = Orphan(platform=platform, handle=item.handle, launch=item.launch, kind=item.kind)
    database.transact(lambda session: note_orphan(session, found, now))


def _remove(database: Database, desk: Desk, item: Found) -> None:
    """Asks for its end: what was found, which may be another one than the launch knows, and what belongs to the launch."""
    with database.session() as session:
        launch = session.query(Launch).filter_by(public_id=item.launch).one()
    try:
        control = desk.control(launch, Order.model_validate_json(launch.order))
        try:
            for handle in dict.fromkeys((launch.handle or item.handle, item.handle)):
                control.teardown(handle)
        finally:
            control.access.close()
    except PlatformTrouble as trouble:  # such as a token that nobody holds any more: the others are still looked at
        logger.warning("orphan", launch=item.launch, trouble=trouble.kind)
