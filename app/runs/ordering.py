"""From a plan to an order: what the user entered checked, the exact definition made, and held against every cap before it is stored."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from app.domain.catalogue import PriceBook
from app.errors import InputError
from app.launch.control import Control, ControlInfo, Order, Parts, checked_entries, control_class, controls
from app.launch.kit import code_zip, config
from app.launch.launching import platform_row, usable
from app.launch.planning import Advice, Choice
from app.launch.platform import Platform, Way
from app.launch.signin.vault import KEPT_SECONDS
from app.launch.spec import LaunchSpec
from app.launch.template_address import packed
from app.locales import formatter
from app.runs.worst_case import WorstCase, worst_case
from app.store.launches import APPROVAL_DAYS

LONGEST_HOURS = 24 * 28
TOKEN_HOURS = int(KEPT_SECONDS // 3600)  # for so long a pasted token is kept
LEFT_OVER_DAYS = 3 + APPROVAL_DAYS  # after the order and the time cap: whatever carries our tag then was left behind


@dataclass(frozen=True)
class Wanted:
    """What the user entered to start a launch; `entries` by name, numbers as text. `mode`: how it signs in."""

    hours: str
    limit: str
    entries: Mapping[str, str]
    mode: str = ""


@dataclass(frozen=True)
class Draft:
    """An order that is ready to be approved, with what it was made from."""

    order: Order
    spec: LaunchSpec
    info: ControlInfo
    worst: WorstCase
    limit: Decimal


def startable(platform: Platform, way: Way) -> ControlInfo | None:
    """How a way is started from here; None when it is not."""
    return controls(platform.id).get(way.id)


def draft(  # noqa: PLR0913, PLR0917 -- what an order depends on
    platform: Platform, advice: Advice, choice: Choice, wanted: Wanted, book: PriceBook, launch: str, now: datetime,
    template_base: str | None,
) -> Draft:  # fmt: skip
    """The order of a launch. Raises InputError that names each field, and Conflict when the platform is closed for it."""
    planned = usable(platform_row(platform, advice, choice))
    way = platform.ways_of(planned)[0]
    info = controls(platform.id)[way.id]
    hours, limit = _hours(wanted.hours, longest_hours(planned, info, wanted.mode)), _amount(wanted.limit)
    entries = checked_entries(info, wanted.entries)
    spec = _own(planned, launch, hours, limit)
    worst = worst_case(spec, info, book)
    _within(worst, limit)
    order = _order(platform, way, spec, entries, launch, now, template_base, advice)
    return Draft(order, spec, info, worst, limit)


def proposed_limit(spec: LaunchSpec, worst: WorstCase) -> Decimal:
    """What the form proposes as the most that the launch may cost: the worst case within the caps, else the report's cap."""
    return worst.total.quantize(Decimal(1)) + 1 if worst.total is not None else Decimal(spec.cost_cap or 50)


def bundle_of(spec: LaunchSpec, ways: list[Way]) -> bytes:
    """The pipeline code of a launch."""
    return code_zip(spec, ways)


def digest(order: str) -> str:
    """SHA-256 of an order as it is stored: what is approved is what is sent."""
    return sha256(order.encode()).hexdigest()


def _order(  # noqa: PLR0913, PLR0917
    platform: Platform, way: Way, spec: LaunchSpec, entries: dict[str, str], launch: str, now: datetime,
    template_base: str | None, advice: Advice,
) -> Order:  # fmt: skip
    control, ways = control_class(platform.id, way.id), platform.ways_of(spec)
    expires = int((now + timedelta(seconds=spec.seconds, days=LEFT_OVER_DAYS)).timestamp())
    bundle = bundle_of(spec, ways)
    parts = Parts(
        launch=launch, name=spec.name, spec=spec, values=platform.values(spec), entries=entries, expires=expires,
        config=config(spec, advice.decision, ways, formatter(spec.language)),
        bundle_sha256=sha256(bundle).hexdigest(), bundle_base64=b64encode(bundle).decode(),
        bundle_url=f"{template_base.rstrip('/')}/{platform.id}/{packed(spec)}.zip" if template_base else "",
    )  # fmt: skip
    definition = control.definition(parts)
    _refuse(control, definition)
    return Order(
        launch=launch, name=spec.name, platform=platform.id, way=way.id, region=spec.region, entries=entries,
        definition=json.loads(json.dumps(definition)), bundle_sha256=parts.bundle_sha256, seconds=spec.seconds, expires=expires,
    )  # fmt: skip


def _refuse(control: type[Control], definition: dict[str, Any]) -> None:
    problems = control.problems(definition)
    if problems:
        raise InputError(
            [{"key": "definition", "value": "", "allowed": "", "says": text} for text in problems[:5]],
            detail="The platform would refuse this definition: {reason}",
            reason="; ".join(problems[:5])[:400],
        )


def _own(spec: LaunchSpec, launch: str, hours: int, limit: Decimal) -> LaunchSpec:
    """The plan under a name of its own, so that a second launch of the same report is a second one, with the chosen caps."""
    name = f"{spec.name}-{launch[:8]}"[:40]
    training = spec.training.model_copy(update={"max_hours": hours}) if spec.training else None
    return spec.model_copy(update={"name": name, "training": training, "service_hours": hours, "cost_cap": int(limit)})


def longest_hours(spec: LaunchSpec, info: ControlInfo, mode: str) -> int:
    """The longest time cap: four times the plan's, four weeks; where only we end a run, as long as we can sign in."""
    longest = min(LONGEST_HOURS, spec.training.max_hours * 4) if spec.training else LONGEST_HOURS
    return min(longest, TOKEN_HOURS) if mode == "token" and info.time_cap == "lotse" else longest


def _hours(text: str, longest: int) -> int:
    if text.strip().isdigit() and 1 <= int(text) <= longest:
        return int(text)
    raise _problem("hours", text, f"1 to {longest}")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        amount = Decimal()
    if amount.is_finite() and Decimal(1) <= amount <= Decimal(10_000_000):
        return amount
    raise _problem("limit", text, "1 to 10000000")


def _within(worst: WorstCase, limit: Decimal) -> None:
    """Over budget is refused before anything is asked of the platform. An unknown price needs a second person instead."""
    if worst.total is not None and worst.total > limit:
        raise _problem("limit", str(limit), f"{worst.total:.2f} or more, or fewer hours")


def _problem(key: str, value: str, allowed: str) -> InputError:
    return InputError([{"key": key, "value": value[:80], "allowed": allowed, "says": f"{key}: {value[:80]!r} is not allowed; allowed is {allowed}"}])  # fmt: skip
