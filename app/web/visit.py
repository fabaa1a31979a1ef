"""What every page of an assessment needs: who asks, for which assessment, and how far it has come."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path
from sqlalchemy.orm import Session

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.domain.knowledge import Knowledge, Question
from app.domain.questions import Course, counted
from app.locales import Formatter, formatter
from app.store.repository import Assessment, Report, assessment_by_token, freeze_report, report_of_form
from app.web.rendering import address
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
        """Decides with today's prices and keeps the result as the next version; the same form twice gives the same version."""
        if made := report_of_form(self.session, self.assessment, key):
            return made
        today, answers = self.services.today(), self.answers
        book = self.services.book(today)
        decision = decide(read_answers(answers), self.knowledge, book, today)
        return freeze_report(self.session, self.assessment, decision, self.knowledge, book, key=key, answers=answers)

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
