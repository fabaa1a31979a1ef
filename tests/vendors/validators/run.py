"""Asks one vendor's validator about definitions: `python run.py VALIDATOR < definitions.jsonl`, one answer per line.

Runs in the validator's own environment, where the program is not installed. A question is {"id", "kind", "text"}; an answer
is {"id", "problem"}, where an empty problem means accepted. Whatever the vendor's code prints goes to the error stream.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module

LONGEST = 600  # characters of a problem


def asked(check: Callable[[str, str], str], kind: str, text: str) -> str:
    """What is wrong, in the vendor's words; libraries refuse by raising."""
    try:
        return check(kind, text)[:LONGEST]
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- every library has its own
        return f"{type(error).__name__}: {error}"[:LONGEST]


def main() -> None:
    """Answers every question of the input."""
    warnings.simplefilter("ignore")  # of the vendors' packages about themselves
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        check = import_module(sys.argv[1]).check
        for line in sys.stdin:
            row = json.loads(line)
            answer = {"id": row["id"], "problem": asked(check, row["kind"], row["text"])}
            print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
