"""Notebooks, by Jupyter's own schema."""

from __future__ import annotations

import json

import nbformat


def check(_kind: str, text: str) -> str:
    """Raises what the schema refuses."""
    nbformat.validate(json.loads(text))
    return ""
