"""The view of every error page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ErrorPage:
    """`title`, `detail` and `mend` are English gettext ids; `values` fill them. `incident` is the id to quote in a report."""

    status: int
    title: str
    detail: str = ""
    mend: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    incident: str = ""
