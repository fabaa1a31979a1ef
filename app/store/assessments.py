"""Assessments: created, read, changed by several tabs at once without losing an answer, deleted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.store.models import Assessment, IdempotencyKey
from app.store.tokens import new_public_id, new_token, token_hash


@dataclass(frozen=True)
class Saved:
    """What a save did: the version to put into the next form, and whether this form had been taken before."""

    version: int
    repeated: bool = False


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def create_assessment(
    session: Session, language: str, answers: dict[str, Any], token: str | None = None
) -> tuple[Assessment, str]:
    """A new assessment and the token of its address. With a token that exists already: that assessment, unchanged."""
    if token and (existing := _by_token(session, token)):
        return existing, token
    token = token or new_token()
    now = utc_now()
    known = {key: value for key, value in answers.items() if value is not None}
    assessment = Assessment(
        public_id=new_public_id(), token_hash=token_hash(token), language=language, answers=known,
        changed=dict.fromkeys(known, 1), created_at=now, updated_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(assessment)
    except IntegrityError:  # the same form, sent twice at the same moment
        return assessment_by_token(session, token), token
    return assessment, token


def assessment_by_token(session: Session, token: str) -> Assessment:
    """The assessment of an author's address. Raises NotFound."""
    assessment = _by_token(session, token)
    if assessment is None:
        raise NotFound(
            detail="There is no assessment at this address.",
            mend="Check the address; assessments are deleted after a time without changes.",
        )
    return assessment


def _by_token(session: Session, token: str) -> Assessment | None:
    return session.scalar(select(Assessment).where(Assessment.token_hash == token_hash(token)))


def lock(session: Session, assessment: Assessment) -> None:
    """Reads it again and keeps others from changing it until the transaction ends."""
    session.refresh(assessment, with_for_update=True)


def save_answers(session: Session, assessment: Assessment, changes: dict[str, Any], version: int, key: str) -> Saved:
    """Applies `changes` (None clears a key) made on a form that showed `version`.

    The same form twice has one effect. A key saved with None for the first time is remembered in `changed`: it was seen
    and is not known. Raises Conflict, with `fields` (mine and theirs), when somebody changed one of
    the same keys to something else since that version; changes of other keys are merged.
    """
    lock(session, assessment)
    if taken := taken_form(session, assessment, key, changes):
        return Saved(version=taken["version"], repeated=True)
    effective = {
        name: value for name, value in changes.items()
        if assessment.answers.get(name) != value or name not in assessment.changed
    }  # fmt: skip
    _refuse_lost_update(assessment, effective, version)
    if effective:
        _apply(session, assessment, effective)
    remember_form(session, assessment, key, changes, {"version": assessment.version})
    return Saved(version=assessment.version)


def _refuse_lost_update(assessment: Assessment, changes: dict[str, Any], version: int) -> None:
    newer = [name for name in changes if assessment.changed.get(name, 0) > version]
    if not newer:
        return
    raise Conflict(
        detail="Another window or person changed the same answer in the meantime.",
        mend="Compare both and choose one.",
        fields={name: {"mine": changes[name], "theirs": assessment.answers.get(name)} for name in newer},
        version=assessment.version,
    )


def _apply(session: Session, assessment: Assessment, changes: dict[str, Any]) -> None:
    merged = {**assessment.answers, **changes}
    assessment.answers = {name: value for name, value in merged.items() if value is not None}
    assessment.changed = {**assessment.changed, **dict.fromkeys(changes, assessment.version + 1)}
    assessment.updated_at = utc_now()
    session.flush()


def set_expected(session: Session, assessment: Assessment, option: str | None) -> None:
    """Keeps the option the user expected before seeing the result."""
    lock(session, assessment)
    assessment.expected = option
    session.flush()


def taken_form(session: Session, assessment: Assessment, key: str, body: Any) -> dict[str, Any] | None:
    """The result of a form taken before, None for a new one. Raises Conflict for the same key with another content."""
    if not key:
        return None
    found = session.scalar(
        select(IdempotencyKey).where(IdempotencyKey.assessment_id == assessment.id, IdempotencyKey.key == _short(key))
    )
    if found and found.body_sha256 != _digest(body):
        raise Conflict(
            detail="This form was sent before with other content.",
            mend="Reload the page and enter it once more.",
            version=assessment.version,
        )
    return found.result if found else None


def remember_form(session: Session, assessment: Assessment, key: str, body: Any, result: dict[str, Any]) -> None:
    """Keeps the result under the key of the form."""
    if not key:
        return
    session.add(
        IdempotencyKey(
            assessment_id=assessment.id, key=_short(key), body_sha256=_digest(body), result=result, created_at=utc_now()
        )
    )
    session.flush()


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _digest(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
