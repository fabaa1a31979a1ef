"""Percentiles of draws.

Estimated by sections (Asmussen, Glynn: Stochastic Simulation, 2007, chapter III): the percentile of each section of 256 draws, then the mean
over the sections. Every draw counts, nothing is rounded away, and short rows are sorted many times faster than one long one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain.draws import Array

Amount = float | Array  # one number for each draw, or the same in all of them
SECTION, FEW = 256, 64
SHARES = (0.1, 0.5, 0.9)


def percentiles(values: Amount) -> tuple[float, float, float]:
    """10th, 50th and 90th percentile."""
    if isinstance(values, float | int):
        return float(values), float(values), float(values)
    if values.ndim == 0 or values.strides == (0,):
        point = float(values.flat[0])
        return point, point, point
    if values.size <= FEW:
        return _of_few(sorted(values.tolist()))
    sections = _sections(values)
    low, middle, high = (np.add.reduce(ranked(sections), axis=0) / len(sections)).tolist()
    return low, middle, high


def _of_few(ordered: list[float]) -> tuple[float, float, float]:
    """The same for few draws, where NumPy takes longer to be asked than to answer."""
    last = len(ordered) - 1
    low, middle, high = (
        ordered[int(share * last)] * (1 - share * last % 1)
        + ordered[min(int(share * last) + 1, last)] * (share * last % 1)
        for share in SHARES
    )
    return low, middle, high


def _sections(values: Array) -> Array:
    """Rows of 256 draws; a rest that fills no row is left out, fewer draws stay one row."""
    if values.size < 2 * SECTION:
        return values[np.newaxis]
    return values[: values.size // SECTION * SECTION].reshape(-1, SECTION)


def ranked(rows: Array) -> Array:
    """The three percentiles of each row, between the two nearest values as usual (linear)."""
    below, above, part = _places(rows.shape[1])
    ordered = np.sort(rows, axis=1)
    result: Array = ordered[:, below] * (1 - part) + ordered[:, above] * part
    return result


@lru_cache(maxsize=64)
def _places(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """The values below and above each percentile of so many, and how far it lies between them."""
    exact = np.array(SHARES) * (count - 1)
    below = exact.astype(np.intp)
    return below, np.minimum(below + 1, count - 1), exact - below


def median(values: Amount) -> float:
    """The 50th percentile."""
    return percentiles(values)[1]
