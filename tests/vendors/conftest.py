"""What the tests of vendors share: their environments, and one way to ask a validator."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.vendors.definitions import Question, questions

ROOT = Path(__file__).parents[2]
VALIDATORS = Path(__file__).parent / "validators"


def python(environment: str) -> Path:
    """The interpreter of an environment; skips the test where it has not been made."""
    path = ROOT / ".envs" / environment / "bin" / "python"
    if not (path.parents[1] / ".installed").is_file():
        pytest.skip(f"no environment .envs/{environment}: run .ci/environments")
    return path


def bare_environment(home: Path) -> dict[str, str]:
    """Nothing of this machine's own configuration or credentials reaches a vendor's code, and nothing of it leaves this machine."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    quiet = {"SKYPILOT_DISABLE_USAGE_COLLECTION": "1", "DSTACK_DISABLE_TELEMETRY": "1"}
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost",
        **nowhere,
        **quiet,
    }


class Vendors:
    """Asks validators, each in its own environment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.questions = questions()

    def of(self, *kinds: str) -> list[Question]:
        """The product's definitions of some kinds."""
        return [question for question in self.questions if question.kind in kinds]

    def ask(self, environment: str, validator: str, rows: Iterable[Question]) -> dict[str, str]:
        """Id of each question -> what the vendor's code says is wrong, empty where it accepts."""
        lines = "".join(json.dumps(row._asdict()) + "\n" for row in rows)
        command = [str(python(environment)), str(VALIDATORS / "run.py"), validator]
        done = subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=170, check=False, cwd=self.home, env=bare_environment(self.home),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return {row["id"]: row["problem"] for row in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="session")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Vendors:
    """The product's definitions, rendered once."""
    return Vendors(tmp_path_factory.mktemp("vendors"))
