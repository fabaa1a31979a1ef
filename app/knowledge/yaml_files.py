"""Strict YAML: what is written is what is read.

Only `true` and `false` are booleans (so `yes` and `NO` stay text), only plain decimal numbers are numbers, only ISO dates are
dates, and a key that is written twice is an error. The C parser reads the whole knowledge base in a fraction of a second.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from app.errors import KnowledgeError

_SIGNIFICANT_DIGITS = 15  # every decimal number up to here is kept exactly by a binary float and its shortest text


class StrictLoader(yaml.CSafeLoader):
    """The C parser with few implicit types and no duplicate keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are all different text."""
        seen: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _at(key_node, f"the key {key!r} is not text; put it in quotes")
            if key in seen:
                raise _at(key_node, f"the key '{key}' is written twice; remove one of the two")
            seen[key] = self.construct_object(value_node, deep=deep)
        return seen


def _at(node: yaml.Node, problem: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


def _decimal(loader: StrictLoader, node: yaml.ScalarNode) -> float:
    digits = re.sub(r"[eE].*|[-+.]", "", node.value).lstrip("0")
    if len(digits) > _SIGNIFICANT_DIGITS:
        raise _at(node, f"{node.value} has more than {_SIGNIFICANT_DIGITS} digits; round it or put it in quotes")
    return float(node.value)


def _date(loader: StrictLoader, node: yaml.ScalarNode) -> date:
    try:
        return date.fromisoformat(node.value)
    except ValueError as error:
        raise _at(node, f"{node.value} is no date: {error}") from None


_TYPES: tuple[tuple[str, str, str, Any], ...] = (
    ("null", r"~|null|", "~n", None),
    ("bool", r"true|false", "tf", None),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789", lambda loader, node: int(node.value)),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-+0123456789", _decimal),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789", _date),
)  # fmt: skip

for _name, _pattern, _first, _build in _TYPES:
    _tag = f"tag:yaml.org,2002:{_name}"
    StrictLoader.add_implicit_resolver(
        _tag, re.compile(f"^(?:{_pattern})$"), [*_first, *([""] if _name == "null" else [])]
    )
    if _build:
        StrictLoader.add_constructor(_tag, _build)
StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path, shown: str) -> Any:
    """The content of one file. Raises KnowledgeError that names the file as `shown`, the line and what is wrong."""
    try:
        return yaml.load(path.read_bytes(), StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise KnowledgeError(
            "{file}, line {line}: {problem}.", file=shown, line=line, problem=error.problem or error.context
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError("{file}: {problem}.", "Save it as UTF-8 text.", file=shown, problem=error) from None
