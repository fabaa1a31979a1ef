"""SETTINGS.md of a kit: variables, commands and limits beyond README.md, in the report's language, from `service_settings.yaml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from app.domain.messages import Frozen
from app.launch.spec import LaunchSpec, Pipeline
from app.locales import N_, Formatter

TITLE = N_("Settings of the service and further commands")


class Entry(Frozen):
    """What it is for; `pipelines` empty: every kit has it."""

    pipelines: list[Pipeline] = []


class Setting(Entry):
    """An environment variable. `secret` ones belong into the platform's store of secrets."""

    name: str
    help: str  # English gettext id
    default: str = ""
    secret: bool = False


class Command(Entry):
    """A command beside the scripts."""

    command: str
    help: str  # English gettext id


class Fact(Entry):
    """Something a user has to know."""

    text: str  # English gettext id


class Settings(Frozen):
    """The whole file."""

    checked: date
    grade: Literal["V", "W", "K", "D", "A"]
    variables: list[Setting]
    commands: list[Command]
    facts: list[Fact]


def settings_page(spec: LaunchSpec, texts: Formatter) -> str:
    """The page as Markdown. All texts are the program's own."""
    known, t = _settings(), texts.t
    variables = [
        f"| `{item.name}` | {t(item.help)}{' (' + t('secret') + ')' if item.secret else ''} | {f'`{item.default}`' if item.default else '–'} |"
        for item in known.variables
        if _suits(item, spec)
    ]
    commands = [f"- `{item.command}`: {t(item.help)}" for item in known.commands if _suits(item, spec)]
    facts = [f"- {t(item.text)}" for item in known.facts if _suits(item, spec)]
    head = f"| {t('Variable')} | {t('Meaning')} | {t('Default')} |\n|---|---|---|"
    return (
        "\n".join(
            [f"# {t(TITLE)}\n", head, *variables, "", *commands, *([""] if commands and facts else []), *facts]
        ).rstrip()
        + "\n"
    )


def _suits(item: Entry, spec: LaunchSpec) -> bool:
    return not item.pipelines or spec.pipeline in item.pipelines


@cache
def _settings() -> Settings:
    path = Path(__file__).with_name("service_settings.yaml")
    return Settings.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
