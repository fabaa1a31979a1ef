"""Bodies of requests: strict JSON, answers that name every mistake, and how the documentation describes them."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from app.domain.answers import Answers, read_answers
from app.domain.strict_json import parse
from app.errors import InputError
from app.web.report_file import is_report_file, read_report_file

Body = TypeVar("Body", bound=BaseModel)

SMALL_EXAMPLE = {
    "task_type": "document_qa", "title": "Answers for the service desk", "knowledge_size": "large",
    "knowledge_change": "weekly", "citations": "required", "requests_per_month": 8000, "examples": 40,
    "data_classes": ["internal", "personal"], "residency": "eu", "team": "app_devs",
}  # fmt: skip
TUNING_EXAMPLE = {
    "task_type": "classification", "title": "Sorting incoming mail", "repetitiveness": "high", "examples": 12000,
    "example_quality": "high", "prompting_tried": "insufficient", "prompting_success_rate": 0.78,
    "target_success_rate": 0.93, "requests_per_month": 400000, "latency": "sub_second", "team": "ml_team",
    "minutes_saved_per_request": 1.5, "hourly_cost": 42,
}  # fmt: skip
EXAMPLES = {
    "retrieval": {"summary": "Questions on documents that change every week", "value": SMALL_EXAMPLE},
    "tuning": {"summary": "A narrow, repetitive task with many examples", "value": TUNING_EXAMPLE},
}


async def json_body(request: Request) -> Any:
    """The parsed body. Raises InputError that says where it is wrong."""
    return parse(await request.body())


JsonDep = Annotated[Any, Depends(json_body)]


def answers_body(data: JsonDep) -> Answers:
    """Answers as they are."""
    return read_answers(data)


def importable_body(data: JsonDep) -> Answers:
    """Answers as they are, in an object {"answers": ...}, or in an exported report."""
    if is_report_file(data):
        return read_report_file(data).answers
    wrapped = isinstance(data, dict) and set(data) == {"answers"}
    return read_answers(data["answers"] if wrapped else data)


AnswersDep = Annotated[Answers, Depends(answers_body)]
ImportDep = Annotated[Answers, Depends(importable_body)]


def typed(form: type[Body], data: Any) -> Body:
    """The body as a model. Raises InputError that names each key."""
    try:
        return form.model_validate(data)
    except ValidationError as error:
        raise InputError([_problem(dict(item)) for item in error.errors(include_url=False)]) from None


def _problem(item: dict[str, Any]) -> dict[str, Any]:
    key, allowed = ".".join(str(part) for part in item["loc"]), str(item["msg"])
    return {"key": key, "value": None, "allowed": allowed, "says": f"{key or 'body'}: {allowed}"}


def described(schema: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` for an endpoint that reads its body through the functions above."""
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
    }


ANSWERS_BODY = described(Answers.model_json_schema(), EXAMPLES)
