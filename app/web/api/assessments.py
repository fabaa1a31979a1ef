"""`/api/v1/assessments`: create, read, change, delete, and freeze a report. The token is the only key to an assessment."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response

from app.domain.answers import Answers, read_answers
from app.store.repository import (
    assessment_by_token,
    create_assessment,
    delete_assessment,
    reports_of,
    save_answers,
)  # fmt: skip
from app.store.tokens import derived_token
from app.web.api.bodies import EXAMPLES, ImportDep, JsonDep, described, typed
from app.web.api.models import (
    AssessmentState,
    Changes,
    ErrorAnswer,
    ReportEntry,
    ReportFileBody,
    assessment_state,
    report_entry,
)  # fmt: skip
from app.web.rate_limits import rate_limit
from app.web.rendering import origin_of
from app.web.report import freeze_present
from app.web.services import DECIDING, ServicesDep, SessionDep

router = APIRouter(prefix="/api/v1/assessments", tags=["Assessments"])
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ErrorAnswer}}
Token = Annotated[str, Path(max_length=80, description="The token of the assessment")]
FormKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=32, max_length=200, description="Random; the same key again has no second effect"),
]  # fmt: skip
CREATE_BODY = described(
    {"anyOf": [Answers.model_json_schema(), {"type": "object", "description": ReportFileBody.__doc__}]}, EXAMPLES
)
CHANGE_BODY = described(
    Changes.model_json_schema(),
    {"change": {"summary": "Two answers changed", "value": {"version": 1, "changes": {"examples": 1200, "team": "ml_team"}}}},
)  # fmt: skip


@router.post("", status_code=201, openapi_extra=CREATE_BODY, dependencies=[rate_limit("create")])
def create(
    request: Request, answers: ImportDep, session: SessionDep, services: ServicesDep,
    language: Annotated[Literal["de", "en"], Query(description="Language of its pages")] = "de", key: FormKey = None,
) -> AssessmentState:  # fmt: skip
    """Create an assessment from answers, or from an exported report file."""
    known = answers.known()
    token = _token_for(services, key, answers)
    assessment, token = create_assessment(session, language, known, token)
    return assessment_state(assessment, token, origin_of(request), reports_of(session, assessment))


def _token_for(services: ServicesDep, key: str | None, answers: Answers) -> str | None:
    """With a key, always the same token; bound to the content, so that a guessed key opens nothing."""
    if key is None:
        return None
    content = hashlib.sha256(answers.canonical().encode()).hexdigest()
    return derived_token(services.settings.secret_key, f"api:{key}:{content}")


@router.get("/{token}", responses=MISSING)
def read(request: Request, token: Token, session: SessionDep) -> AssessmentState:
    """An assessment with its answers and reports."""
    assessment = assessment_by_token(session, token)
    return assessment_state(assessment, token, origin_of(request), reports_of(session, assessment))


@router.patch("/{token}", openapi_extra=CHANGE_BODY, responses={**MISSING, 409: {"model": ErrorAnswer}})
def change(request: Request, token: Token, data: JsonDep, session: SessionDep, key: FormKey = None) -> AssessmentState:
    """Change answers; null clears one. 409 with both values when somebody else changed the same answer since `version`."""
    wanted = typed(Changes, data)
    assessment = assessment_by_token(session, token)
    read_answers(_merged(assessment.answers, wanted.changes))
    save_answers(session, assessment, wanted.changes, wanted.version, key or "")
    return assessment_state(assessment, token, origin_of(request), reports_of(session, assessment))


def _merged(answers: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {**answers, **changes}


@router.delete("/{token}", status_code=204, responses=MISSING)
def delete(token: Token, session: SessionDep) -> Response:
    """Delete an assessment wholly, with its reports and share links."""
    delete_assessment(session, assessment_by_token(session, token))
    return Response(status_code=204)


@router.post("/{token}/reports", status_code=201, responses=MISSING, dependencies=[DECIDING])
def freeze(
    request: Request, token: Token, session: SessionDep, services: ServicesDep, key: FormKey = None
) -> ReportEntry:
    """Decide with the present answers, rules and prices, and keep the result as the next version."""
    report = freeze_present(session, services, assessment_by_token(session, token), key or "")
    return report_entry(report, token, origin_of(request))
