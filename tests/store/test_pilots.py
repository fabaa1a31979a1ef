"""What the user has measured is kept on both databases, replaced whole, and goes with the assessment."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select

from app.domain.pilot import Evidence, PilotResult
from app.store.db import Database
from app.store.models import PilotRecord
from app.store.repository import (
    Measured,
    assessment_by_token,
    create_assessment,
    delete_assessment,
    measured_by,
    save_measured,
)

FIRST = Measured(
    Evidence(results=(PilotResult(option="rag", cases=40, successes=31),)),
    {"rag": {"inference.input": Decimal("12.34")}},
)
SECOND = Measured(Evidence(results=(PilotResult(option="prompting", cases=20, successes=20),)), {})


def test_what_was_measured_is_kept_replaced_and_deleted(database: Database) -> None:
    with database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", {"task_type": "extraction"})
        assert measured_by(session, assessment) == Measured()
        save_measured(session, assessment, FIRST)
    with database.session(write=True) as session:
        assessment = assessment_by_token(session, token)
        assert measured_by(session, assessment) == FIRST
        save_measured(session, assessment, SECOND)
    with database.session(write=True) as session:
        assessment = assessment_by_token(session, token)
        assert measured_by(session, assessment) == SECOND
        delete_assessment(session, assessment)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(PilotRecord)) == 0
