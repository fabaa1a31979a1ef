"""The points of the Monte Carlo: a Latin hypercube that belongs to the engine version.

Each named input has its own stratified, shuffled points; the same name, seed and count give the same points for ever (own
generator, since NumPy does not promise its streams across versions), so two options or two scenarios share their chance
(common random numbers) and their difference is not noise.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@lru_cache(maxsize=512)
def points(name: str, seed: int, count: int) -> Array:
    """`count` points in (0, 1), one in the middle of each stratum, in an order fixed by name and seed. Read-only."""
    start = np.frombuffer(sha256(f"{seed}/{name}".encode()).digest()[:8], dtype="<u8")[0]
    order = np.argsort(_splitmix(np.arange(count, dtype=np.uint64) + start), kind="stable")
    result = (order + 0.5) / count
    result.flags.writeable = False
    return result


def _splitmix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea, Flood 2014): one well mixed 64-bit number for each state."""
    mixed = state * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


class Draws:
    """The points of one run, and the names of the inputs that took some."""

    def __init__(self, count: int = 4096, seed: int = 0) -> None:
        self.count, self.seed = count, seed
        self.names: set[str] = set()

    def uniform(self, name: str) -> Array:
        """Points in (0, 1) for this input."""
        self.names.add(name)
        return points(name, self.seed, self.count)

    def triangle(self, name: str, low: float, mode: float, high: float) -> Array:
        """Triangular distribution by inversion; a point when low equals high."""
        if high <= low:
            return constant(mode, self.count)
        self.names.add(name)
        return _drawn(name, self.seed, self.count, low, mode, high)

    def constant(self, value: float) -> Array:
        """The same value in every draw. Read-only."""
        return constant(value, self.count)

    def log_triangle(self, name: str, low: float, mode: float, high: float) -> Array:
        """Triangular on the logarithm, for quantities known to a factor; all three must be above zero."""
        self.names.add(name)
        return _drawn_on_logarithm(name, self.seed, self.count, low, mode, high)


def constant(value: float, count: int) -> Array:
    """The same value in every draw, without the memory for it. Read-only."""
    return np.broadcast_to(np.float64(value), (count,))


def _triangle(u: Array, low: float, mode: float, high: float) -> Array:
    split = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < split, left, right)


# A run asks for the same parameters as the run before; keeping them is most of the engine's speed.
@lru_cache(maxsize=2048)
def _drawn(name: str, seed: int, count: int, low: float, mode: float, high: float) -> Array:  # noqa: PLR0913, PLR0917
    result = _triangle(points(name, seed, count), low, mode, high)
    result.flags.writeable = False
    return result


@lru_cache(maxsize=512)
def _drawn_on_logarithm(name: str, seed: int, count: int, low: float, mode: float, high: float) -> Array:  # noqa: PLR0913, PLR0917
    result = np.exp(_triangle(points(name, seed, count), *np.log([low, mode, high]).tolist()))
    result.flags.writeable = False
    return result
