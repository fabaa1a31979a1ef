"""Only characters that the shipped fonts can show: Typst refuses the whole file for one that is missing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[3] / "templates" / "pdf" / "fonts"
PLACEHOLDER = "□"
# Control characters, private use, surrogates and unassigned: invisible or without a meaning of their own.
UNPRINTABLE = {"Cc", "Co", "Cs", "Cn"}
# Marks that change the direction of the text around them: dropped, as in a file name.
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@cache
def characters() -> frozenset[int]:
    """All code points that at least one of the fonts has."""
    found: set[int] = set()
    for path in sorted(FONTS.glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def printable(data: Any) -> Any:
    """The same data with every character that cannot be shown replaced by a visible placeholder."""
    if isinstance(data, str):
        return _printable_text(data)
    if isinstance(data, dict):
        return {key: printable(item) for key, item in data.items()}
    return [printable(item) for item in data] if isinstance(data, list | tuple) else data


def _printable_text(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    if _fit().issuperset(text):
        return text
    return "".join(_shown(character) for character in DIRECTION.sub("", text))


@cache
def _fit() -> frozenset[str]:
    """Every character that can stand in the file as it is."""
    found = (chr(point) for point in characters())
    return frozenset(
        letter for letter in found if unicodedata.category(letter) not in UNPRINTABLE and not DIRECTION.match(letter)
    )


def _shown(character: str) -> str:
    if character in "\n\t":
        return " "
    return character if character in _fit() else PLACEHOLDER
