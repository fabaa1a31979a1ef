"""YAML read strictly: duplicate keys refused, only true and false are booleans, the fast C parser where there is one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from app.errors import KnowledgeError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """The safe loader without YAML 1.1's yes, no, on, off, and without sexagesimal numbers."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int")
    ]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key “{key}” stands twice", key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """One file as a mapping. Raises KnowledgeError that names file and line."""
    try:
        data = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a subclass of the safe loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise KnowledgeError(
            "{file}, line {line}: {problem}.", "Correct the file.", file=path.name, line=line, problem=error.problem
        ) from None
    if not isinstance(data, dict):
        raise KnowledgeError(
            "{file} holds no mapping of keys to values.", "Write one item as `key: value` lines.", file=path.name
        )
    return data
