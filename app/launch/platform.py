"""The contract of a launch platform: what its folder holds (`platform.yaml`, `kit/`, `adapter.py`) and what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import Field, ValidationError

from app.domain.messages import Frozen
from app.domain.values import OptionId, SourceRef
from app.errors import KnowledgeError, NotFound
from app.launch.render import dumped, fill
from app.launch.spec import LaunchSpec, PlatformId, Stage
from app.launch.values import plain_values
from app.locales import N_

FOLDER = Path(__file__).parent / "platforms"
STAGES = ("tune", "train", "serve")
LinkKind = Literal["none", "azure_template", "aws_quick_create", "colab_enterprise"]


class Variable(Frozen):
    """A value only the user knows, read from the environment. `secret` ones are never shown or written."""

    name: str = Field(pattern=r"^[A-Z][A-Z0-9_]{2,40}$")
    help: str  # English gettext id
    example: str = ""
    secret: bool = False


class MachineRow(Frozen):
    """A machine of the platform and its GPUs."""

    name: str
    gpu: str
    count: int
    memory_gib: float  # of all GPUs together


class WebLink(Frozen):
    """A plain page of the platform; `documented` is False where the address was not found in its documentation."""

    label: str  # English gettext id
    url: str
    documented: bool = True


class Way(Frozen):
    """One way to launch one stage. Commands are lists of words: `{name}` is a value of the spec, `${NAME}` a variable."""

    id: str
    stage: Stage
    options: list[OptionId]
    label: str  # English gettext id
    summary: str  # English gettext id
    capability: list[str]  # methods of the dated records that allow it
    models: dict[str, str] = {}  # for tuning as a service: id in the knowledge base -> name; empty: the user names it
    auth: Literal["key", "azure", "google", "aws", "none"] = "none"
    form: Literal["chat", "gemini", "bedrock"] = "chat"
    protocol: Literal["openai", "bedrock"] = "openai"
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    packages: list[str] = []
    computes: bool = True  # False: no machine of this way runs a model, it calls one elsewhere
    modules: list[str] = []  # of the pipeline, beyond what the option needs
    tools: list[str] = []
    regions: dict[str, str] = {}  # residency -> region, where this way differs from the platform
    variables: list[Variable] = []
    files: list[str] = []  # templates in kit/
    run: list[list[str]]
    status: list[list[str]]
    cancel: list[list[str]]
    teardown: list[list[str]]
    steps: list[str] = []  # English gettext ids, what to do on the platform
    link: LinkKind = "none"
    console: WebLink | None = None
    note: str = ""  # English gettext id
    sources: list[SourceRef] = []


class PlatformFile(Frozen):
    """The content of `platform.yaml`."""

    id: PlatformId
    belongs_to: PlatformId | None = None  # which of the platforms that the questionnaire offers it counts as
    label: str
    summary: str  # English gettext id
    quota: str  # English gettext id
    residency_note: str  # English gettext id
    hosts: list[str]  # the only hosts that links may lead to
    regions: dict[str, str]  # residency -> region
    machines: list[MachineRow] = []
    models: dict[str, str] = {}  # id in the knowledge base -> the platform's name of it; empty: the user names it
    ways: list[Way]
    checked: date


@dataclass(frozen=True)
class Link:
    """A prefilled address, or why there is none (`off` is an English gettext id)."""

    url: str | None
    off: str = ""


NO_TEMPLATES = Link(
    None,
    N_("Off: this installation has no public address for templates (LOTSE_TEMPLATE_BASE_URL). Use the command below."),
)
TEMPLATES_IN_S3 = Link(
    None,
    N_("Off: templates of this installation lie in S3, but this one is made for each launch. Use the command below."),
)


class Platform:
    """A platform; most of it is data, an adapter adds what data cannot say."""

    template_suffix = ".json"

    def __init__(self, info: PlatformFile, folder: Path) -> None:
        self.info, self.folder = info, folder

    @property
    def id(self) -> PlatformId:
        """Its id in addresses and answers."""
        return self.info.id

    def ways(self, option: str, chosen: str = "") -> list[Way]:
        """The ways to launch an option, one per stage, in order: the chosen one at its stage, else the first."""
        found: dict[str, Way] = {}
        for way in sorted(self.alternatives(option), key=lambda way: way.id != chosen):
            found.setdefault(way.stage, way)
        kept = [way for way in found.values() if not (way.stage == "train" and "tune" in found)]
        return sorted(kept, key=lambda way: STAGES.index(way.stage))

    def alternatives(self, option: str) -> list[Way]:
        """All ways to launch an option."""
        return [way for way in self.info.ways if option in way.options]

    def ways_of(self, spec: LaunchSpec) -> list[Way]:
        """The ways a spec was planned with."""
        return [way for way in self.info.ways if way.id in spec.ways]

    def region(self, residency: str | None, way: Way) -> str:
        """Where it runs: by residency, the way's own regions first."""
        wanted = residency or "world"
        return way.regions.get(wanted) or self.info.regions.get(wanted) or self.info.regions["world"]

    def machine(self, gpu: str | None, count: int, memory_gib: float) -> MachineRow | None:
        """The machine with that GPU and count, else the smallest with as much memory; None where none is needed or listed."""
        exact = [row for row in self.info.machines if row.gpu == gpu and row.count == count]
        enough = sorted(
            (row for row in self.info.machines if row.memory_gib >= memory_gib), key=lambda row: row.memory_gib
        )
        return next(iter([*exact, *enough, *self.info.machines[-1:]]), None) if gpu else None

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """The values that templates and commands may name."""
        return plain_values(spec)

    def render(self, spec: LaunchSpec, way: Way) -> dict[str, str]:
        """The definitions of a way: path in the kit -> text. Templates are parsed first, then filled, then written again."""
        values = self.values(spec)
        return {f"job/{name}": self._rendered(name, values) for name in way.files}

    def _rendered(self, name: str, values: dict[str, Any]) -> str:
        if name.endswith(".txt"):
            return (self.folder / "kit" / name).read_text(encoding="utf-8")
        return dumped(name, fill(self._template(name), values))

    def deep_link(self, spec: LaunchSpec, way: Way, template_base: str | None) -> Link:
        """A prefilled address of the platform, or why there is none."""
        return Link(None, "This platform documents no prefilled link for this step; use the values and commands below.")

    def template(self, spec: LaunchSpec, config: dict[str, Any], code_url: str, code_digest: str) -> str | None:
        """A self-contained template that the platform's portal fetches, where it has such a form.

        `config` is the pipeline's configuration, `code_url` and `code_digest` (SHA-256) its code.
        """
        return None

    def _template(self, name: str) -> Any:
        return yaml.load((self.folder / "kit" / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def platforms() -> dict[str, Platform]:
    """All platforms, found by their folders, in the order in which `PlatformId` names them."""
    order = get_args(PlatformId)
    found = [_load(folder) for folder in sorted(FOLDER.iterdir()) if (folder / "platform.yaml").is_file()]
    return {platform.id: platform for platform in sorted(found, key=lambda item: order.index(item.id))}


def platform(name: str) -> Platform:
    """A platform by id. Raises NotFound with the list."""
    if name not in platforms():
        raise NotFound(
            detail="There is no platform {name}.",
            mend="Choose one of {known}.",
            name=name[:40],
            known=", ".join(platforms()),
        )
    return platforms()[name]


def _load(folder: Path) -> Platform:
    try:
        data = yaml.load((folder / "platform.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        info = PlatformFile.model_validate(data)
    except (yaml.YAMLError, ValidationError) as error:
        raise KnowledgeError(
            "{file} is wrong: {reason}", file=f"{folder.name}/platform.yaml", reason=str(error)
        ) from error
    adapter = import_module(f"app.launch.platforms.{folder.name}.adapter")
    return adapter.Adapter(info, folder)  # type: ignore[no-any-return]
