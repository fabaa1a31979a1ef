"""The smoke test of kits that tune as a service: writes the training files and reads them back; the service is not asked."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from .provider import write
from .setup import Config, SetupError


def run(config: Config) -> None:
    """Writes both files to a folder of their own. Raises SetupError when one does not hold what it should."""
    with tempfile.TemporaryDirectory() as folder:
        counts = write(config, Path(folder))
        for name, count in counts.items():
            lines = (Path(folder) / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
            if len([json.loads(line) for line in lines]) != count:
                raise SetupError(f"{name}.jsonl does not hold its {count} examples.")
    print(f"Training files in the form of the service: {counts}.")
    print("Not tested: the service itself, which cannot be tried without cost.")
