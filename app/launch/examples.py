"""Example data of a kit: enough to rehearse it, in the language of the user's texts."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.launch.spec import LaunchSpec


def example_data(spec: LaunchSpec) -> dict[str, str]:
    """Files below `data/`: examples, test cases, documents where they are needed. Own data replace them by name."""
    rows = _examples()[spec.text_language]
    found = {
        "data/examples.example.jsonl": _lines([_example(item) for item in rows[spec.measure]]),
        "data/test.example.jsonl": _lines([_example(item) for item in rows[f"{spec.measure}_test"]]),
    }
    if spec.tunes_text:
        found["data/general.example.jsonl"] = _lines([_example(item) for item in rows["general"]])
    if spec.pipeline == "retrieval":
        found["data/documents.example.jsonl"] = _lines(rows["documents"])
    return found


def _example(item: list[Any]) -> dict[str, Any]:
    row = {"input": item[0], "output": item[1]}
    return {**row, "documents": item[2]} if len(item) > 2 else row


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@cache
def _examples() -> dict[str, Any]:
    path = Path(__file__).with_name("examples.yaml")
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]
