"""What would change the advice: drivers, tipping points, break-even, the most valuable open question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.domain.advice import Verdict
from app.domain.core import Core
from app.domain.decision import BreakEven, Driver, NextQuestion, TippingPoint
from app.domain.drivers import drivers
from app.domain.messages import label, value
from app.domain.published import by_volume
from app.domain.tipping import tipping_points
from app.domain.valuable import next_question

MOST_RIVALS = 4


@dataclass(frozen=True)
class Changes:
    """All that needs further runs of the core."""

    drivers: list[Driver]
    tipping_points: list[TippingPoint]
    break_even: list[BreakEven]
    next_question: NextQuestion | None


NO_CHANGES = Changes([], [], [], None)


def changes(core: Core, found: Verdict) -> Changes:
    """Drivers, tipping points, break-even and the next question; empty where nothing is possible."""
    if not core.order:
        return NO_CHANGES
    points = tipping_points(core, found)
    return Changes(drivers(core, found), points, break_even(core, found), next_question(core, found))


def break_even(core: Core, found: Verdict) -> list[BreakEven]:
    """At which volume the advice and each other option cost the same over the horizon, or never within the curve."""
    curves = by_volume(core)
    rivals = [name for name in core.order if name != found.option][:MOST_RIVALS]
    return [_break_even(core, found.option, name, curves) for name in rivals]


def _break_even(core: Core, option: str, against: str, curves: dict[str, Any]) -> BreakEven:
    x = np.log(curves[option].x)
    gap = np.array(curves[option].p50) - np.array(curves[against].p50)
    crossing = np.flatnonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0)
    names = {
        key: label(core.situation.knowledge.options[name].label)
        for key, name in (("option", option), ("against", against))
    }
    if not crossing.size:
        text = (
            "“{option}” stays cheaper than “{against}” at any volume."
            if gap[-1] < 0
            else "“{option}” stays dearer than “{against}” at any volume."
        )
        return BreakEven(
            message=text, values=names, option=option, against=against, key="requests_per_month", value="never"
        )
    place = crossing[0]
    share = gap[place] / (gap[place] - gap[place + 1])
    volume = float(f"{float(np.exp(x[place] + share * (x[place + 1] - x[place]))):.2g}")
    text = "“{option}” is cheaper than “{against}” from about {volume} requests a month."
    if gap[place] < 0:
        text = "“{option}” is cheaper than “{against}” up to about {volume} requests a month."
    return BreakEven(message=text, values={**names, "volume": value("count", volume)}, option=option, against=against, key="requests_per_month", value=volume)  # fmt: skip
