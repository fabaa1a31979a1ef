"""Reads the knowledge base: one item per file, the file name is the id, every reference is checked, nothing is guessed."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from pydantic import BaseModel, ValidationError

from app.domain.catalogue import Gpu, ModelInfo, PlatformInfo, PriceItem
from app.domain.knowledge import (
    Case,
    Contradiction,
    Disagreement,
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
from app.domain.sizing.items import ModelArchitecture, SizingTable, Stack
from app.errors import KnowledgeError
from app.knowledge.checks import check_references
from app.knowledge.yaml_files import read_yaml

ROOT = Path(__file__).parent


class Folder(NamedTuple):
    """Where the items of one kind lie: the field of Knowledge, the class of an item, the field that equals the file name."""

    field: str
    item: type[BaseModel]
    key: str = "id"


FOLDERS: dict[str, Folder] = {
    "evidence": Folder("evidence", Evidence),
    "questions": Folder("questions", Question),
    "rules": Folder("rules", Rule),
    "parameters": Folder("parameters", Parameter),
    "models": Folder("models", ModelInfo),
    "gpus": Folder("gpus", Gpu),
    "architectures": Folder("architectures", ModelArchitecture),
    "stacks": Folder("stacks", Stack),
    "sizing": Folder("sizing", SizingTable),
    "prices": Folder("prices", PriceItem, "key"),
    "platforms": Folder("platforms", PlatformInfo),
    "law": Folder("laws", Law),
    "cases": Folder("cases", Case),
    "options": Folder("options", OptionInfo),
    "hostings": Folder("hostings", HostingInfo),
    "examples": Folder("examples", Example),
    "contradictions": Folder("contradictions", Contradiction),
    "disagreements": Folder("disagreements", Disagreement),
}


@cache
def load_knowledge() -> Knowledge:
    """The knowledge base that comes with the program, read once per process. Raises KnowledgeError."""
    return read_knowledge(ROOT)


def read_knowledge(root: Path) -> Knowledge:
    """The knowledge base in a folder. Raises KnowledgeError that names file, key and the mend."""
    items: dict[str, dict[str, Any]] = {}
    for name, folder in FOLDERS.items():  # evidence comes first: the others cite it
        items[folder.field] = _read_folder(root, name, folder, items.get("evidence", {}))
    knowledge = Knowledge(**items, hash="")
    check_references(knowledge)
    return knowledge.model_copy(update={"hash": content_hash(knowledge)})


def content_hash(knowledge: Knowledge) -> str:
    """SHA-256 of the canonical JSON of everything but the hash itself."""
    content = knowledge.model_dump(mode="json", by_alias=True, exclude={"hash"})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _read_folder(root: Path, name: str, folder: Folder, evidence: dict[str, Any]) -> dict[str, Any]:
    items: dict[str, Any] = {}
    for path in sorted((root / name).rglob("*.yaml"), key=lambda path: path.stem):
        shown = path.relative_to(root).as_posix()
        item = _read_item(path, shown, folder, evidence)
        if path.stem in items:
            raise KnowledgeError("{file}: there are two files of this name.", "Rename or remove one.", file=shown)
        items[path.stem] = item
    return items


def _read_item(path: Path, shown: str, folder: Folder, evidence: dict[str, Any]) -> BaseModel:
    data = read_yaml(path, shown)
    if not isinstance(data, dict):
        raise KnowledgeError("{file}: keys with values are needed.", "Write for example 'id: name'.", file=shown)
    if folder.item in (ModelInfo, Gpu, ModelArchitecture, Stack, SizingTable, PriceItem, PlatformInfo):
        data = _with_sources(data, evidence, shown)
    try:
        item = folder.item.model_validate(data)
    except ValidationError as error:
        _refuse(shown, error)
    if getattr(item, folder.key) != path.stem:
        raise KnowledgeError(
            "{file}: {key} is '{given}', but the file name says '{expected}'.", "Make the two equal.",
            file=shown, key=folder.key, given=getattr(item, folder.key), expected=path.stem,
        )  # fmt: skip
    return item


def _with_sources(data: Any, evidence: dict[str, Evidence], shown: str) -> Any:
    """Writes out sources that are given by the id of an evidence record: `source: F7`."""
    if isinstance(data, list):
        return [_with_sources(item, evidence, shown) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: _cited(item, evidence, shown) if key in ("source", "sources") else _with_sources(item, evidence, shown)
        for key, item in data.items()
    }


def _cited(source: Any, evidence: dict[str, Evidence], shown: str) -> Any:
    if isinstance(source, list):
        return [_cited(item, evidence, shown) for item in source]
    if isinstance(source, dict):
        return {key: item.isoformat() if key == "checked" and item else item for key, item in source.items()}
    if source not in evidence:
        raise KnowledgeError(
            "{file}: the source '{id}' does not exist.", "Add evidence/{id}.yaml or write title and url.",
            file=shown, id=source,
        )  # fmt: skip
    return evidence[source].ref


def _refuse(shown: str, error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    mend = "Remove the key or mend its name." if first["type"] == "extra_forbidden" else "Mend the value."
    raise KnowledgeError(
        "{file}: {key}: {problem}.", mend, file=shown, key=key or "file", problem=str(first["msg"]).rstrip(".")
    ) from None
