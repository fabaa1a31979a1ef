"""What AWS would refuse in a request, told offline by botocore's service model: types, lengths, and also enums and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any


def problems(service: str, operation: str, body: dict[str, Any]) -> list[str]:
    """One sentence for each problem."""
    from botocore.validate import ParamValidator  # noqa: PLC0415 -- only launches on AWS need it

    shape = _model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(body, shape)
    found = [line for line in report.generate_report().splitlines() if line] if report.has_errors() else []
    return found or list(_walk(shape, body, operation))


@cache
def _model(service: str) -> Any:
    from botocore.session import get_session  # noqa: PLC0415

    return get_session().get_service_model(service)


def _walk(shape: Any, value: Any, path: str) -> Iterator[str]:
    """botocore's own validator looks at neither enums nor patterns."""
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _walk(shape.members[name], item, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from _walk(shape.member, item, path)
    elif shape.type_name == "map":
        for item in value.values():
            yield from _walk(shape.value, item, path)
    elif shape.type_name == "string":
        yield from _text(shape, value, path)


def _text(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value[:80]!r} is not one of the values that AWS knows"
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"{path}: longer than {shape.metadata['max']} characters"
    if not _matches(shape.metadata.get("pattern", ""), value):
        yield f"{path}: {value[:80]!r} has not the form that AWS wants"


def _matches(pattern: str, value: str) -> bool:
    """True as well for the few patterns that Python's expressions do not know."""
    try:
        return not pattern or re.fullmatch(pattern, value) is not None
    except re.error:
        return True
