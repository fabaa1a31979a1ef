"""Where a platform stands for an option on a day: its ways, their availability, the launch, the cost, or why it is off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.domain.catalogue import PlatformInfo
from app.domain.decision import OptionResult
from app.domain.messages import Message
from app.domain.values import MoneyRange
from app.errors import Conflict, NotFound
from app.launch.availability import Availability, availability
from app.launch.planning import Advice, Choice, plan
from app.launch.platform import Platform, Way
from app.launch.spec import LaunchSpec

Standing = Literal["offered", "limited", "off"]


@dataclass(frozen=True)
class WayRow:
    """A way of a platform and its state today."""

    way: Way
    state: Availability


@dataclass(frozen=True)
class PlatformRow:
    """A platform for the chosen option. `why_off` says why nothing can be launched there."""

    platform: Platform
    standing: Standing
    ways: tuple[WayRow, ...]
    spec: LaunchSpec | None
    total: MoneyRange | None
    preferred: bool
    why_off: tuple[Message, ...]
    own_price: bool = True  # False: the report's figures are for another hosting or model


def platform_row(platform: Platform, advice: Advice, choice: Choice) -> PlatformRow:
    """Where a platform stands for an option today: by the chosen way, else by the first that can be used."""
    ways = platform.ways(choice.option, choice.way)
    if not ways:
        off = (Message(message="This platform offers no way to launch this option."),)
        return PlatformRow(platform, "off", (), None, None, _preferred(platform, advice), off)
    if choice.way:
        return _row(platform, advice, choice)
    firsts = [way.id for way in platform.alternatives(choice.option) if way.stage == ways[0].stage]
    rows = [_row(platform, advice, replace(choice, way=way)) for way in firsts]
    return next((row for row in rows if row.standing != "off"), rows[0])


def _row(platform: Platform, advice: Advice, choice: Choice) -> PlatformRow:
    spec = plan(platform, advice, choice)
    info = advice.knowledge.platforms.get(platform.id)
    ways = platform.ways_of(spec)
    states = [
        WayRow(way, availability(_needs(way, spec), info, choice.day, advice.answers, _model(way, spec)))
        for way in ways
    ]
    result = advice.decision.option(choice.option)
    why_off, total = hosting_of(info, result)
    own = spec.same_model and (info is None or result.hosting in info.hostings)
    standing = _standing(states, why_off)
    return PlatformRow(
        platform, standing, tuple(states), spec, total, _preferred(platform, advice), tuple(why_off), own
    )


def _preferred(platform: Platform, advice: Advice) -> bool:
    return bool({platform.id, platform.info.belongs_to} & set(advice.answers.platforms or []))


def _model(way: Way, spec: LaunchSpec) -> str | None:
    return spec.model if way.stage == "tune" else None


def _needs(way: Way, spec: LaunchSpec) -> Way:
    """A service that asks no model service is a container like any other."""
    plain = way.stage == "serve" and spec.pipeline in ("baseline", "encoder")
    return way.model_copy(update={"capability": ["custom_job", *way.capability]}) if plain else way


def hosting_of(info: PlatformInfo | None, result: OptionResult) -> tuple[list[Message], MoneyRange | None]:
    """Why every hosting of the platform is excluded (empty if one is not), and the cheapest total of the others."""
    own = [item for item in result.hostings if info is None or item.hosting in info.hostings]
    fit = [item for item in own if item.feasible]
    if not result.hostings or fit:
        totals = [item.total for item in fit if item.total]
        return [], min(totals, key=lambda total: total.p50) if totals else None
    reasons: dict[str, Message] = {reason.says: reason for item in own for reason in item.exclusions}
    foreign = Message(message="The report does not foresee this kind of hosting for the option.")
    return list(reasons.values()) or [foreign], None


def _standing(states: list[WayRow], why_off: list[Message]) -> Standing:
    if why_off or any(not row.state.usable and row.state.state != "unknown" for row in states):
        return "off"
    return "offered" if all(row.state.state == "open" for row in states) else "limited"


def feasible_option(advice: Advice, asked: str) -> str:
    """The option asked for, else the recommended one, else the best that is left.

    Raises NotFound for one that is unknown or excluded, and when the report leaves none.
    """
    decision = advice.decision
    feasible = {item.option: item.rank or len(decision.options) for item in decision.options if item.feasible}
    if not feasible:
        raise NotFound(detail="The report leaves no option to launch.", mend="Look at the reasons in the report first.")
    if not asked:
        best = min(feasible, key=lambda option: feasible[option])
        return decision.recommended.option if decision.recommended.option in feasible else best
    if asked not in {item.option for item in decision.options}:
        raise NotFound(detail="The report knows no such option.", mend="Choose one of the options of the report.")
    if asked not in feasible:
        raise NotFound(detail="The report excludes this option.", mend="Choose one of the options of the report.")
    return asked


def require_open(platform: Platform, advice: Advice, choice: Choice) -> LaunchSpec:
    """The launch of a feasible option. Raises NotFound or Conflict when it cannot be launched there today, with the reason."""
    feasible_option(advice, choice.option)
    return usable(platform_row(platform, advice, choice))


def usable(row: PlatformRow) -> LaunchSpec:
    """The launch of a platform that offers it. Raises Conflict with the reason otherwise."""
    if row.spec is None or row.standing == "off":
        reasons = [*row.why_off, *(item.state.says for item in row.ways if not item.state.usable)]
        raise Conflict(
            detail="{platform} does not offer this option today. {reason}",
            mend="Choose another platform.",
            platform=row.platform.info.label,
            reason=" ".join(reason.says for reason in reasons[:1]),
        )
    return row.spec
