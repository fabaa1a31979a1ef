"""README.md of a kit, in the report's language; texts of users are escaped, values come from the spec."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.decision import Decision
from app.launch.catalogue import catalogue
from app.launch.platform import Platform, Variable, Way
from app.launch.scripts import SCRIPTS, SECOND, commands
from app.launch.spec import LaunchSpec
from app.launch.values import service_commands
from app.locales import Formatter

ACTIONS = ("run", "status", "cancel", "teardown")


def readme(platform: Platform, spec: LaunchSpec, decision: Decision, ways: list[Way], texts: Formatter) -> str:
    """The text. Everything a user has to set is listed with its meaning."""
    values = platform.values(spec)
    steps = [{"way": way, "commands": {name: commands(way, name, values) for name in ACTIONS}} for way in ways]
    return _environment().get_template("readme.md.j2").render(
        spec=spec, platform=platform.info, result=decision.option(spec.option), decision=decision, steps=steps,
        variables=variables(ways), serving=serving(spec, ways), tools=dict.fromkeys(tool for way in ways for tool in way.tools), scripts=SCRIPTS,
        second="" if spec.pipeline == "baseline" or "tune" in [way.stage for way in ways] else SECOND,
        packages=spec.tunes_text or spec.pipeline == "encoder",
        t=texts.t, f=texts, plain=plain,
    )  # fmt: skip


def serving(spec: LaunchSpec, ways: list[Way]) -> list[str]:
    """Commands that serve an open model tuned by a kit without a stage for it."""
    if ways[-1].stage != "train" or spec.pipeline == "encoder":
        return []
    start = str(service_commands(spec)["serve_command"])
    return [
        f"pip install {catalogue().packages['serving'][0]}",
        f"MODEL_URL=http://127.0.0.1:8000/v1 sh -c {shlex.quote(start)}",
    ]


def variables(ways: list[Way]) -> list[Variable]:
    """Every variable of the ways, once."""
    return list({item.name: item for way in ways for item in way.variables}.values())


def plain(text: Any) -> str:
    """A text of a user or a source as inert Markdown: one line, nothing that marks up."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&-])", r"\\\1", " ".join(str(text or "").split()))


@cache
def _environment() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 (Markdown, escaped by `plain`)
