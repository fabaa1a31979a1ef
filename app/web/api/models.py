"""What the interface answers with, besides decisions and report files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decision import Decision
from app.store.repository import Assessment, Report
from app.web.report_file import FORMAT

Answered = dict[str, Any]


class Problem(BaseModel):
    """One thing that is wrong."""

    key: str = Field(description="The key of the answers, or the name of the parameter")
    value: Any = Field(description="What was given")
    allowed: str = Field(description="What is allowed")
    says: str = Field(description="The whole sentence")


class ErrorBody(BaseModel):
    """What went wrong and what to do."""

    code: str
    message: str
    values: dict[str, Any] = {}
    problems: list[Problem] = []


class ErrorAnswer(BaseModel):
    """Every error has this form."""

    error: ErrorBody


class ReportEntry(BaseModel):
    """A frozen version of a report."""

    id: str = Field(description="Opens the report with all rights of the author: keep it secret")
    number: int
    created_at: datetime
    as_of: date
    note: str
    address: str = Field(description="Address of the report page")


class AssessmentState(BaseModel):
    """An assessment with its answers and reports."""

    token: str = Field(description="Opens the assessment with all rights: keep it secret. It cannot be shown again")
    address: str = Field(description="Address of the questionnaire, to go on in a browser")
    language: str
    version: int = Field(description="Counts changes; give it back with a PATCH")
    answers: Answered
    created_at: datetime
    updated_at: datetime
    reports: list[ReportEntry]


class Changes(BaseModel):
    """Answers to change. A value of null clears an answer."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, description="The version these changes are based on")
    changes: Answered = Field(max_length=100)


class ReportFileBody(BaseModel):
    """A report as a file; `POST /assessments` takes it as it is."""

    format: str = Field(examples=[FORMAT])
    report: dict[str, Any]
    answers: Answered
    as_of: date
    decision_sha256: str
    decision: Decision


def report_entry(report: Report, token: str, origin: str) -> ReportEntry:
    """A version as its author sees it."""
    name = f"{token}~{report.number}"
    return ReportEntry(
        id=name, number=report.number, created_at=report.created_at, as_of=report.as_of, note=report.note,
        address=f"{origin}/{report.assessment.language}/r/{name}",
    )  # fmt: skip


def assessment_state(assessment: Assessment, token: str, origin: str, reports: list[Report]) -> AssessmentState:
    """An assessment as its author sees it."""
    return AssessmentState(
        token=token, address=f"{origin}/{assessment.language}/a/{token}/check", language=assessment.language,
        version=assessment.version, answers=assessment.answers, created_at=assessment.created_at,
        updated_at=assessment.updated_at, reports=[report_entry(report, token, origin) for report in reports],
    )  # fmt: skip
