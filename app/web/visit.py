"""What every page of an assessment needs: who asks, for which assessment, and how far it has come."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path
from sqlalchemy.orm import Session

from app.domain.knowledge import Knowledge, Question
from app.domain.questions import Course, counted
from app.locales import Formatter, formatter
from app.store.repository import Assessment, Report, assessment_by_token
from app.web.rendering import address
from app.web.report import freeze_present
from app.web.services import LanguageDep, Services, ServicesDep, SessionDep


@dataclass(frozen=True)
class Visit:
    """One request to an assessment by its author."""

    session: Session
    services: Services
    assessment: Assessment
    token: str
    language: str

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge in force."""
        return self.services.knowledge

    @property
    def questions(self) -> list[Question]:
        """All questions."""
        return list(self.knowledge.questions.values())

    @property
    def texts(self) -> Formatter:
        """Texts and formats of the page."""
        return formatter(self.language)

    @property
    def course(self) -> Course:
        """Where the assessment stands."""
        return Course.of(self.questions, self.assessment.answers, self.assessment.changed)

    @property
    def answers(self) -> dict[str, Any]:
        """The answers that count."""
        return counted(self.questions, self.assessment.answers)

    def path(self, page: str = "", origin: str = "") -> str:
        """The path of a page of this assessment, without the language."""
        query = f"?from={origin}" if origin else ""
        return f"/a/{self.token}{'/' + page if page else ''}{query}"

    def address(self, page: str = "", origin: str = "") -> str:
        """The address of a page of this assessment."""
        return address(self.language, self.path(page, origin))

    def freeze(self, key: str) -> Report:
        """The report of these answers with today's prices; the same form twice gives the same version."""
        return freeze_present(self.session, self.services, self.assessment, key)

    def report_address(self, report: Report) -> str:
        """The author's address of a report."""
        return address(self.language, f"/r/{self.token}~{report.number}")


def visit(
    session: SessionDep, services: ServicesDep, language: LanguageDep, token: Annotated[str, Path(max_length=80)]
) -> Visit:
    """The visit of a request to `/a/{token}/…`. Raises NotFound."""
    return Visit(session, services, assessment_by_token(session, token), token, language)


VisitDep = Annotated[Visit, Depends(visit)]


def new_key() -> str:
    """The hidden key of a form: 128 random bits."""
    return secrets.token_urlsafe(16)
