"""How an account comes to trust this installation's tokens: the steps of `trust.yaml` in a platform's folder, filled in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import yaml
from pydantic import TypeAdapter

from app.domain.messages import Frozen
from app.launch.platform import FOLDER
from app.launch.render import command


class Step(Frozen):
    """One step: commands as lists of words, or none where it is done by hand on a page of the platform."""

    label: str  # English gettext id
    run: list[list[str]]


@dataclass(frozen=True)
class TrustStep:
    """A step with its command lines, ready to copy; empty where it is done by hand."""

    label: str
    commands: str


def trust_steps(platform: str, issuer: str, subject: str, audience: str) -> list[TrustStep]:
    """The steps for one installation and one assessment; none where the platform knows no such trust."""
    host = issuer.removeprefix("https://").rstrip("/")
    values = {"issuer": issuer, "issuer_host": host, "subject": subject, "audience": audience}
    return [TrustStep(step.label, "\n".join(command(words, values) for words in step.run)) for step in _steps(platform)]


@cache
def _steps(platform: str) -> list[Step]:
    path = FOLDER / platform / "trust.yaml"
    if not path.is_file():
        return []
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return TypeAdapter(list[Step]).validate_python(rows)
