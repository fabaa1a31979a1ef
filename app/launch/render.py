"""From templates and values to text, so that no value can change the structure of a definition or a script.

Definitions are parsed first, filled leaf by leaf and written by a serializer. Scripts are lists of words, each quoted.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from app.errors import KnowledgeError

WHOLE = re.compile(r"\{([a-z_]+)\}")
VARIABLE = re.compile(r"(\$\{[A-Z][A-Z0-9_]*\})")


def fill(node: Any, values: Mapping[str, Any]) -> Any:
    """The structure with every `{name}` replaced: a text that is nothing but `{name}` becomes the value with its type.

    Raises KnowledgeError for a name that is not there.
    """
    if isinstance(node, dict):
        filled = {key: fill(item, values) for key, item in node.items()}
        return {key: item for key, item in filled.items() if item is not None or node[key] is None}
    if isinstance(node, list):
        return [fill(item, values) for item in node]
    if not isinstance(node, str):
        return node
    whole = WHOLE.fullmatch(node)
    return _value(whole[1], values) if whole else fill_text(node, values)


def fill_text(text: str, values: Mapping[str, Any]) -> str:
    """A text with every `{name}` replaced; `${NAME}` stays."""
    return re.sub(r"(?<!\$)\{([a-z_]+)\}", lambda found: str(_value(found[1], values)), text)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise KnowledgeError("A launch template names the unknown value {name}.", name=name)
    return values[name]


def dumped(name: str, data: Any) -> str:
    """Data as the text of a file, by its ending: .json or .yaml."""
    if name.endswith(".json"):
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)


def command(words: Iterable[str], values: Mapping[str, Any]) -> str:
    """One command line of a POSIX shell; texts are quoted, `${NAME}` becomes a quoted variable."""
    return " ".join(_word(fill_text(word, values)) for word in words)


def _word(text: str) -> str:
    parts = [part for part in VARIABLE.split(text) if part]
    return "".join(f'"{part}"' if VARIABLE.fullmatch(part) else shlex.quote(part) for part in parts) or "''"
