"""Reports: frozen versions with everything needed to recompute them."""

from __future__ import annotations

import hashlib
import zlib
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.domain.catalogue import PriceBook
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.errors import NotFound
from app.store.access import no_report
from app.store.assessments import lock, remember_form, taken_form, utc_now
from app.store.models import Assessment, Report, Snapshot
from app.store.tokens import new_public_id

Bundle = TypeVar("Bundle", Knowledge, PriceBook)


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
        raise no_report()
    return report


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
