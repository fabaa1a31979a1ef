"""The repository's own copy of published measurements: what was asked, what was measured, where that was published.

One CSV file per quantity. Training: tokens per second and GPU. Memory: GiB per GPU at the peak. Serving: output tokens per second.
`verified` is "no" for results recomputed from logs handed in to MLCommons, which MLCommons has not verified.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
QUANTITIES = ("training", "memory", "serving")
TEXTS = {"model", "method", "gpu", "framework", "engine", "purpose", "precision", "scenario", "sharding"}
NOT_ASKED = {"id", "published", "verified", "source"}


@dataclass(frozen=True)
class Measurement:
    """A published figure and the request for an estimate of the same thing."""

    id: str
    asked: dict[str, Any]
    published: float
    verified: bool
    source: str

    @property
    def publication(self) -> str:
        """The source without the place inside a repository: rows of one publication belong together."""
        return self.source.split("/tree/", maxsplit=1)[0].split("/blob/", maxsplit=1)[0]


def measurements(quantity: str) -> list[Measurement]:
    """All measurements of a quantity (training, memory, serving), in the order of the file."""
    return [_measurement(row) for row in read_table(quantity)]


@dataclass(frozen=True)
class HeldOut:
    """How well a quantity is estimated when the constants are fitted without the source, model or GPU of the measurement.

    Fitting again takes minutes, so it is done by `bench/sizing.py`, and its figures are kept in `held_out.csv`.
    """

    quantity: str
    without: str  # source, model, gpu
    fold_median_of_sources: float
    pooled_p90: float
    coverage: float


def held_out() -> list[HeldOut]:
    """All rows, in the order of the file."""
    return [
        HeldOut(row["quantity"], row["without"], float(row["fold_median_of_sources"]), float(row["pooled_p90"]), float(row["coverage"]))
        for row in read_table("held_out")
    ]  # fmt: skip


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a file in the data folder."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _measurement(row: dict[str, str]) -> Measurement:
    asked = {key: _cell(key, text) for key, text in row.items() if text and key not in NOT_ASKED}
    return Measurement(row["id"], asked, float(row["published"]), row["verified"] == "yes", row["source"])


def _cell(key: str, text: str) -> Any:
    return text if key in TEXTS else json.loads(text)
