"""JSON as published: no doubled keys, no NaN, no endless nesting. Every mistake is an InputError that says where it is."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from app.errors import InputError


def parse(text: str | bytes) -> Any:
    """The data in a JSON text (bytes in UTF-8, with or without byte order mark). Raises InputError."""
    try:
        return json.loads(_decoded(text), object_pairs_hook=_without_doubled_keys, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _refusal(f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise _refusal("it is nested too deeply") from None
    except InputError:
        raise
    except ValueError:  # Python reads no whole number with more than 4,300 digits
        raise _refusal("it holds a number with too many digits") from None


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(f"byte {error.start + 1} is not UTF-8") from None


def _without_doubled_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise _refusal(f'the key "{doubled}" stands there twice')
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _refusal(f"{name} is not a JSON number")


def _refusal(reason: str) -> InputError:
    return InputError(
        [{"key": "", "value": None, "allowed": "valid JSON", "says": f"This is not valid JSON: {reason}"}]
    )
