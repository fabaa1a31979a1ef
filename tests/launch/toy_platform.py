"""A real platform of the program whose launches go to the toy platform on loopback: pages can be walked to the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import yaml

from app.launch import control
from tests.launch.fakes import toy
from tests.launch.fakes.cloud import Call, Cloud, Reply
from tests.runs.toy import ToyControl

SECRET = "toy-canary-as-it-is-pasted"  # as long as the tokens of the platform are
PLATFORM, WAY, OPTION = "google", "custom_job", "lora_open_weights"
CONTROL = {
    "module": "toy", "sign_in": "google", "modes": ["federated", "ambient", "token"], "time_cap": "platform",
    "safe_repeat": False, "poll_seconds": 5, "keep_hours": 1, "data": "The data lie in your bucket.",
    "after": "Nothing stays.", "limits": "One machine only.",
    "entries": [
        {"name": "project", "label": "Project", "example": "my-project", "pattern": "[a-z][a-z0-9-]{4,28}[a-z0-9]"},
        {"name": "folder", "label": "Folder", "example": "runs", "pattern": "[a-z]{1,20}", "required": False},
    ],
}  # fmt: skip


class Control(ToyControl):
    """The toy platform with a log."""

    def logs(self, handle: str) -> list[str]:
        return [f"step 1 of {handle}", "loss <0.5>"]


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """The toy platform behind the pasted token."""
    if call.headers.get("authorization") == f"Bearer {SECRET}":
        call = replace(call, headers={**call.headers, "authorization": "Bearer toy-canary"})
    return toy.answer(cloud, call)


@contextmanager
def toy_platform(folder: Path, **changes: object) -> Iterator[None]:
    """One way of a platform goes to the toy platform until the end of the block; no other can be started."""
    module = ModuleType(f"app.launch.platforms.{PLATFORM}.toy")
    module.Control = Control  # type: ignore[attr-defined]
    (folder / PLATFORM).mkdir(parents=True)
    (folder / PLATFORM / "control.yaml").write_text(yaml.safe_dump({WAY: {**CONTROL, **changes}}))
    before, control.FOLDER = control.FOLDER, folder
    sys.modules[module.__name__] = module
    control.controls.cache_clear()
    try:
        yield
    finally:
        control.FOLDER = before
        del sys.modules[module.__name__]
        control.controls.cache_clear()
