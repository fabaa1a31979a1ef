"""Collects every English text of the program: from templates, Python and YAML. `missing` and `obsolete` hold them against a language.

Python: calls of `_` and `N_`, and the keywords in KEYWORDS given as plain texts. YAML: the keys in YAML_KEYS, but not proper names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages.extract import extract_from_dir

from app.locales.catalogue import read_files, texts

ROOT = Path(__file__).parents[2]
MARKERS = {"_", "N_", "label", "t"}
KEYWORDS = {"message", "label", "title", "detail", "mend", "owner", "cadence", "confidence_word", "unit"}
ERROR_FIELDS = {"title"}  # class variables of the error family
YAML_KEYS = {
    "label", "text", "why", "help", "hint", "title", "summary", "says", "mitigation", "note", "finding",
    "topic", "claim", "objection", "our_rule", "main_risk", "data_protection", "short", "description", "unit", "industry", "experiment", "fitted",
}  # fmt: skip
FILE_KEYS = {
    "control.yaml": {"after", "data", "label", "limits"},
    "platform.yaml": {"quota", "residency_note"},
    "trust.yaml": {"label"},
    "kinds.yaml": {"trust", "lasts", "refusal"},
}  # of launches
CASE_KEYS = {"task", "why", "outcome"}  # what is told of a published case
# Publications, models, machines and companies keep their own names.
PROPER_NAMES = {
    "evidence": {"title"}, "models": {"label"}, "gpus": {"label"}, "platforms": {"label"},
}  # fmt: skip
QUOTES = str.maketrans("", "", "\"'\\")
BEGINNING = 30
NOT_TEXT = {"source", "sources", "answers", "examples", "values"}


def all_texts() -> dict[str, str]:
    """Every English text with the file it stands in."""
    found: dict[str, str] = {}
    for reader in (_from_templates, _from_python, _from_yaml):
        for text, place in reader():
            if text.strip() and any(letter.isalpha() for letter in text):
                found.setdefault(text, place)
    return found


def translated(language: str) -> set[str]:
    """Every id that the language has a text for."""
    known = texts(language)
    return set(known.single) | set(known.plural) | known.plural_ids


def missing(language: str) -> dict[str, str]:
    """Texts without a translation, with the file they stand in."""
    return {text: place for text, place in sorted(all_texts().items()) if text not in translated(language)}


def obsolete(language: str) -> list[str]:
    """Translations whose English beginning stands nowhere in the program any more."""
    program = _whole_program()
    left = translated(language) - set(all_texts())
    return sorted(text for text in left if _flat(text)[:BEGINNING] not in program)


def _whole_program() -> str:
    folders = ((ROOT / "app", ("*.py", "*.yaml", "*.j2")), (ROOT / "templates", ("*.html", "*.typ")))
    paths = (path for folder, kinds in folders for kind in kinds for path in folder.rglob(kind))
    return _flat(" ".join(path.read_text() for path in paths))


def _flat(text: str) -> str:
    """Without what differs between a text and its place in a file: quotes, escapes, line breaks."""
    return " ".join(text.translate(QUOTES).split())


def duplicates(language: str) -> list[str]:
    """Ids that two files translate differently."""
    seen: dict[Any, Any] = {}
    clashes = set()
    for _, catalog in read_files(language):
        for entry in catalog:
            if entry.id and seen.setdefault(entry.id, entry.string) != entry.string:
                clashes.add(str(entry.id))
    return sorted(clashes)


def _from_templates() -> Iterator[tuple[str, str]]:
    options = {"**.html": {"newstyle_gettext": "true", "trimmed": "false", "extensions": "jinja2.ext.do"}}
    for name, _, message, _, _ in extract_from_dir(
        ROOT / "templates", [("**.html", "jinja2")], options, keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
    ):
        yield (message if isinstance(message, str) else message[0]), name


def _from_python() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        if path.parts[-3:-1] == ("app", "commands") or "pipeline" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for text in _python_texts(node):
                yield text, path.relative_to(ROOT).as_posix()


def _python_texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in MARKERS - {"label"} or name == "n" or getattr(node.func, "id", "") == "label":
            yield from _constants(node.args[:1])
        yield from _constants([word.value for word in node.keywords if word.arg in KEYWORDS - {"unit"}])
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(getattr(target, "id", "") in ERROR_FIELDS for target in targets) and node.value:
            yield from _constants([node.value])


def _constants(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from _constants([node.body, node.orelse])


def _from_yaml() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "app").rglob("*.yaml")):
        if path.parent.parent.name == "kit" or path.name == "examples.yaml":  # the kits speak both languages themselves
            continue
        folder = path.relative_to(ROOT / "app").parts[1]
        keys = CASE_KEYS if folder == "cases" else YAML_KEYS - PROPER_NAMES.get(folder, set())
        keys |= FILE_KEYS.get(path.name, set())
        for text in _yaml_texts(yaml.load(path.read_text(), yaml.CSafeLoader), keys):
            yield text, path.relative_to(ROOT).as_posix()


def _yaml_texts(data: Any, keys: set[str]) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _yaml_texts(item, keys)
    elif isinstance(data, dict):
        for key, item in data.items():
            if key in keys and isinstance(item, str):
                yield item
            elif key not in NOT_TEXT:
                yield from _yaml_texts(item, keys)
