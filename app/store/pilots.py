"""What the user has measured: results of pilots and actual monthly costs, one record for each assessment."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.pilot import Evidence
from app.store.assessments import lock, utc_now
from app.store.models import Assessment, PilotRecord


@dataclass(frozen=True)
class Measured:
    """Results by option, and amounts a month by option and key of the cost line, in the currency of the report."""

    evidence: Evidence = field(default_factory=Evidence)
    costs: dict[str, dict[str, Decimal]] = field(default_factory=dict)


def measured_by(session: Session, assessment: Assessment) -> Measured:
    """What was entered for an assessment; empty where nothing was."""
    record = _record(session, assessment)
    if record is None:
        return Measured()
    results = [{"option": option, **given} for option, given in record.results.items()]
    costs = {option: {key: Decimal(text) for key, text in lines.items()} for option, lines in record.costs.items()}
    return Measured(Evidence.model_validate({"results": results}), costs)


def save_measured(session: Session, assessment: Assessment, measured: Measured) -> None:
    """Keeps what was entered in place of what stood there."""
    lock(session, assessment)  # two forms at once: the later one counts whole
    record = _record(session, assessment) or PilotRecord(assessment_id=assessment.id)
    record.results = {
        result.option: {"cases": result.cases, "successes": result.successes} for result in measured.evidence.results
    }
    record.costs = {
        option: {key: str(amount) for key, amount in lines.items()} for option, lines in measured.costs.items() if lines
    }
    record.updated_at = assessment.updated_at = utc_now()
    session.add(record)
    session.flush()


def _record(session: Session, assessment: Assessment) -> PilotRecord | None:
    return session.scalar(select(PilotRecord).where(PilotRecord.assessment_id == assessment.id))
