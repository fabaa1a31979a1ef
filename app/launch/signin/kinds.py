"""What each platform needs to sign in, as data (`kinds.yaml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from app.domain.messages import Frozen
from app.domain.values import SourceRef
from app.launch.control import Entry


class SecretField(Frozen):
    """A value to paste. `refused` matches what must not be pasted, such as keys that never expire; `refusal` says why."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    label: str  # English gettext id
    help: str = ""  # English gettext id
    pattern: str
    required: bool = True
    refused: str = ""
    refusal: str = ""  # English gettext id


class Kind(Frozen):
    """How one kind of platform is signed in to. `audience`: for whom our own token is made; `{name}` is an entry."""

    audience: str = ""
    entries: list[Entry] = []  # of the federated mode
    fields: list[SecretField]  # of the pasted mode
    trust: str = ""  # English gettext id: what the account has to trust, and how
    lasts: str = ""  # English gettext id: how long pasted credentials live
    services: dict[str, str] = {}  # service -> scope or resource of its token
    sources: list[SourceRef] = []


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by name."""
    path = Path(__file__).with_name("kinds.yaml")
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: Kind.model_validate(row) for name, row in rows.items()}


def kind(name: str) -> Kind:
    """One kind."""
    return kinds()[name]
