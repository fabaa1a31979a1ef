"""The report page, its versions, and re-pricing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.domain.questions import counted
from app.locales import formatter
from app.store.repository import (
    Assessment,
    Report,
    ReportAccess,
    assessment_by_token,
    freeze_report,
    knowledge_of,
    measured_by,
    prices_of,
    report_by_number,
    report_for,
    report_of_form,
    reports_of,
    rights_of,
)
from app.web.access import AuthorDep, ReportId, viewer_cookie
from app.web.frozen import Recent, decision_of
from app.web.rendering import address, origin_of, packed, packed_response, path_of, render, render_text
from app.web.services import DECIDING, FormDep, LanguageDep, Services, ServicesDep, SessionDep
from app.web.views.report import Frame, report_page
from app.web.views.versions import Snapshot, versions_page

router = APIRouter(include_in_schema=False)
_pages: Recent[bytes] = Recent(256)  # of about 30 kB


@router.get("/r/{id}")
async def show_report(
    request: Request, report_id: ReportId, services: ServicesDep, language: LanguageDep
) -> HTMLResponse:
    """One version of a report, for its author or for a viewer."""
    async with services.reading.taken():
        body = await run_in_threadpool(_page, request, services, report_id, language)
    return packed_response(request, body)


def _page(request: Request, services: Services, report_id: str, language: str) -> bytes:
    """The page, compressed. Versions never change, so it is kept; the right to read it is looked up each time."""
    cookie, knowledge = viewer_cookie(request, report_id), services.knowledge
    with services.database.reader.connect() as connection:
        rights = rights_of(connection, report_id, cookie)

    def made() -> bytes:
        with services.database.session() as session:
            access = report_for(session, report_id, cookie)
            view = report_page(decision_of(access.report), frame_of(access), knowledge, formatter(language))
        return packed(render_text(language, "report/page.html", {"page": view, **about}))

    about = {"path": path_of(request), "query": "", "origin": origin_of(request)}
    return _pages.get(repr((rights, language, about, knowledge.hash)), made)


def frame_of(access: ReportAccess) -> Frame:
    """What the page says about the version and its reader. A viewer learns of no other version and gets no other address."""
    report = access.report
    shared = Frame(
        base=f"/r/{access.id}", number=report.number, public_id=report.public_id, created=report.created_at.date(),
        answers=report.answers, author=False, may_download=access.may_download, newest=access.newest,
    )  # fmt: skip
    return _author_frame(access, shared) if access.author else shared


def _author_frame(access: ReportAccess, shared: Frame) -> Frame:
    return replace(
        shared, author=True, newest_base=f"/r/{access.token}~{access.newest}",
        expected=access.expected, edit=f"/a/{access.token}/check", key=f"reprice-{access.newest}",
    )  # fmt: skip


@router.post("/r/{id}/reprice", dependencies=[DECIDING])
def reprice(
    access: AuthorDep, session: SessionDep, services: ServicesDep, language: LanguageDep, form: FormDep
) -> RedirectResponse:
    """A new version with the present answers and the rules and prices of today; then the differences."""
    assessment = assessment_by_token(session, access.token or "")
    report = freeze_present(session, services, assessment, form.get("key", [""])[0])
    query = {"before": access.report.number, "after": report.number}
    return RedirectResponse(address(language, f"/r/{access.token}~{report.number}/versions", **query), 303)


def freeze_present(session: Session, services: Services, assessment: Assessment, key: str, note: str = "") -> Report:
    """Decides with the answers that count, the rules and prices of today, and keeps the result as the next version.

    The same form twice gives the same version.
    """
    if made := report_of_form(session, assessment, key):
        return made
    today, knowledge = services.today(), services.knowledge
    book, answers = services.book(today), counted(knowledge.questions.values(), assessment.answers)
    evidence = measured_by(session, assessment).evidence
    decision = decide(read_answers(answers), knowledge, book, today, evidence=evidence)
    return freeze_report(session, assessment, decision, knowledge, book, note=note, key=key, answers=answers)


@dataclass(frozen=True)
class Compared:
    """Which two versions are compared; the newest with the one before it where the address does not say."""

    before: Annotated[int | None, Query(ge=1)] = None
    after: Annotated[int | None, Query(ge=1)] = None

    def pair(self, session: Session, reports: list[Report]) -> tuple[Report, Report] | None:
        """Both versions, or None where there is only one. Raises NotFound."""
        assessment = reports[-1].assessment
        after = report_by_number(session, assessment, self.after or reports[-1].number)
        before = report_by_number(session, assessment, self.before) if self.before else _one_before(reports, after)
        return (before, after) if before and before is not after else None


@router.get("/r/{id}/versions")
def show_versions(
    request: Request,
    access: AuthorDep,
    session: SessionDep,
    language: LanguageDep,
    compared: Annotated[Compared, Depends()],
) -> HTMLResponse:
    """All versions, and what differs between two of them."""
    reports = reports_of(session, access.report.assessment)
    pair = compared.pair(session, reports)
    snapshots = (_snapshot(session, pair[0]), _snapshot(session, pair[1])) if pair else None
    view = versions_page([_brief(report) for report in reports], snapshots, access.token or "", formatter(language))
    return render(request, "report/versions.html", view)


def _one_before(reports: list[Report], later: Report) -> Report | None:
    return next((report for report in reversed(reports) if report.number < later.number), None)


def _brief(report: Report) -> Snapshot:
    return Snapshot(report.number, report.created_at.date(), report.note, report.answers, decision_of(report))


def _snapshot(session: Session, report: Report) -> Snapshot:
    brief = _brief(report)
    return brief.with_basis(knowledge_of(session, report), prices_of(session, report))
