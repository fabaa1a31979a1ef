"""The pipeline code inside a definition: for platforms that start a public image and take the code as environment variables."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from app.launch.control import Parts
from app.locales import N_

IMAGE = "docker.io/library/python:3.12-slim"
# For platforms that take the program as one text; the variable holds the text of `boot`.
START = "sh -c 'exec python -c \"$KIT_BOOT\"'"
# Linux refuses a longer variable of a program: MAX_ARG_STRLEN, 32 pages of 4 KiB.
LONGEST_VARIABLE = 131_072
TOO_LONG = N_("The pipeline code is too long for a variable of the task.")


@cache
def boot() -> str:
    """The first program of the container, as text for `python -c`."""
    return files("app.launch.pipeline").joinpath("boot.py").read_text(encoding="utf-8")


def environment(parts: Parts, command: str, **more: str) -> dict[str, str]:
    """The variables that the first program reads."""
    return {
        "KIT_CODE": parts.bundle_base64,
        "KIT_CONFIG": json.dumps(parts.config, separators=(",", ":"), ensure_ascii=False),
        "KIT_COMMAND": command,
        "KIT_SECONDS": str(parts.spec.seconds),
        **more,
    }


def boot_command() -> list[str]:
    """The program of a container whose definition takes a list."""
    return ["python", "-c", boot()]


def too_long(variables: dict[str, str]) -> list[str]:
    """What the platform would refuse at the start of the container."""
    return [TOO_LONG] if any(len(value.encode()) >= LONGEST_VARIABLE for value in variables.values()) else []
