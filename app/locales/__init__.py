"""Texts and formats of each language. Code, YAML and templates hold English gettext ids; the other languages live in `<lang>/*.po`."""

from __future__ import annotations

from app.locales.catalogue import LANGUAGES, N_, translate, translate_plural
from app.locales.format import Formatter, formatter

__all__ = ["LANGUAGES", "N_", "Formatter", "formatter", "translate", "translate_plural"]
