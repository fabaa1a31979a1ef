"""Jobs at Google, by the messages of its own library; required fields by what the library's own descriptions say."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import proto
from google.cloud import aiplatform_v1
from google.protobuf import json_format

MESSAGES = {"custom_job": aiplatform_v1.CustomJob, "tuning_job": aiplatform_v1.TuningJob}


def check(kind: str, text: str) -> str:
    """Fields, types and enums by the parser, then required fields."""
    message = MESSAGES[kind]()
    json_format.ParseDict(json.loads(text), message._pb)
    return "; ".join(missing(message, kind))


def missing(message: proto.Message, path: str) -> Iterator[str]:
    """Required fields that are not set, in every message that is."""
    given = {field.name for field, _ in message._pb.ListFields()}
    for name in required(type(message)):
        if name not in given:
            yield f"{path}.{name} is required"
    for name in sorted(given):
        for item in _messages(getattr(message, name, None)):
            yield from missing(item, f"{path}.{name}")


@cache
def required(kind: type[proto.Message]) -> tuple[str, ...]:
    """Names whose description begins with "Required."."""
    return tuple(re.findall(r"^\s*(\w+) \([^)]*\):\n\s+Required\.", inspect.getdoc(kind) or "", re.MULTILINE))


def _messages(value: Any) -> list[proto.Message]:
    items = [value] if isinstance(value, proto.Message) else value
    repeated = isinstance(items, list) or type(items).__name__ == "RepeatedComposite"
    return [item for item in items if isinstance(item, proto.Message)] if repeated else []
