"""Structured output: the JSON schema of the answers, from `data/schema.json` or derived from the examples, and its check.

The check knows what derived schemas use: type, properties, required, additionalProperties, items and enum.
"""

from __future__ import annotations

import json
from typing import Any

from .metrics import unfenced
from .records import Example, data_folder
from .setup import Config, SetupError

Schema = dict[str, Any]
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float),
}  # fmt: skip


def schema_for(config: Config, examples: list[Example]) -> Schema | None:
    """The schema of the answers, None where they are no JSON. Raises SetupError when file or examples hold no JSON."""
    if config["evaluation"]["measure"] != "json":
        return None
    own = data_folder() / "schema.json"
    try:
        if own.is_file():
            return dict(json.loads(own.read_text(encoding="utf-8")))
        return derived([json.loads(item.output) for item in examples])
    except (ValueError, TypeError) as error:
        place = own.name if own.is_file() else "the field 'output' of an example"
        raise SetupError(f"{place} holds no valid JSON: {error}") from error


def derived(values: list[Any]) -> Schema:
    """The narrowest schema of these kinds that all values keep; an object needs the keys that every one has."""
    schema: Schema = {"type": _types(values)}
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        keys = list(dict.fromkeys(key for value in objects for key in value))
        schema["properties"] = {key: derived([value[key] for value in objects if key in value]) for key in keys}
        schema["required"] = [key for key in keys if all(key in value for value in objects)]
        schema["additionalProperties"] = False
    items = [item for value in values if isinstance(value, list) for item in value]
    return schema | ({"items": derived(items)} if items else {})


def _types(values: list[Any]) -> str | list[str]:
    names = {_type(value) for value in values}
    names -= {"integer"} if "number" in names else set()
    found = sorted(names)
    return found[0] if len(found) == 1 else found


def _type(value: Any) -> str:
    return next(name for name in ("boolean", "integer", "number", *TYPES) if _is(value, name))


def _is(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def problems(value: Any, schema: Schema, place: str = "the answer") -> list[str]:
    """What is wrong with a value, each as one clause."""
    types = schema.get("type", list(TYPES))
    wanted = [types] if isinstance(types, str) else types
    if not any(_is(value, name) for name in wanted):
        return [f"{place} must be of type {' or '.join(wanted)}"]
    found = [f"{place} must be one of {schema['enum']}"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, dict):
        found += _object_problems(value, schema, place)
    if isinstance(value, list) and "items" in schema:
        found += [
            text for number, item in enumerate(value) for text in problems(item, schema["items"], f"{place}[{number}]")
        ]
    return found


def _object_problems(value: dict[str, Any], schema: Schema, place: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{place}.{key} is missing" for key in schema.get("required", []) if key not in value]
    if schema.get("additionalProperties") is False:
        found += [f"{place}.{key} is not expected" for key in value if key not in known]
    return found + [
        text for key, item in value.items() if key in known for text in problems(item, known[key], f"{place}.{key}")
    ]


def text_problems(text: str, schema: Schema) -> list[str]:
    """The same for the text of an answer; a fence around the JSON is ignored."""
    try:
        return problems(json.loads(unfenced(text)), schema)
    except ValueError:
        return ["the answer is no valid JSON"]


def response_format(schema: Schema) -> dict[str, Any]:
    """The field `response_format` of OpenAI-compatible services. Strict only where every key is required, as they demand."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": _strict(schema)}}


def _strict(schema: Schema) -> bool:
    parts = list(schema.get("properties", {}).values()) + ([schema["items"]] if "items" in schema else [])
    complete = set(schema.get("required", [])) == set(schema.get("properties", {}))
    return complete and schema.get("additionalProperties", False) is False and all(_strict(part) for part in parts)
