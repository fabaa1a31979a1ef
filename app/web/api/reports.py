"""`/api/v1/reports/{id}`: a frozen version as JSON, and its files."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from app.store.repository import ReportAccess
from app.web import exports
from app.web.access import download_access, report_access
from app.web.api.models import ErrorAnswer, ReportFileBody
from app.web.rate_limits import rate_limit
from app.web.services import ServicesDep, SessionDep
from app.web.spreadsheet import MEDIA_TYPE

router = APIRouter(
    prefix="/api/v1/reports", tags=["Reports"], responses={404: {"model": ErrorAnswer}, 410: {"model": ErrorAnswer}}
)
Id = Annotated[str, Path(alias="id", max_length=80, description="The id of the report, as its author got it")]
Language = Annotated[Literal["de", "en"], Query(description="Language of the file")]


def _download(request: Request, session: SessionDep, report_id: Id) -> ReportAccess:
    return download_access(report_access(request, session, report_id))


Download = Annotated[ReportAccess, Depends(_download)]


def _file(media_type: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media_type: {}}, "description": "The file"}}


@router.get("/{id}.pdf", response_class=Response, responses=_file("application/pdf"), dependencies=[rate_limit("pdf")])
async def pdf(request: Request, report_id: Id, services: ServicesDep, language: Language = "de") -> Response:
    """The report as a PDF (PDF/UA-1 and PDF/A-2a)."""
    return await exports.pdf(request, report_id, services, language)


@router.get("/{id}.xlsx", response_class=Response, responses=_file(MEDIA_TYPE))
def xlsx(
    request: Request, access: Download, session: SessionDep, services: ServicesDep, language: Language = "de"
) -> Response:
    """The report as a workbook."""
    return exports.xlsx(request, access, session, services, language)


@router.get("/{id}.csv", response_class=Response, responses=_file("text/csv"))
def csv(
    request: Request, access: Download, session: SessionDep, services: ServicesDep, language: Language = "de"
) -> Response:
    """Options and cost lines; separators as the language has them."""
    return exports.csv(request, access, session, services, language)


@router.get("/{id}", response_model=ReportFileBody)
def read(request: Request, access: Download) -> Response:
    """Answers and decision of a frozen version, byte for byte as published."""
    return exports.json(request, access)
