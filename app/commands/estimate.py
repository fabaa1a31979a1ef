"""`lotse estimate training|memory|serving|tokens`: sizes and speeds as p10, p50, p90; one JSON object, or JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import IO, Any

import click

from app.errors import AppError, InputError

Estimate = Callable[[Any], dict[str, Any]]


def training(data: Any) -> dict[str, Any]:
    """GPU-hours, hours by the clock, tokens per second and GPU."""
    # Loaded here, so that help and wrong options answer at once.
    from app.domain.sizing.requests import TrainingRequest, read_request  # noqa: PLC0415
    from app.domain.sizing.training import estimate_training  # noqa: PLC0415
    from app.knowledge import load_knowledge  # noqa: PLC0415

    return estimate_training(load_knowledge(), read_request(TrainingRequest, data))


def memory(data: Any) -> dict[str, Any]:
    """GiB per GPU and what it is made of."""
    from app.domain.sizing.memory import estimate_memory  # noqa: PLC0415
    from app.domain.sizing.requests import MemoryRequest, read_request  # noqa: PLC0415
    from app.knowledge import load_knowledge  # noqa: PLC0415

    return estimate_memory(load_knowledge(), read_request(MemoryRequest, data))


def serving(data: Any) -> dict[str, Any]:
    """Output and total tokens per second."""
    from app.domain.sizing.requests import ServingRequest, read_request  # noqa: PLC0415
    from app.domain.sizing.serving import estimate_serving  # noqa: PLC0415
    from app.knowledge import load_knowledge  # noqa: PLC0415

    return estimate_serving(load_knowledge(), read_request(ServingRequest, data))


def tokens(data: Any) -> dict[str, Any]:
    """Tokens of a text, counted where the vocabulary is published, or of words or pages, estimated."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from app.domain.sizing.requests import read_request  # noqa: PLC0415
    from app.domain.tokens import TokenRequest  # noqa: PLC0415
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices.token_counts import tokens_of  # noqa: PLC0415

    return tokens_of(load_knowledge(), read_request(TokenRequest, data), datetime.now(UTC).date())


KINDS: dict[str, Estimate] = {"training": training, "memory": memory, "serving": serving, "tokens": tokens}


@click.command("estimate")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help="JSON Lines: one object per line, one result line for each, in order.")
@click.option("--text", is_flag=True, help="Sentences for people instead of JSON.")
def command(kind: str, file: IO[bytes], jsonl: bool, text: bool) -> None:
    """Estimate GPU-hours of training, GPU memory, serving speed or tokens for the object in FILE (or standard input)."""
    if not jsonl:
        result = _estimated(KINDS[kind], file.read())
        click.echo(_told(result) if text else json.dumps(result))
        return
    failures = 0
    for number, line in enumerate(file, start=1):
        result, failed = _line(KINDS[kind], number, line)
        failures += failed
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    if failures:
        click.echo(f"lotse: {failures} lines failed; their result lines say why.", err=True)
        sys.exit(1)


def _told(result: dict[str, Any]) -> str:
    from app.domain.sizing.sentences import sentences  # noqa: PLC0415

    return "\n".join(sentences(result))


def _estimated(estimate: Estimate, text: bytes) -> dict[str, Any]:
    from app.domain.strict_json import parse  # noqa: PLC0415

    return estimate(parse(text))


def _line(estimate: Estimate, number: int, text: bytes) -> tuple[dict[str, Any], bool]:
    """A result line; an error stands on its own line and the run goes on."""
    try:
        if not text.strip():
            raise InputError([], detail="The line is empty.", mend="Write one JSON object on it.")
        return _estimated(estimate, text), False
    except AppError as error:
        return {"error": {"line": number, **error.as_json()}}, True
