"""Requests to AWS, by the descriptions in botocore. Its own validator knows neither enums nor patterns: those are walked here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import Shape
from botocore.session import Session
from botocore.validate import ParamValidator

OPERATIONS = {"sagemaker": ("sagemaker", "CreateTrainingJob"), "bedrock": ("bedrock", "CreateModelCustomizationJob")}


@cache
def shape(kind: str) -> Shape:
    """The input of the operation."""
    service, operation = OPERATIONS[kind]
    return Session().get_service_model(service).operation_model(operation).input_shape


def check(kind: str, text: str) -> str:
    """Structure, types and lengths by botocore, then enums and patterns."""
    body = json.loads(text)
    report = ParamValidator().validate(body, shape(kind))
    if report.has_errors():
        return str(report.generate_report())
    return "; ".join(outside(body, shape(kind), ""))


def outside(value: Any, form: Shape, path: str) -> Iterator[str]:
    """Texts that are in no enum or match no pattern."""
    if form.type_name == "structure":
        for name, item in value.items():
            yield from outside(item, form.members[name], f"{path}.{name}")
    elif form.type_name == "list":
        for number, item in enumerate(value):
            yield from outside(item, form.member, f"{path}[{number}]")
    elif form.type_name == "map":
        for name, item in value.items():
            yield from outside(name, form.key, f"{path} key")
            yield from outside(item, form.value, f"{path}.{name}")
    elif form.type_name == "string":
        yield from _text(value, form, path)


def _text(value: str, form: Shape, path: str) -> Iterator[str]:
    if form.enum and value not in form.enum:
        yield f"{path}: {value!r} is not in the enum"
    pattern = _compiled(form.metadata.get("pattern", ""))
    if pattern and not pattern.fullmatch(value):
        yield f"{path}: {value!r} does not match {pattern.pattern}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None where there is none, or where it is written in a dialect that Python does not know."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
