"""A computed value with its 80 % band, which every missing input widens."""

from __future__ import annotations

from math import exp, hypot, log

from app.domain.knowledge import Knowledge
from app.domain.values import Range


def constant(knowledge: Knowledge, name: str) -> float:
    """The mode of the newest value of a sizing parameter. Raises KeyError."""
    return knowledge.parameters[f"sizing.{name}"].values[-1].mode


def spread(knowledge: Knowledge, name: str, unknown: int) -> float:
    """Half-width of the band on the logarithm; each unknown input adds the width `sizing.width.unknown`."""
    own, each = constant(knowledge, f"width.{name}"), constant(knowledge, "width.unknown")
    return hypot(log(own), *[log(each)] * unknown)


def band(middle: float, width: float) -> Range:
    """p10, p50, p90 around a middle value, symmetric on the logarithm."""
    return Range(p10=_round(middle * exp(-width)), p50=_round(middle), p90=_round(middle * exp(width)))


def _round(value: float) -> float:
    return float(f"{value:.6g}")
