"""Monitoring from the service's own log: `python -m pipeline.monitor` reads out/requests.jsonl and writes out/monitoring.json.

Exit status 0: nothing stands out, or too few requests to say; 1: a threshold of config.json (`monitoring`) is passed;
2: something has to be set up. MONITOR_DAYS: how many days back (default 7). Drift of lengths is the population stability
index (PSI) of words per question against the training inputs; drift of words needs texts in the log (LOG_TEXT=yes).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from math import ceil, log
from pathlib import Path
from typing import Any

from .evaluate import load
from .metrics import words
from .records import Example
from .request_log import log_file
from .setup import Config, SetupError, load_config, number, report

Row = dict[str, Any]
BINS = 5  # of about the same share of the training inputs


def read(path: Path, since: datetime) -> list[Row]:
    """The requests since a moment. Raises SetupError that names a broken line."""
    if not path.is_file():
        raise SetupError(f"{path} is missing: the service writes it with its first answer.")
    found = [
        _row(line, f"{path.name}, line {place}") for place, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    ]
    return [row for row in found if datetime.fromisoformat(row["time"]) >= since]


def _row(line: str, place: str) -> Row:
    try:
        row = json.loads(line)
        datetime.fromisoformat(row["time"])
        return {**row, "question_words": int(row["question_words"]), "seconds": float(row["seconds"])}
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(f"{place}: not a line of the request log.") from error


def observe(rules: dict[str, float], requests: list[Row], train: list[Example], test: list[Example]) -> dict[str, Any]:
    """What the log says, each against its threshold; None: cannot be said from this log."""
    measured: dict[str, float | None] = {
        "unknown_share": _share(requests, "unknown"),
        "seconds_p95": percentile([row["seconds"] for row in requests], 0.95),
        "length_psi": psi([len(words(item.input)) for item in train], [row["question_words"] for row in requests]),
        "new_words": _new_words(requests, train, test),
    }
    enough = len(requests) >= rules["least_requests"]
    passed = [name for name, value in measured.items() if value is not None and value > rules[name]]
    return {
        "requests": len(requests),
        "enough": enough,
        "measured": measured,
        "thresholds": {name: rules[name] for name in measured},
        "alarms": passed if enough else [],
    }


def _share(requests: list[Row], name: str) -> float | None:
    known = [bool(row[name]) for row in requests if row.get(name) is not None]
    return sum(known) / len(known) if known else None


def percentile(values: list[float], share: float) -> float | None:
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else None


def psi(expected: list[int], actual: list[int]) -> float | None:
    """Population stability index over bins of the expected values, less what chance alone makes of it on average.

    Chance: (bins - 1) (1/n + 1/m), from its chi-square form. Each bin counts half a case more, so that none is empty.
    """
    if not expected or not actual:
        return None
    ordered = sorted(expected)
    edges = sorted({ordered[len(ordered) * place // BINS] for place in range(1, BINS)})
    one, two = (_shares(values, edges) for values in (expected, actual))
    found = sum((b - a) * log(b / a) for a, b in zip(one, two, strict=True))
    return max(0.0, found - len(edges) * (1 / len(expected) + 1 / len(actual)))


def _shares(values: list[int], edges: list[int]) -> list[float]:
    places = [sum(value >= edge for edge in edges) for value in values]
    size = len(edges) + 1
    return [(places.count(place) + 0.5) / (len(values) + size / 2) for place in range(size)]


def _new_words(requests: list[Row], train: list[Example], test: list[Example]) -> float | None:
    """How much larger the share of words unknown to the training inputs is than in the held-out cases."""
    asked = [row["question"] for row in requests if "question" in row]
    known = {word for item in train for word in words(item.input)}
    return _unseen(known, asked) - _unseen(known, [item.input for item in test]) if asked else None


def _unseen(known: set[str], texts: list[str]) -> float:
    found = [word for text in texts for word in words(text)]
    return sum(word not in known for word in found) / max(1, len(found))


def main() -> int:
    """Reads the log, writes what stands out and says it."""
    config: Config = load_config()
    since = datetime.now(UTC) - timedelta(days=number("MONITOR_DAYS", 7))
    found = observe(config["monitoring"], read(log_file(), since), *load(config))
    path = report("monitoring.json", found)
    for name, value in found["measured"].items():
        shown = "not in this log" if value is None else f"{value:.2f} (threshold {found['thresholds'][name]})"
        print(f"{name}: {shown}")
    print(", ".join(f"ALARM {name}" for name in found["alarms"]) or _calm(found))
    print(f"Details: {path}")
    return int(bool(found["alarms"]))


def _calm(found: dict[str, Any]) -> str:
    return "Nothing stands out." if found["enough"] else f"{found['requests']} requests are too few to say anything."


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
