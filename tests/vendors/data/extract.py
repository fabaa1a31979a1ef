"""Cuts the schemas that the tests need out of a vendor's published file, with everything they refer to; see README.md here.

Descriptions and examples are left out; nothing else is changed.

    python extract.py published.json /definitions/workspaces_jobs /definitions/... > extract.json
"""

from __future__ import annotations

import json
import re
import sys
from functools import reduce
from pathlib import Path
from typing import Any


def references(node: Any) -> set[str]:
    """The pointers of all references inside the same file."""
    return set(re.findall(r'"\$ref": "#(/[^"]+)"', json.dumps(node)))


def at(document: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/")]
    return reduce(lambda node, part: node[part], parts, document)


def closure(document: Any, roots: list[str]) -> dict[str, Any]:
    """The schemas at the roots and all that they refer to, at the same pointers."""
    wanted, found = list(roots), {}
    while wanted:
        pointer = wanted.pop()
        if pointer not in found:
            found[pointer] = at(document, pointer)
            wanted += references(found[pointer])
    return _nested(found)


def bare(node: Any) -> Any:
    """The schema without its texts for readers. A property may itself be called description: that is a schema, not a text."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: bare(item) for key, item in node.items() if not _for_readers(key, item)}


def _for_readers(key: str, value: Any) -> bool:
    return (
        (key == "description" and isinstance(value, str))
        or (key in {"example", "examples"} and not isinstance(value, dict))
        or key.startswith("x-")
    )


def _nested(found: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for pointer in sorted(found):
        *path, last = pointer.strip("/").split("/")
        folder = reduce(lambda node, part: node.setdefault(part, {}), path, result)
        folder[last] = found[pointer]
    return result


if __name__ == "__main__":
    published = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps(bare(closure(published, sys.argv[2:])), ensure_ascii=False, separators=(",", ":")))
