"""The page on the programming interface: read from its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PREFIX = "/api/v1"
STATUS = {"200": "OK", "201": "Created", "204": "No Content", "404": "Not Found", "409": "Conflict", "410": "Gone", "422": "Unprocessable Content"}  # fmt: skip
PLACEHOLDERS = {"{token}": "$TOKEN", "{id}": "$REPORT"}


@dataclass(frozen=True)
class Parameter:
    """Something in the address or a header."""

    name: str
    place: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One address with one method."""

    anchor: str
    method: str
    path: str
    summary: str  # English gettext id: the first line of its description
    parameters: tuple[Parameter, ...]
    statuses: tuple[str, ...]
    example: str  # for a command line


@dataclass(frozen=True)
class Key:
    """One key of the answers."""

    name: str
    allowed: str


@dataclass(frozen=True)
class DocsPage:
    """The whole page."""

    operations: tuple[Operation, ...]
    keys: tuple[Key, ...]


def docs_page(description: dict[str, Any], origin: str) -> DocsPage:
    """Built from the OpenAPI description of the running program."""
    answers = description["paths"][f"{PREFIX}/decisions"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    keys = tuple(Key(name, _allowed(schema)) for name, schema in answers["properties"].items())
    return DocsPage(tuple(_operations(description, origin)), keys)


def _operations(description: dict[str, Any], origin: str) -> Iterator[Operation]:
    for path, methods in description["paths"].items():
        for method, details in methods.items():
            yield Operation(
                anchor=details["operationId"], method=method.upper(), path=path,
                summary=details.get("description", details["summary"]).partition("\n")[0],
                parameters=tuple(_parameter(item) for item in details.get("parameters", [])),
                statuses=tuple(f"{code} {STATUS.get(code, '')}".strip() for code in sorted(details["responses"])),
                example=_example(origin, method.upper(), path, details),
            )  # fmt: skip


def _parameter(item: dict[str, Any]) -> Parameter:
    return Parameter(item["name"], item["in"], item.get("description", item["schema"].get("description", "")))


def _example(origin: str, method: str, path: str, details: dict[str, Any]) -> str:
    for name, variable in PLACEHOLDERS.items():
        path = path.replace(name, variable)
    command = f'curl {"" if method == "GET" else f"-X {method} "}"{origin}{path}"'
    body = details.get("requestBody", {}).get("content", {}).get("application/json", {})
    if not body:
        return command if "." not in path.rpartition("/")[2] else f"{command} -O"
    example = json.dumps(next(iter(body["examples"].values()))["value"], indent=2)
    return f"{command} -H 'Content-Type: application/json' -d '{example}'"


def _allowed(schema: dict[str, Any]) -> str:
    kinds = schema.get("anyOf", [schema])
    return " | ".join(text for text in (_kind(item) for item in kinds) if text)


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(item) for item in schema["enum"])
    kind = schema.get("type", "")
    if kind == "null":
        return ""
    if kind == "array":
        return f"[{_kind(schema['items'])}]"
    limits = [f"{sign} {schema[name]:g}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema]
    return " ".join([kind, *limits])
