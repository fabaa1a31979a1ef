"""Reports: frozen versions with everything needed to recompute them, and who may read one."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.domain.catalogue import PriceBook
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.errors import Gone, NotFound
from app.store.assessments import assessment_by_token, lock, remember_form, taken_form, utc_now
from app.store.models import Assessment, Report, ShareLink, Snapshot, Viewing
from app.store.tokens import new_public_id, token_hash

Bundle = TypeVar("Bundle", Knowledge, PriceBook)


@dataclass(frozen=True)
class ReportAccess:
    """A report and what this visitor may do with it. `token` is the author's; `link` the viewer's share link."""

    report: Report
    author: bool
    token: str | None = None
    link: ShareLink | None = None

    @property
    def id(self) -> str:
        """The id in the address `/r/{id}` of this visitor."""
        return f"{self.token}~{self.report.number}" if self.author else self.report.public_id

    @property
    def may_download(self) -> bool:
        """Whether files are offered: always to the author, to viewers if their link says so."""
        return self.author or (self.link is not None and self.link.allow_download)


def freeze_report(  # noqa: PLR0913, PLR0917 -- one call keeps one version; callers name the optional ones
    session: Session,
    assessment: Assessment,
    decision: Decision,
    knowledge: Knowledge,
    prices: PriceBook,
    note: str = "",
    key: str = "",
    answers: dict[str, Any] | None = None,
) -> Report:
    """Keeps the decision as the next version, without gaps in the numbers; the same form twice gives the same report.

    `answers` are those the decision was made from, if not all stored ones count.
    """
    lock(session, assessment)
    if taken := taken_form(session, assessment, key, "report"):
        return report_by_number(session, assessment, taken["number"])
    _keep_snapshot(session, "knowledge", knowledge)
    _keep_snapshot(session, "prices", prices)
    report = _new_report(assessment, decision, note)
    report.answers = dict(assessment.answers if answers is None else answers)
    report.number = 1 + newest_number(session, assessment)
    session.add(report)
    assessment.updated_at = report.created_at
    session.flush()
    remember_form(session, assessment, key, "report", {"number": report.number})
    return report


def report_of_form(session: Session, assessment: Assessment, key: str) -> Report | None:
    """The report that the form with this key has made already, so that nothing need be decided again."""
    taken = taken_form(session, assessment, key, "report")
    return report_by_number(session, assessment, taken["number"]) if taken else None


def _new_report(assessment: Assessment, decision: Decision, note: str) -> Report:
    text = decision.as_json()
    return Report(
        assessment_id=assessment.id, public_id=new_public_id(),
        as_of=date.fromisoformat(decision.as_of), seed=decision.seed, draws=decision.draws,
        knowledge_hash=decision.knowledge_hash, prices_hash=decision.prices_hash,
        engine_version=decision.engine_version, decision_json=text,
        decision_sha256=hashlib.sha256(text.encode()).hexdigest(), note=note, created_at=utc_now(),
    )  # fmt: skip


def reports_of(session: Session, assessment: Assessment) -> list[Report]:
    """All versions, oldest first."""
    return list(session.scalars(select(Report).where(Report.assessment_id == assessment.id).order_by(Report.number)))


def newest_number(session: Session, assessment: Assessment) -> int:
    """The number of the newest version, 0 when there is none; reads no report."""
    return session.scalar(select(func.max(Report.number)).where(Report.assessment_id == assessment.id)) or 0


def report_by_number(session: Session, assessment: Assessment, number: int) -> Report:
    """One version. Raises NotFound."""
    report = session.scalar(select(Report).where(Report.assessment_id == assessment.id, Report.number == number))
    if report is None:
        raise _no_report()
    return report


def report_for(
    session: Session, report_id: str, viewer_cookie: str | None, now: datetime | None = None
) -> ReportAccess:
    """Who asks for `/r/{id}`: the author by `{token}~{number}`, or a viewer by public id and cookie.

    Raises NotFound, and Gone when the viewer's link has expired or was revoked.
    """
    token, _, number = report_id.partition("~")
    if number:
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise _no_report()
        assessment = assessment_by_token(session, token)
        return ReportAccess(report_by_number(session, assessment, int(number)), author=True, token=token)
    return _viewer_access(session, report_id, viewer_cookie, now or utc_now())


def _viewer_access(session: Session, public_id: str, cookie: str | None, now: datetime) -> ReportAccess:
    query = select(Viewing).where(Viewing.token_hash == token_hash(cookie or ""))
    viewing = session.scalar(query) if cookie else None
    if viewing is None or viewing.link.report.public_id != public_id:
        raise _no_report()
    if not viewing.link.works(now):
        raise Gone(
            detail="This link has expired or was revoked.", mend="Ask the person who sent it to you for a new one."
        )
    if now >= viewing.expires_at:
        raise Gone(detail="You opened this report some hours ago.", mend="Open it again with the link you were sent.")
    return ReportAccess(viewing.link.report, author=False, link=viewing.link)


def _no_report() -> NotFound:
    return NotFound(
        detail="There is no report at this address, or you need the link that was sent to you to open it.",
        mend="Open the link you were sent once more, or ask for a new one.",
    )


def _keep_snapshot(session: Session, kind: str, bundle: Knowledge | PriceBook) -> None:
    if session.get(Snapshot, (bundle.hash, kind)) is not None:
        return
    body = zlib.compress(bundle.model_dump_json(by_alias=True).encode())
    values = {"hash": bundle.hash, "kind": kind, "body": body, "created_at": utc_now()}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # Two reports frozen at once may both find it missing.
    session.execute(dialect.insert(Snapshot).values(values).on_conflict_do_nothing())


def knowledge_of(session: Session, report: Report) -> Knowledge:
    """The knowledge base the report was made with."""
    return _read_snapshot(session, "knowledge", report.knowledge_hash, Knowledge)


def prices_of(session: Session, report: Report) -> PriceBook:
    """The prices the report was made with."""
    return _read_snapshot(session, "prices", report.prices_hash, PriceBook)


def _read_snapshot(session: Session, kind: str, content_hash: str, form: type[Bundle]) -> Bundle:
    snapshot = session.get(Snapshot, (content_hash, kind))
    if snapshot is None:
        raise NotFound(detail="What this report was made with is no longer stored.", mend="Restore it from a backup.")
    return _parse(form, zlib.decompress(snapshot.body))


def _parse(form: type[Bundle], body: bytes) -> Bundle:
    assert issubclass(form, BaseModel)
    return form.model_validate_json(body)
