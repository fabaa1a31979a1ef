"""The data contract: examples and documents, read strictly; a wrong line is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .setup import ROOT, SetupError, optional

TEXT_FILES = {".txt", ".md"}


@dataclass(frozen=True)
class Example:
    """One case: what comes in, what an expert approved, and (for retrieval) the documents that hold the answer."""

    input: str
    output: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One document with the groups that may read it; none means everyone."""

    id: str
    title: str
    text: str
    allowed: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Preference:
    """A prompt with the better and the worse answer."""

    prompt: str
    chosen: str
    rejected: str


def data_folder() -> Path:
    """The folder DATA_DIR, else `data/` of the kit."""
    return Path(optional("DATA_DIR", str(ROOT / "data")))


def examples_file(name: str) -> Path:
    """`<name>.jsonl` of the user, else the small example that came with the kit."""
    own = data_folder() / f"{name}.jsonl"
    return own if own.is_file() else ROOT / "data" / f"{name}.example.jsonl"


def read_examples(path: Path) -> list[Example]:
    """Examples of a JSON Lines file. Raises SetupError with file and line."""
    found = [_example(line, f"{path.name}, line {number}") for number, line in _lines(path)]
    if not found:
        raise SetupError(f"{path.name} holds no example.")
    return found


def read_preferences(path: Path) -> list[Preference]:
    """Preferences of a JSON Lines file. Raises SetupError with file and line."""
    found = [_preference(line, f"{path.name}, line {number}") for number, line in _lines(path)]
    if not found:
        raise SetupError(f"{path.name} holds no preference.")
    return found


def read_documents(folder: Path) -> list[Document]:
    """Documents: `documents.jsonl` and all text files below `documents/`, else the kit's examples."""
    rows = folder / "documents.jsonl"
    texts = sorted(path for path in (folder / "documents").rglob("*") if path.suffix in TEXT_FILES)
    if not rows.is_file() and not texts:
        rows = ROOT / "data" / "documents.example.jsonl"
    found = [_document(line, f"{rows.name}, line {number}") for number, line in _lines(rows)] if rows.is_file() else []
    found += [Document(path.name, path.stem, path.read_text(encoding="utf-8")) for path in texts]
    doubles = {item.id for item in found if sum(other.id == item.id for other in found) > 1}
    if doubles:
        raise SetupError(f"Two documents share the id {sorted(doubles)[0]!r}; give each its own.")
    return found


def split(examples: list[Example], share: float, purpose: str = "") -> tuple[list[Example], list[Example]]:
    """The rest and the `share`, by a hash of the input: the same input never falls into both, on any run.

    Splits for different purposes are independent of each other.
    """
    places = [_position(purpose + item.input) for item in examples]
    kept = [item for item, place in zip(examples, places, strict=True) if place < share]
    return [item for item, place in zip(examples, places, strict=True) if place >= share], kept


def leaks(train: list[Example], test: list[Example]) -> list[str]:
    """Inputs of the test part that also stand in the training part, however written."""
    known = {_plain(item.input) for item in train}
    return [item.input for item in test if _plain(item.input) in known]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _position(text: str) -> float:
    return int(hashlib.sha256(_plain(text).encode()).hexdigest()[:8], 16) / 2**32


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _object(line, f"{path.name}, line {number}")


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SetupError(f"{place}: not valid JSON ({error}).") from error
    if not isinstance(row, dict):
        raise SetupError(f"{place}: a JSON object is needed.")
    return row


def _text(row: dict[str, Any], key: str, place: str) -> str:
    given = row.get(key)
    if not isinstance(given, str) or not given.strip():
        raise SetupError(f"{place}: the field {key!r} must hold text.")
    return given


def _names(row: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    given = row.get(key, [])
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise SetupError(f"{place}: the field {key!r} must be a list of texts.")
    return tuple(given)


def _example(row: dict[str, Any], place: str) -> Example:
    return Example(_text(row, "input", place), _text(row, "output", place), _names(row, "documents", place))


def _preference(row: dict[str, Any], place: str) -> Preference:
    found = Preference(*(_text(row, key, place) for key in ("prompt", "chosen", "rejected")))
    if found.chosen.split() == found.rejected.split():
        raise SetupError(f"{place}: 'chosen' and 'rejected' are the same answer.")
    return found


def _document(row: dict[str, Any], place: str) -> Document:
    name = _text(row, "id", place)
    return Document(name, str(row.get("title") or name), _text(row, "text", place), _names(row, "allowed", place))
