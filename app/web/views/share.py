"""Views of the share pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.store.repository import ShareLink


@dataclass(frozen=True)
class LinkRow:
    """One link in the author's list. Its address is not among the data: only its hash is stored."""

    id: int
    label: str
    state: Literal["works", "expired", "revoked"]
    expires_at: datetime
    created_at: datetime
    has_password: bool
    allow_download: bool
    counted: bool
    opens: int
    last_opened_at: datetime | None
    wrong_passwords: int
    last_wrong_at: datetime | None


@dataclass(frozen=True)
class LinkForm:
    """What stands in the form for a new link. `key` makes a repeated submit harmless."""

    key: str
    label: str = ""
    days: str = "30"
    allow_download: bool = True
    count_opens: bool = True


@dataclass(frozen=True)
class SharePage:
    """The author's page: a form for a new link, and all links. `address` is the new link, shown this once."""

    id: str
    title: str
    number: int
    form: LinkForm
    links: list[LinkRow]
    longest_days: int
    shortest_password: int
    address: str | None = None
    expires_at: datetime | None = None
    errors: dict[str, str] = field(default_factory=dict)  # field -> English gettext id


@dataclass(frozen=True)
class LandingPage:
    """What a link shows before it is opened: nothing of the report."""

    token: str
    needs_password: bool
    counted: bool
    expires_at: datetime
    error: str = ""  # English gettext id


def row(link: ShareLink, now: datetime) -> LinkRow:
    """One link as the author sees it."""
    state: Literal["works", "expired", "revoked"] = "works" if link.works(now) else "expired"
    return LinkRow(
        id=link.id, label=link.label, state="revoked" if link.revoked_at else state, expires_at=link.expires_at,
        created_at=link.created_at, has_password=link.password_hash is not None, allow_download=link.allow_download,
        counted=link.count_opens, opens=link.opens, last_opened_at=link.last_opened_at,
        wrong_passwords=link.wrong_passwords, last_wrong_at=link.last_wrong_at,
    )  # fmt: skip
