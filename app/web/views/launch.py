"""What the launch pages show: platforms with their availability today, and one platform in detail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil

from app.domain.decision import Decision, OptionResult
from app.launch.availability import Availability
from app.launch.launching import PlatformRow, WayRow, platform_row
from app.launch.planning import Advice, Choice
from app.launch.platform import Link, Platform, Variable, Way, platforms
from app.launch.readme import ACTIONS, variables
from app.launch.scripts import commands
from app.launch.spec import LaunchSpec
from app.locales import N_

PLACES = {
    "own-site": N_("your own premises"),
    "eu": N_("European Union"),
    "global": N_("worldwide"),
    "any": N_("anywhere"),
}
LINE = 64  # characters of a line in a field of commands


@dataclass(frozen=True)
class OptionLink:
    """A feasible option to choose."""

    id: str
    label: str
    chosen: bool
    advised: bool


@dataclass(frozen=True)
class LaunchPage:
    """The overview."""

    base: str
    title: str
    option: OptionResult
    options: tuple[OptionLink, ...]
    rows: tuple[PlatformRow, ...]
    as_of: date
    report_date: str
    horizon_months: int

    @staticmethod
    def place(region: str) -> str:
        """A region as people read it (gettext id); the codes of the platforms stay as they are."""
        return PLACES.get(region, region)


@dataclass(frozen=True)
class Definition:
    """A generated file to read."""

    name: str
    text: str


@dataclass(frozen=True)
class StageCard:
    """One stage: what it is, how to start, follow, stop and remove it."""

    way: Way
    state: Availability
    link: Link
    link_host: str
    commands: tuple[tuple[str, str], ...]  # action, command lines
    definitions: tuple[Definition, ...]

    @staticmethod
    def rows(text: str) -> int:
        """Lines that a text takes in its field on a wide page."""
        return sum(ceil((len(line) + 1) / LINE) for line in text.split("\n"))


@dataclass(frozen=True)
class Here:
    """Whether the server can start it: `off` says why not (gettext id)."""

    off: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class PlatformPage:
    """One platform in detail."""

    base: str
    title: str
    option: OptionResult
    row: PlatformRow
    spec: LaunchSpec
    stages: tuple[StageCard, ...]
    others: tuple[Way, ...]  # further ways at a stage
    variables: tuple[Variable, ...]
    tools: tuple[str, ...]
    values: tuple[tuple[str, str], ...]  # label (gettext id), value to copy
    here: Here
    kit_query: str
    kit_files: tuple[str, ...]
    as_of: date


@dataclass(frozen=True)
class OffPage:
    """A platform that does not offer the option, and why."""

    base: str
    row: PlatformRow
    option: OptionResult


def launch_page(base: str, advice: Advice, choice: Choice) -> LaunchPage:
    """The overview for an option."""
    decision = advice.decision
    rows = [platform_row(platform, advice, choice) for platform in platforms().values()]
    order = {"offered": 0, "limited": 1, "off": 2}
    return LaunchPage(
        base=base,
        title=advice.answers.title or "",
        option=decision.option(choice.option),
        options=tuple(_option_links(decision, choice.option)),
        rows=tuple(sorted(rows, key=lambda row: (order[row.standing], not row.preferred, not row.own_price))),
        as_of=choice.day,
        report_date=decision.as_of,
        horizon_months=decision.horizon_months,
    )


def _option_links(decision: Decision, chosen: str) -> list[OptionLink]:
    feasible = sorted((item for item in decision.options if item.feasible), key=lambda item: item.rank or 99)
    return [
        OptionLink(item.option, item.label, item.option == chosen, item.option == decision.recommended.option)
        for item in feasible
    ]


def platform_page(
    base: str, row: PlatformRow, advice: Advice, template_base: str | None, files: dict[str, str], here: Here
) -> PlatformPage:
    """The detail page of a platform that offers the option; `files` are those of its kit."""
    assert row.spec is not None
    platform, spec = row.platform, row.spec
    ways = [item.way for item in row.ways]
    values = platform.values(spec)
    return PlatformPage(
        base=base,
        title=advice.answers.title or "",
        option=advice.decision.option(spec.option),
        row=row,
        spec=spec,
        stages=tuple(_card(platform, spec, item, values, files, template_base) for item in row.ways),
        others=tuple(way for way in platform.alternatives(spec.option) if way not in ways),
        variables=tuple(variables(ways)),
        tools=tuple(dict.fromkeys(tool for way in ways for tool in way.tools)),
        values=tuple(_values(spec)),
        here=here,
        kit_query=f"option={spec.option}" + (f"&way={ways[0].id}" if ways else ""),
        kit_files=tuple(files),
        as_of=spec.as_of,
    )


def _card(
    platform: Platform,
    spec: LaunchSpec,
    row: WayRow,
    values: dict[str, object],
    files: dict[str, str],
    template_base: str | None,
) -> StageCard:
    link = platform.deep_link(spec, row.way, template_base)
    return StageCard(
        way=row.way,
        state=row.state,
        link=link,
        link_host=host(link.url or (row.way.console.url if row.way.console else "")),
        commands=tuple(
            (name, "\n".join(commands(row.way, name, values))) for name in ACTIONS if getattr(row.way, name)
        ),
        definitions=tuple(Definition(f"job/{name}", files[f"job/{name}"]) for name in row.way.files),
    )


def host(url: str) -> str:
    """The host of an address, shown beside a link that leaves the site."""
    return url.split("/")[2] if "://" in url else ""


def _values(spec: LaunchSpec) -> list[tuple[str, str]]:
    training = spec.training
    pairs = [
        (N_("Name of the launch"), spec.name),
        (N_("Base model"), spec.model_name or ""),
        (N_("Region"), spec.region if training or spec.machine else ""),
        (N_("Machine"), spec.machine or ""),
        (N_("Epochs"), str(training.epochs) if training else ""),
        (N_("LoRA rank"), str(training.lora_rank) if training and training.method in ("lora", "qlora") else ""),
        (N_("Time cap in seconds"), str(spec.seconds) if training else ""),
    ]
    return [(label, value) for label, value in pairs if value]
