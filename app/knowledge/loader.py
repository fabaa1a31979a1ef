"""Reads every file of the knowledge base into the typed bundle, checks its references and hashes its content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from app.domain.catalogue import Gpu, ModelInfo, PlatformInfo, PriceItem
from app.domain.knowledge import (
    Case,
    Evidence,
    Example,
    HostingInfo,
    Knowledge,
    Law,
    OptionInfo,
    Parameter,
    Question,
    Rule,
)
from app.errors import KnowledgeError
from app.knowledge.references import check_references
from app.knowledge.strict_yaml import read_yaml

FOLDER = Path(__file__).parent
# folder -> (field of Knowledge, class, key that names the item)
KINDS: dict[str, tuple[str, type[BaseModel], str]] = {
    "evidence": ("evidence", Evidence, "id"),
    "questions": ("questions", Question, "id"),
    "rules": ("rules", Rule, "id"),
    "parameters": ("parameters", Parameter, "id"),
    "models": ("models", ModelInfo, "id"),
    "gpus": ("gpus", Gpu, "id"),
    "prices": ("prices", PriceItem, "key"),
    "platforms": ("platforms", PlatformInfo, "id"),
    "law": ("laws", Law, "id"),
    "cases": ("cases", Case, "id"),
    "options": ("options", OptionInfo, "id"),
    "hostings": ("hostings", HostingInfo, "id"),
    "examples": ("examples", Example, "id"),
}


@cache
def load_knowledge(folder: Path = FOLDER) -> Knowledge:
    """The knowledge base, read once per process. Raises KnowledgeError that names the file, the key and the mend."""
    content = {field: _items(folder / name, kind, key) for name, (field, kind, key) in KINDS.items()}
    draft = Knowledge.model_construct(**content, hash="")
    check_references(draft)
    canonical = draft.model_dump_json(by_alias=True, exclude={"hash"})
    return Knowledge.model_construct(**content, hash=sha256(canonical.encode()).hexdigest())


def _items(folder: Path, kind: type[BaseModel], key: str) -> dict[str, Any]:
    items: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.stem in items:
            raise KnowledgeError("{file} exists twice.", "Give one of them another name.", file=path.name)
        items[path.stem] = _item(path, kind, key)
    return items


def _item(path: Path, kind: type[BaseModel], key: str) -> BaseModel:
    data = read_yaml(path)
    if data.get(key) != path.stem:
        raise KnowledgeError(
            "{file}: “{key}” is “{given}”.",
            "It has to be the same as the file name.",
            file=path.name,
            key=key,
            given=data.get(key),
        )
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(
            "{file}, key {key}: {problem}.", "Correct the file.", file=path.name, key=where, problem=first["msg"]
        ) from None
