"""Definitions whose vendors publish a JSON schema: ARM templates, OpenAI's description, Compose; and RunPod's, written after theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DATA = Path(__file__).parents[1] / "data"
AZURE_COMMON = "https://schema.management.azure.com/schemas/common/definitions.json"
EXPRESSION = {"definitions": {"expression": {"type": "string", "pattern": r"^\[([^\[].*)?\]$"}}}
PARAMETER = re.compile(r"parameters\('(\w+)'\)")


def check(kind: str, text: str) -> str:
    """What the schema of this kind refuses first."""
    return next(iter(CHECKS[kind](yaml.load(text, Loader=yaml.CSafeLoader))), "")


def problems(schema: dict[str, Any], value: Any) -> Iterator[str]:
    """The most telling error, if any."""
    registry: Registry[Any] = Registry().with_resource(AZURE_COMMON, DRAFT202012.create_resource(EXPRESSION))
    error = best_match(Draft202012Validator(schema, registry=registry).iter_errors(value))
    if error:
        yield f"{error.json_path}: {error.message}"


@cache
def published(name: str) -> dict[str, Any]:
    """A schema from the data folder."""
    schema: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return schema


@cache
def azure() -> dict[str, Any]:
    """Azure's schema with the fields of each base type joined into its kinds."""
    schema: dict[str, Any] = _either(published("azure-2024-10-01.json"))
    definitions = schema["definitions"]
    for base, kinds in list(_families(definitions)):
        for own in (definitions[kind] for kind in kinds):
            own["properties"] = {**base["properties"], **own["properties"]}
            own["additionalProperties"] = False
    return schema


def _either(node: Any) -> Any:
    """The schema with "a value or an expression" as it is meant: published as oneOf, it refuses texts that happen to be both."""
    if isinstance(node, list):
        return [_either(item) for item in node]
    if not isinstance(node, dict):
        return node
    mended = {key: _either(item) for key, item in node.items()}
    if any(AZURE_COMMON in str(item.get("$ref")) for item in node.get("oneOf", []) if isinstance(item, dict)):
        mended["anyOf"] = mended.pop("oneOf")
    return mended


def _families(definitions: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Base types with the names of their kinds; the base's own prohibition of further fields is lifted."""
    for node in definitions.values():
        if "allOf" in node and "oneOf" in node["allOf"][-1]:
            base, choice = node["allOf"]
            base.pop("additionalProperties", None)
            yield base, [part["allOf"][0]["$ref"].rpartition("/")[2] for part in choice["oneOf"]]


def template(body: dict[str, Any]) -> Iterator[str]:
    """An ARM template: each resource by its schema, and every parameter it names is declared."""
    unknown = set(PARAMETER.findall(json.dumps(body["resources"]))) - set(body["parameters"])
    if unknown:
        yield f"undeclared parameters: {sorted(unknown)}"
    for row in body["resources"]:
        resource = azure()["resourceDefinitions"].get(row["type"].partition("/")[2].replace("/", "_"))
        if resource is None:
            yield f"unknown type {row['type']}"
        else:
            yield from problems({**resource, "definitions": azure()["definitions"]}, row)


def azure_job(body: dict[str, Any]) -> Iterator[str]:
    """The body of a request that creates a job."""
    reference = {"$ref": "#/definitions/JobBaseProperties"}
    schema = {
        "type": "object",
        "required": ["properties"],
        "properties": {"properties": reference},
        "additionalProperties": False,
    }
    return problems({**schema, "definitions": azure()["definitions"]}, body)


def openai(body: dict[str, Any]) -> Iterator[str]:
    """OpenAI's own description, with the limits that its library leaves out."""
    own = {key: value for key, value in body.items() if key != "trainingType"}  # Azure's addition
    return problems({"$ref": "#/components/schemas/CreateFineTuningJobRequest", **published("openai.json")}, own)


CHECKS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "arm_template": template,
    "azure_job": azure_job,
    "openai_job": openai,
    "azure_openai_job": openai,
    "compose": lambda body: problems(published("compose.json"), body),
    "runpod_pod": lambda body: problems(published("runpod.json"), body),
}
