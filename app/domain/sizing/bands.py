"""A computed value with its 80 % band, which every missing input widens, and the constants behind it."""

from __future__ import annotations

from math import exp, hypot, log

from app.domain.knowledge import Knowledge
from app.domain.values import Range


def constants(knowledge: Knowledge, table: str) -> dict[str, float]:
    """The fitted numbers of training, memory, serving or width, by key. Raises KeyError."""
    return knowledge.sizing[table].values


def constant(knowledge: Knowledge, name: str) -> float:
    """One fitted number as `table.key`, for example `serving.interactive`. Raises KeyError."""
    table, _, key = name.partition(".")
    return constants(knowledge, table)[key]


def nearest(values: dict[str, float], name: str, *places: str, default: float | None = None) -> float:
    """The number of the most particular place that has its own, else the general one (or the default). Raises KeyError."""
    for place in places:
        found = values.get(f"{name}.{place}")
        if found is not None:
            return found
    return values[name] if default is None else values.get(name, default)


def spread(knowledge: Knowledge, places: tuple[str, ...], unknown: int = 0) -> float:
    """Half-width of the band on the logarithm: that of the first place with its own; each unknown input widens it."""
    widths = constants(knowledge, "width")
    own = next(widths[place] for place in places if place in widths)
    return hypot(log(own), *[log(widths["unknown"])] * unknown)


def band(middle: float, width: float) -> Range:
    """p10, p50, p90 around a middle value, symmetric on the logarithm."""
    return Range(p10=_round(middle * exp(-width)), p50=_round(middle), p90=_round(middle * exp(width)))


def _round(value: float) -> float:
    return float(f"{value:.6g}")
