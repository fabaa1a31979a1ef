"""A report as a file: PDF, spreadsheet, CSV, JSON. For the author, and for viewers whose link allows files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.locales import formatter
from app.store.repository import Report
from app.web.access import DownloadDep, ReportId, download_access, report_access
from app.web.csv import csv_of
from app.web.frozen import Recent, decision_of, knowledge_for
from app.web.pdf import document_of, typeset
from app.web.rate_limits import rate_limit
from app.web.report_file import write_report_file
from app.web.services import LanguageDep, Services, ServicesDep, SessionDep
from app.web.spreadsheet import MEDIA_TYPE, workbook_of
from app.web.tables import Tables, tables_of

router = APIRouter(include_in_schema=False)
KEPT_FILES = 32
_files: Recent[bytes] = Recent(KEPT_FILES)


@dataclass(frozen=True)
class Basis:
    """A report with everything a file is made from, read in one go so that no connection is held meanwhile."""

    report: Report
    decision: Decision
    knowledge: Knowledge


def basis_of(session: Session, services: Services, report: Report) -> Basis:
    """With the knowledge base of that day, so that a file comes out the same years later."""
    return Basis(report, decision_of(report), knowledge_for(session, services, report))


@router.get("/r/{id}.pdf", dependencies=[rate_limit("pdf")])
async def pdf(request: Request, report_id: ReportId, services: ServicesDep, language: LanguageDep) -> Response:
    """The report, typeset. As many at a time as there are cores; the others wait without a thread or a connection."""

    def read(session: Session) -> Basis:
        access = download_access(report_access(request, session, report_id))
        return basis_of(session, services, access.report)

    basis = await services.run(read)
    async with services.typesetting.taken():
        body = await run_in_threadpool(pdf_of, basis, language)
    return file_response(request, body, basis.report, "application/pdf", "pdf")


def pdf_of(basis: Basis, language: str) -> bytes:
    """The finished file; kept for a while, since a version never changes."""
    report = basis.report
    key = "/".join((report.public_id, report.decision_sha256, basis.knowledge.hash, language))

    def made() -> bytes:
        document = document_of(report, basis.decision, basis.knowledge, formatter(language))
        return typeset(document.content, document.created)

    return _files.get(key, made)


@router.get("/r/{id}.xlsx")
def xlsx(
    request: Request, access: DownloadDep, session: SessionDep, services: ServicesDep, language: LanguageDep
) -> Response:
    """The report as a workbook."""
    tables = _tables(session, services, access.report, language)
    return file_response(request, workbook_of(tables), access.report, MEDIA_TYPE, "xlsx")


@router.get("/r/{id}.csv")
def csv(
    request: Request, access: DownloadDep, session: SessionDep, services: ServicesDep, language: LanguageDep
) -> Response:
    """Options and cost lines as CSV."""
    body = csv_of(_tables(session, services, access.report, language), language)
    return file_response(request, body, access.report, "text/csv; charset=utf-8", "csv")


@router.get("/r/{id}.json")
def json(request: Request, access: DownloadDep) -> Response:
    """Answers and decision, to be read by programs or imported again."""
    return file_response(request, write_report_file(access.report), access.report, "application/json", "json")


def _tables(session: Session, services: Services, report: Report, language: str) -> Tables:
    basis = basis_of(session, services, report)
    return tables_of(basis.report, basis.decision, basis.knowledge, formatter(language))


def file_response(request: Request, body: bytes, report: Report, media_type: str, ending: str) -> Response:
    """The file as a download under a harmless name, or 304 when the client has exactly these bytes."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="{file_name(report, ending)}"'}
    return Response(body, media_type=media_type, headers=headers)


def file_name(report: Report, ending: str) -> str:
    """A name made of lower-case ASCII letters, digits and dashes only (RFC 6266 needs no quoting then)."""
    wanted = (report.answers.get("organisation"), report.answers.get("title"))
    words = "-".join(part for part in (_plain(str(item or "")) for item in wanted) if part)[:60].strip("-")
    return f"lotse-{words or report.public_id[:8].lower()}-v{report.number}.{ending}".replace("_", "-")


def _plain(text: str) -> str:
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, written).replace(letter.upper(), written)
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
