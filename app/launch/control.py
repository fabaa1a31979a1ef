"""Starting a launch from the server: what is asked of a platform, what it says, and the contract of the code that speaks to it.

A platform's folder holds `control.yaml` (which of its ways can be started here, and what for) and one module per interface with a
class `Control`. A control knows no database and no clock; whoever calls it keeps the state and repeats what failed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import Field, ValidationError

from app.domain.messages import Frozen
from app.domain.values import SourceRef
from app.errors import InputError, KnowledgeError
from app.launch.access import Access
from app.launch.platform import FOLDER
from app.launch.spec import LaunchSpec, RunName

State = Literal["queued", "running", "succeeded", "failed", "cancelling", "cancelled"]
ENDED = ("succeeded", "failed", "cancelled")
SignIn = Literal["aws", "azure", "google", "openai", "bearer"]
Mode = Literal["federated", "ambient", "token"]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9 _./:-]{0,80}$")]  # a platform's own word, shown beside ours
TAG = "lotse-launch"  # on everything that a launch creates; its value is the launch's id


class Entry(Frozen):
    """A value that the user enters for a launch; never a secret. `pattern` is matched whole."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    label: str  # English gettext id
    help: str = ""  # English gettext id
    example: str = ""
    pattern: str
    required: bool = True


class ControlInfo(Frozen):
    """How one way is started from here: an entry of `control.yaml`."""

    module: str = Field(pattern=r"^[a-z_]{2,40}$")  # in the folder of the platform, with a class `Control`
    sign_in: SignIn
    modes: list[Mode]
    entries: list[Entry] = []
    needs_endpoint: bool = (
        False  # only the operator names its server: an address from a form could lead inside the network
    )
    time_cap: Literal["platform", "lotse"]  # who ends the run at the time cap; "lotse": our own reaper alone
    queue_costs: bool = (
        False  # whether a machine is paid for while it is made ready: the time cap then counts from the submission
    )
    safe_repeat: bool  # whether the platform refuses or ignores a second submission of the same name
    poll_seconds: int = Field(default=30, ge=5, le=600)
    keep_hours: int = Field(default=24, ge=0, le=168)  # after a success, until it is torn down: time to fetch results
    after: str = ""  # English gettext id: what costs on after the run until it is torn down
    data: str  # English gettext id: where the training data have to lie
    limits: str = ""  # English gettext id: what this way cannot do
    sources: list[SourceRef] = []


class Order(Frozen):
    """One launch as it was approved: everything a control needs except credentials. Stored; holds no secret."""

    launch: str = Field(pattern=r"^[a-z0-9]{8,32}$")  # our id, the value of TAG
    name: RunName  # its name on the platform, unique per launch: how it is found again
    platform: str
    way: str
    region: str
    entries: dict[str, str]
    definition: dict[str, Any]  # the body of the request that creates it, as it was shown for approval
    bundle_sha256: str = ""  # of the pipeline code that goes with it; empty where none does
    seconds: int = Field(ge=60)  # time cap
    expires: int  # Unix time after which whatever carries our tag may be removed


class Seen(Frozen):
    """What a platform says of a launch. Times in UTC; `cost` only where the platform itself states one."""

    handle: str = Field(max_length=400)  # its id, name or ARN there
    state: State
    said: Word
    started: datetime | None = None
    ended: datetime | None = None
    cost: Decimal | None = None
    currency: str = ""
    result: str = Field(default="", max_length=400)  # name or place of the tuned model


class Quota(Frozen):
    """What the platform still allows, in the unit of the order (machines, GPUs, jobs). `free` None: it could not be asked, `why` says so."""

    needed: float
    free: float | None
    why: str = ""  # English gettext id


class Found(Frozen):
    """Something on the platform that carries our tag and costs money as long as it stands."""

    handle: str
    launch: str  # value of the tag
    kind: Word


class Parts(Frozen):
    """What a definition is made of: the plan, the values that its templates may name, what the user entered, and our tags.

    `config` is the configuration of the pipeline; `bundle_url` an address that serves the pipeline code, where this installation has
    a public one; `bundle_base64` the same code as text, for platforms whose definition can carry it.
    """

    launch: str
    name: RunName
    spec: LaunchSpec
    values: dict[str, Any]
    entries: dict[str, str]
    config: dict[str, Any]
    bundle_url: str = ""
    bundle_sha256: str = ""
    bundle_base64: str = ""
    expires: int


class Control(ABC):
    """One interface of a platform. Every method sends few requests and may raise PlatformTrouble; each may be repeated at any time."""

    uses_bundle: ClassVar[bool] = False  # whether `bundle` has to be given: the control itself uploads it
    needs_bundle_url: ClassVar[bool] = False  # whether the definition fetches the code from this installation

    def __init__(self, order: Order, access: Access, bundle: bytes = b"") -> None:
        self.order, self.access, self.bundle = order, access, bundle

    @classmethod
    @abstractmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The exact body that creates the launch, with name, tags and caps. Pure: the same parts, the same body."""

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """What the platform would refuse in a definition, as far as it can be told offline; empty when nothing is known."""
        return []

    @abstractmethod
    def find(self) -> Seen | None:
        """The launch by its name or tag; None when the platform knows none. Asked before every submission."""

    @abstractmethod
    def submit(self) -> Seen:
        """Creates it, uploading first what it needs. Call only after `find` gave None."""

    @abstractmethod
    def status(self, handle: str) -> Seen | None:
        """How it stands; None when the platform no longer knows it."""

    @abstractmethod
    def logs(self, handle: str) -> list[str]:
        """Its last lines, for showing only: they are never stored. Empty where the platform gives none over this interface."""

    @abstractmethod
    def cancel(self, handle: str) -> None:
        """Asks for it to stop. No trouble when it has ended already."""

    @abstractmethod
    def teardown(self, handle: str) -> bool:
        """Removes what costs money and what the launch created; True only when the platform says that all of it is gone."""

    @abstractmethod
    def quota(self) -> Quota:
        """What is free of what the order needs."""

    @abstractmethod
    def tagged(self) -> list[Found]:
        """Everything that carries our tag, of any launch: for the search for what was left behind."""


@cache
def controls(platform: str) -> dict[str, ControlInfo]:
    """The ways of a platform that can be started here: way -> how. Raises KnowledgeError that names the file."""
    path = FOLDER / platform / "control.yaml"
    if not path.is_file():
        return {}
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return {way: ControlInfo.model_validate(row) for way, row in rows.items()}
    except (yaml.YAMLError, ValidationError) as error:
        raise KnowledgeError("{file} is wrong: {reason}", file=f"{platform}/control.yaml", reason=str(error)) from error


def control_class(platform: str, way: str) -> type[Control]:
    """The class that speaks to the platform for a way."""
    module = import_module(f"app.launch.platforms.{platform}.{controls(platform)[way].module}")
    found: type[Control] = module.Control
    return found


def checked_entries(info: ControlInfo, given: Mapping[str, str]) -> dict[str, str]:
    """What the user entered, checked by name and pattern. Raises InputError that names each field."""
    found = {entry.name: (given.get(entry.name) or "").strip() for entry in info.entries}
    problems = [problem for entry in info.entries if (problem := _problem(entry, found[entry.name]))]
    if problems:
        raise InputError(problems)
    return {name: value for name, value in found.items() if value}


def _problem(entry: Entry, value: str) -> dict[str, Any] | None:
    if not value and not entry.required:
        return None
    if value and len(value) <= 400 and re.fullmatch(entry.pattern, value):
        return None
    allowed = entry.example or entry.pattern
    return {"key": entry.name, "value": value[:80], "allowed": allowed, "says": f"{entry.name}: {value[:80]!r} is not allowed; the form is {allowed}"}  # fmt: skip
