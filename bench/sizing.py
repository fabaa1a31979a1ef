"""Fits the constants of the estimates to published measurements and says how right they are, also for sources left out.

usage: python bench/sizing.py [training|memory|serving ...] [--write]

Each number is held by its prior (hierarchical: a general value, then factors near 1 for software and hardware), errors count by their
logarithm with a robust loss, and a source with many rows counts less for each. "held out": the constants are fitted anew without
the source that is scored, then without its model and without its GPU. `--write` stores the fitted numbers and the widths of the bands in app/knowledge/sizing.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.accuracy.measurements import Measurement, measurements
from app.domain.knowledge import Knowledge
from app.domain.sizing import memory, serving, training
from app.domain.sizing.requests import MemoryRequest, ServingRequest, TrainingRequest, read_request
from app.knowledge import load_knowledge

FOLDER = Path(__file__).parents[1] / "app" / "knowledge" / "sizing"
NOISE = 0.15  # of a measurement, on the logarithm: section 2.4 of the collected figures, and what no input tells
STEP, ROUNDS, LONGEST = 1e-3, 12, 0.5
FEWEST = 12  # rows for a band of their own
NEW_SOURCE = 3  # every third request comes from a kind of set-up that nobody has measured
Array = NDArray[np.float64]
Predict = Callable[[Knowledge], float]


class Watched(dict[str, float]):
    """Constants that note which of them are read."""

    read: set[str]

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dictionary."""
        if key in self:
            self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> float:
        self.read.add(key)
        return super().__getitem__(key)


@dataclass
class Row:
    """A measurement, how it is predicted, and the constants that matter for it."""

    source: str
    published: float
    predict: Predict
    places: tuple[str, ...]
    unknown: int
    asked: dict[str, Any]
    keys: set[str] = field(default_factory=set)


def _training(knowledge: Knowledge, measured: Measurement) -> Row:
    request = read_request(TrainingRequest, measured.asked)
    prepared = training.prepared(knowledge, request)
    places, unknown = training.band_of(knowledge, request, prepared)
    return Row(
        measured.publication,
        measured.published,
        lambda k: training.tokens_per_second(k, *prepared),
        places,
        unknown,
        measured.asked,
    )


def _memory(knowledge: Knowledge, measured: Measurement) -> Row:
    request = read_request(MemoryRequest, measured.asked)
    shape = memory.shape_of(knowledge, request)
    places, unknown = memory.band_of(knowledge, request)
    return Row(
        measured.publication,
        measured.published,
        lambda k: memory.needed(k, shape, request),
        places,
        unknown,
        measured.asked,
    )


def _serving(knowledge: Knowledge, measured: Measurement) -> Row:
    request = read_request(ServingRequest, measured.asked)
    prepared = serving.prepared(knowledge, request)
    places, unknown = serving.band_of(knowledge, request, prepared)
    return Row(
        measured.publication,
        measured.published,
        lambda k: serving.speed(k, request, prepared),
        places,
        unknown,
        measured.asked,
    )


ROWS = {"training": _training, "memory": _memory, "serving": _serving}


class Fit:
    """Constants of one table and the rows they explain."""

    def __init__(self, knowledge: Knowledge, name: str, rows: list[Row]) -> None:
        table = knowledge.sizing[name].model_copy()
        self.table, self.rows = table, rows
        self.values = Watched(knowledge.sizing[name].values)
        self.values.read = set()
        table.__dict__["values"] = self.values
        self.knowledge = knowledge.model_copy(update={"sizing": {**knowledge.sizing, name: table}})
        for row in rows:
            self.values.read = row.keys
            row.predict(self.knowledge)
        self.values.read = set()
        read = set().union(*(row.keys for row in rows))
        self.free = [item for item in table.constants if item.spread > 0 and item.key in read]
        self.prior = np.log([item.prior for item in self.free])
        self.spread = np.array([item.spread for item in self.free])

    def at(self, point: Array) -> None:
        """Sets the constants."""
        self.values.update(zip([item.key for item in self.free], np.exp(point).tolist(), strict=True))

    def errors(self, chosen: list[int]) -> Array:
        """Logarithms of predicted / published of the chosen rows."""
        return np.array([np.log(self.rows[i].predict(self.knowledge) / self.rows[i].published) for i in chosen])

    def solve(self, chosen: list[int], start: Array) -> Array:
        """Robust Gauss-Newton with priors, from a start."""
        weight = _weights([self.rows[i].source for i in chosen])
        point, best = start.copy(), self._loss(start, chosen, weight)
        for _ in range(ROUNDS):
            move = self._move(point, chosen, weight)
            while np.abs(move).max() > STEP:
                loss = self._loss(point + move, chosen, weight)
                if loss < best:
                    break
                move = move / 2
            else:
                break
            point, gain, best = point + move, best - loss, loss
            if gain < STEP:
                break
        return point

    def _loss(self, point: Array, chosen: list[int], weight: Array) -> float:
        self.at(point)
        squared = (self.errors(chosen) * weight / NOISE) ** 2
        return float(np.sum(2 * (np.sqrt(1 + squared) - 1)) + np.sum(((point - self.prior) / self.spread) ** 2))

    def _move(self, point: Array, chosen: list[int], weight: Array) -> Array:
        self.at(point)
        errors = self.errors(chosen)
        slopes = np.zeros((len(chosen), len(point)))
        for column, item in enumerate(self.free):
            touched = [(at, i) for at, i in enumerate(chosen) if item.key in self.rows[i].keys]
            self.at(point + STEP * (np.arange(len(point)) == column))
            after = self.errors([i for _, i in touched])
            for (at, _), value in zip(touched, after, strict=True):
                slopes[at, column] = (value - errors[at]) / STEP
        scaled = (weight / NOISE) ** 2
        scaled = scaled / np.sqrt(1 + scaled * errors**2)  # the robust loss, as weights
        left = slopes.T @ (slopes * scaled[:, None]) + np.diag(self.spread**-2)
        right = slopes.T @ (scaled * errors) + (point - self.prior) / self.spread**2
        return np.clip(-np.linalg.solve(left, right), -LONGEST, LONGEST)


def _weights(sources: list[str]) -> Array:
    counts = Counter(sources)
    return np.array([counts[source] ** -0.3 for source in sources])


def held_out(fit: Fit, point: Array, by: str = "source") -> Array:
    """Errors of each row with constants that were fitted without its source, model or gpu."""
    errors = np.zeros(len(fit.rows))
    groups = [row.source if by == "source" else str(row.asked.get(by)) for row in fit.rows]
    for group in sorted(set(groups)):
        inside = [i for i, other in enumerate(groups) if other == group]
        fit.at(fit.solve([i for i, other in enumerate(groups) if other != group], point))
        errors[inside] = fit.errors(inside)
    return errors


def widths(rows: list[Row], within: Array, outside: Array, each: float) -> dict[str, float]:
    """For each place of the bands the fold that holds 80 % of its errors, what is missing taken off.

    A place of its own stands for requests like those measured and a share of new kinds; a general one for new kinds only.
    """
    mixed = np.where(np.arange(len(rows)) % NEW_SOURCE == 0, outside, within)
    found: dict[str, list[float]] = defaultdict(list)
    for row, usual, new in zip(rows, mixed, outside, strict=True):
        for place in row.places:
            error = usual if place == row.places[0] else new
            found[place].append(float(np.sqrt(max(error**2 - row.unknown * np.log(each) ** 2, 0.0))))
    enough = {place: values for place, values in found.items() if len(values) >= FEWEST or place == rows[0].places[-1]}
    return {place: float(np.exp(max(np.quantile(values, 0.8), 0.04))) for place, values in enough.items()}


def report(title: str, rows: list[Row], errors: Array, own: dict[str, float], *, sources: bool = True) -> None:
    """Prints fold errors per source and together, and how many lie within their band."""
    each = load_knowledge().sizing["width"].values["unknown"]
    folds, by_source = np.exp(np.abs(errors)), defaultdict(list)
    inside = []
    for row, error, fold in zip(rows, errors, folds, strict=True):
        by_source[row.source].append(fold)
        width = next(own[place] for place in row.places if place in own)
        inside.append(abs(error) <= np.hypot(np.log(width), np.sqrt(row.unknown) * np.log(each)))
    middle = median(median(values) for values in by_source.values())
    print(f"{title}: median of sources {middle:.3f}, pooled median {np.median(folds):.3f}, p90 {np.quantile(folds, 0.9):.3f}, within the band {np.mean(inside):.2f}")  # fmt: skip
    for source, values in sorted(by_source.items()) if sources else ():
        print(f"    {source[-45:]:45} {len(values):4} {median(values):6.2f} {np.quantile(values, 0.9):6.2f}")


def write(name: str, values: dict[str, float]) -> None:
    """Stores numbers in a table of the knowledge base."""
    path = FOLDER / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    for key, value in values.items():
        text = re.sub(rf"(key: {re.escape(key)}, value: )[^,]+", rf"\g<1>{value:.4g}", text)
    path.write_text(text, encoding="utf-8")


def write_widths(own: dict[str, float]) -> None:
    """Stores the widths of bands; a place that has none yet gets its line."""
    path = FOLDER / "width.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    new = [key for key in own if not any(f"key: {key}," in line for line in lines)]
    added = [
        f"- {{key: {key}, value: 1, prior: 1.3, spread: 0, unit: 'factor', says: 'fold of {key}'}}"
        for key in sorted(new)
    ]
    at = lines.index("sources:")
    path.write_text("\n".join([*lines[:at], *added, *lines[at:]]) + "\n", encoding="utf-8")
    write("width", own)


def run(name: str, store: bool) -> None:
    """Fits one table, reports, stores."""
    knowledge = load_knowledge()
    rows = [ROWS[name](knowledge, item) for item in measurements(name)]
    fit = Fit(knowledge, name, rows)
    everything = list(range(len(rows)))
    point = fit.solve(everything, np.log([item.value for item in fit.free]))
    fit.at(point)
    within = fit.errors(everything)
    fitted = {item.key: float(np.exp(value)) for item, value in zip(fit.free, point, strict=True)}
    outside = held_out(fit, point)
    each = knowledge.sizing["width"].values["unknown"]
    own = widths(rows, within, outside, each)
    report(f"{name}, fitted with", rows, within, own)
    report(f"{name}, held out", rows, outside, own)
    for by in ("model", *(("gpu",) if name != "memory" else ())):
        report(f"{name}, without the {by}", rows, held_out(fit, point, by), own, sources=False)
    for item in fit.free:
        print(f"      {item.key:28} {item.prior:8.3g} -> {fitted[item.key]:8.3g}   {item.says}")
    print(f"      widths {own}")
    if store:
        write(name, fitted)
        write_widths(own)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", default=list(ROWS))
    parser.add_argument("--write", action="store_true", help="store the fitted numbers")
    arguments = parser.parse_args()
    for chosen_name in arguments.names:
        run(chosen_name, arguments.write)
