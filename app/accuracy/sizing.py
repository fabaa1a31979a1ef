"""Estimates of training speed, memory and serving speed against published measurements.

fold = max(predicted / published, published / predicted). Rows cluster by source, so the headline is the median over the sources
of each source's median fold; "pooled" takes all rows alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from app.accuracy.measurements import QUANTITIES, Measurement, measurements
from app.accuracy.scorecard import Publication, Quantity
from app.domain.knowledge import Knowledge
from app.domain.sizing.memory import estimate_memory
from app.domain.sizing.requests import MemoryRequest, ServingRequest, TrainingRequest, read_request
from app.domain.sizing.serving import estimate_serving
from app.domain.sizing.training import estimate_training
from app.errors import InputError

Estimate = Callable[[Knowledge, Any], dict[str, Any]]
ESTIMATES: dict[str, tuple[type[Any], Estimate, str, str]] = {
    "training": (TrainingRequest, estimate_training, "tokens_per_s_per_gpu", "tokens/s/GPU"),
    "memory": (MemoryRequest, estimate_memory, "gib_per_gpu", "GiB/GPU"),
    "serving": (ServingRequest, estimate_serving, "output_tokens_per_s", "tokens/s"),
}
DIGITS = 4  # significant digits of stored figures


class Compared(NamedTuple):
    """A measurement beside its estimate: the median, and whether the band holds the measurement."""

    measurement: Measurement
    predicted: float
    inside: bool

    @property
    def fold(self) -> float:
        """How many times too high or too low."""
        return max(self.predicted / self.measurement.published, self.measurement.published / self.predicted)


def score_sizing(knowledge: Knowledge) -> list[Quantity]:
    """All three quantities."""
    return [score_quantity(knowledge, name) for name in QUANTITIES]


def score_quantity(knowledge: Knowledge, name: str) -> Quantity:
    """One quantity over all its measurements; a refused request counts as refused, not as right."""
    rows = measurements(name)
    compared = [found for row in rows if (found := compare(knowledge, name, row))]
    return summary(name, len(rows), compared)


def compare(knowledge: Knowledge, name: str, row: Measurement) -> Compared | None:
    """The estimate for a measurement; None when the request is refused."""
    form, estimate, output, _ = ESTIMATES[name]
    try:
        band = estimate(knowledge, read_request(form, row.asked))[output]
    except InputError:
        return None
    return Compared(row, float(band["p50"]), band["p10"] <= row.published <= band["p90"])


def summary(name: str, rows: int, compared: list[Compared]) -> Quantity:
    """The figures of a quantity from its rows."""
    groups: dict[str, list[Compared]] = defaultdict(list)
    for item in compared:
        groups[item.measurement.publication].append(item)
    sources = [_publication(url, items) for url, items in sorted(groups.items())]
    folds = [item.fold for item in compared]
    return Quantity(
        name=name, unit=ESTIMATES[name][3], rows=rows, refused=rows - len(compared),
        fold_median_of_sources=rounded(median(_median(items) for items in groups.values())),
        pooled_median=rounded(median(folds)), pooled_p90=rounded(ninth_tenth(folds)),
        coverage=round(sum(item.inside for item in compared) / len(compared), 3), sources=sources,
        points=[(rounded(item.measurement.published), rounded(item.predicted)) for item in compared],
    )  # fmt: skip


def _publication(url: str, items: list[Compared]) -> Publication:
    folds = [item.fold for item in items]
    return Publication(
        url=url, rows=len(items), fold_median=rounded(median(folds)), fold_p90=rounded(ninth_tenth(folds)),
        coverage=round(sum(item.inside for item in items) / len(items), 3),
        verified=all(item.measurement.verified for item in items),
    )  # fmt: skip


def _median(items: list[Compared]) -> float:
    return median(item.fold for item in items)


def ninth_tenth(values: list[float]) -> float:
    """The value that nine tenths do not exceed, without interpolation."""
    return sorted(values)[int(len(values) * 0.9)]


def rounded(value: float) -> float:
    """To as many digits as are stored."""
    return float(f"{value:.{DIGITS}g}")
