"""Azure Resource Manager: addresses, versions, lists with paging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.launch.access import Access, if_there

HERE = Path(__file__).parent / "kit" / "here"
MANAGER = "https://management.azure.com"
# Versions whose public schemas hold what is sent: github.com/Azure/azure-resource-manager-schemas.
LEARNING = "2024-10-01"
COGNITIVE = "2024-10-01"


def template(name: str) -> dict[str, Any]:
    """A template of this folder."""
    found: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return found


def workspace(entries: dict[str, str]) -> str:
    """The workspace for machine learning that the user named."""
    return f"{_group(entries)}/providers/Microsoft.MachineLearningServices/workspaces/{entries['workspace']}"


def account(entries: dict[str, str]) -> str:
    """The Azure OpenAI resource that the user named."""
    return f"{_group(entries)}/providers/Microsoft.CognitiveServices/accounts/{entries['resource']}"


def _group(entries: dict[str, str]) -> str:
    return f"/subscriptions/{entries['subscription']}/resourceGroups/{entries['resource_group']}"


class Manager:
    """Resources of one provider in one version."""

    def __init__(self, access: Access, version: str) -> None:
        self.access, self.version = access, version

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request for a resource."""
        return self.access.call(method, f"{MANAGER}{path}?api-version={self.version}", json=body, service="management")

    def row(self, path: str) -> dict[str, Any] | None:
        """A resource; None when it is not there."""
        return if_there(lambda: dict(self.ask("GET", path)))

    def rows(self, path: str) -> Iterator[dict[str, Any]]:
        """All resources of a list, page by page; a next page elsewhere is not followed."""
        url = f"{MANAGER}{path}?api-version={self.version}"
        while url.startswith(f"{MANAGER}/"):
            answer = self.access.call("GET", url, service="management")
            yield from answer.get("value", [])
            url = answer.get("nextLink") or ""
