"""The first program of a container, run as the platforms run it: code and command from the environment, one time cap over everything."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from app.launch.inline import LONGEST_VARIABLE, START, TOO_LONG, boot, boot_command, too_long
from app.launch.kit import zipped

FILES = {
    "requirements.txt": "",
    "pipeline/__init__.py": "",
    "pipeline/rest_job.py": "import sys; open('end', 'w').write(' '.join(sys.argv[1:]))\n",
}


def boot_in(folder: Path, command: str, seconds: int = 60, end: str = "", words: list[str] | None = None) -> int:
    program = boot().replace('"/tmp/kit"', repr(str(folder)))
    variables = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "KIT_CODE": b64encode(zipped(FILES)).decode(), "KIT_CONFIG": "{}", "KIT_COMMAND": command, "KIT_SECONDS": str(seconds), "KIT_END": end, "KIT_BOOT": program}  # fmt: skip
    return subprocess.run(
        words or [sys.executable, "-c", program], env=variables, cwd=folder.parent, check=False
    ).returncode


@pytest.mark.parametrize(("command", "status"), [("touch made && ls pipeline", 0), ("exit 3", 3)])
def test_it_unpacks_runs_and_says_how_it_ended(tmp_path: Path, command: str, status: int) -> None:
    folder = tmp_path / "kit"
    assert boot_in(folder, command, end="runpod") == status
    assert (folder / "end").read_text() == f"end runpod {status}"
    assert (folder / "made").exists() == (status == 0)


def test_the_time_cap_ends_it(tmp_path: Path) -> None:
    assert boot_in(tmp_path / "kit", "sleep 60", seconds=3, end="runpod") == 124
    assert (tmp_path / "kit" / "end").read_text() == "end runpod 124"


def test_platforms_that_take_one_text_start_the_same(tmp_path: Path) -> None:
    assert boot_in(tmp_path / "kit", "touch made", words=["sh", "-c", START]) == 0
    assert (tmp_path / "kit" / "made").exists()


def test_code_that_does_not_fit_is_told_before() -> None:
    assert too_long({"a": "x" * (LONGEST_VARIABLE - 1)}) == []
    assert too_long({"a": "x" * LONGEST_VARIABLE}) == [TOO_LONG]
    assert boot_command()[:2] == ["python", "-c"]
