"""The second part of ./smoke.sh: what the kit does with a model, done for real on this machine; no GPU, no cost.

`python -m pipeline.smoke` takes the part that suits the kit. What each part proves stands at its end and in README.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from .setup import Config, SetupError, load_config

PARTS = {"encoder": "smoke_encoder", "retrieval": "smoke_retrieval", "prompting": "smoke_retrieval"}
NO_MODEL = "This kit uses no model: the rehearsal before was the whole test."


def part(config: Config) -> str | None:
    """Name of the module with the test for this kit; None where nothing is left to test."""
    training = config["training"]
    if not training or config["pipeline"] == "encoder":
        return PARTS.get(config["pipeline"])
    return "smoke_provider" if training["method"] == "service" else "smoke_tuning"


def run(config: Config) -> None:
    """Runs it. Raises SetupError when something does not do its work."""
    name = part(config)
    if not name:
        print(NO_MODEL)
        return
    with own_environment():
        import_module(f"{__package__}.{name}").run(config)


@contextmanager
def own_environment() -> Iterator[None]:
    """Variables set inside are gone afterwards."""
    kept = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


if __name__ == "__main__":
    try:
        run(load_config())
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
