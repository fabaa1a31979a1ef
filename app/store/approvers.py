"""Who may approve launches above the limit: a name and a code that the operator hands out once."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.store.assessments import utc_now
from app.store.models import Approver
from app.store.passwords import hashed, matches

CODE_BYTES = 12


def add_approver(session: Session, name: str) -> str:
    """Adds somebody, or gives him a new code; the code is shown this once."""
    code = secrets.token_urlsafe(CODE_BYTES)
    known = session.get(Approver, name) or Approver(name=name)
    known.code_hash, known.created_at = hashed(code), utc_now()
    session.add(known)
    session.flush()
    return code


def remove_approver(session: Session, name: str) -> bool:
    """Removes somebody; whether there was such a person."""
    known = session.get(Approver, name)
    if known:
        session.delete(known)
        session.flush()
    return known is not None


def approvers(session: Session) -> list[str]:
    """Their names."""
    return list(session.scalars(select(Approver.name).order_by(Approver.name)))


def check_approver(session: Session, name: str, code: str) -> str:
    """The name if the code is right. Raises Forbidden; an unknown name costs as much time as a wrong code."""
    known = session.get(Approver, name)
    if not matches(known.code_hash if known else None, code) or known is None:
        raise Forbidden(
            detail="Name and code do not belong together.", mend="Check both; the operator gives out new codes."
        )
    return known.name
