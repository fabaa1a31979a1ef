"""The translations: every `.po` file of a language, merged once per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
LANGUAGES = ("de", "en")
NAMES = {"de": "Deutsch", "en": "English"}


def N_(text: str) -> str:  # noqa: N802 (the name that extraction tools know)
    """Marks an English text for translation and returns it unchanged."""
    return text


@dataclass(frozen=True)
class Texts:
    """The texts of one language by English id; plurals by the singular id."""

    single: dict[str, str] = field(default_factory=dict)
    plural: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plural_ids: set[str] = field(default_factory=set)


def read_files(language: str) -> list[tuple[Path, Catalog]]:
    """Each `.po` file of a language with its parsed content, sorted by name."""
    found = []
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as stream:
            found.append((path, read_po(stream, locale=language)))
    return found


@cache
def texts(language: str) -> Texts:
    """The merged texts of a language; empty for one that has none."""
    merged = Texts()
    for _, catalog in read_files(language):
        for entry in catalog:
            if not entry.id or not entry.string:
                continue
            if isinstance(entry.id, str):
                merged.single[entry.id] = str(entry.string)
            else:
                merged.plural[entry.id[0]] = tuple(entry.string)
                merged.plural_ids.add(entry.id[1])
    return merged


def translate(language: str, text: str) -> str:
    """The text in that language, or the English id itself when there is no translation."""
    return texts(language).single.get(text, text)


def translate_plural(language: str, singular: str, plural: str, count: int) -> str:
    """The form of the text that fits the count."""
    forms = texts(language).plural.get(singular, (singular, plural))
    one = Locale.parse(language).plural_form(count) == "one"
    return forms[0] if one else forms[-1]  # both languages have exactly these two forms
