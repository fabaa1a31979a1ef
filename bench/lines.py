"""How long `lotse decide --jsonl` takes for many lines: the published cases and the examples again and again, each time with other numbers.

usage: python bench/lines.py [--lines 10000]      (no two lines are the same, so nothing can be looked up)
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from app.knowledge import load_knowledge

SPREAD = {
    "requests_per_month": 20_000.0,
    "input_tokens": 2_000.0,
    "hourly_cost": 50.0,
    "minutes_saved_per_request": 4.0,
}


def varied(count: int) -> Iterator[dict[str, Any]]:
    """Answers of published cases and examples, the numbers moved by up to a factor of three."""
    knowledge, dice = load_knowledge(), random.Random(0)
    known = [item.answers for kind in (knowledge.cases, knowledge.examples) for item in kind.values()]
    for answers in islice(cycle(known), count):
        moved = {
            key: float(f"{answers.get(key, usual) * 3 ** dice.uniform(-1, 1):.4g}") for key, usual in SPREAD.items()
        }
        yield {**answers, **moved}


def main() -> None:
    """Prints seconds by the clock and of the processors, and what a line takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000)
    count = parser.parse_args().lines
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file, tempfile.TemporaryFile("w+b") as results:
        file.writelines(json.dumps(answers) + "\n" for answers in varied(count))
        file.flush()
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "app", "decide", "--jsonl", file.name], stdout=results, check=True)
        seconds = time.perf_counter() - start
        results.seek(0)
        written = sum(b'"schema_version"' in line for line in results)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = used.ru_utime + used.ru_stime
    print(
        f"{written:,} decisions of {count:,} lines in {seconds:.1f} s; processors {busy:.1f} s, {busy / count * 1000:.1f} ms a line"
    )


if __name__ == "__main__":
    main()
