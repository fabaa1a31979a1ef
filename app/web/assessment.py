"""An assessment as a whole: begin, resume, check the answers, make the report, keep the link, delete."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.domain.answers import read_answers
from app.domain.contradictions import contradictions
from app.domain.entry import fields_of
from app.domain.knowledge import Question
from app.domain.questions import abandoned
from app.errors import NotFound
from app.locales import N_, translate
from app.store.repository import create_assessment, delete_assessment, reports_of, set_expected
from app.store.tokens import derived_token
from app.web.question_form import in_words
from app.web.questionnaire import valuable_key
from app.web.rate_limits import rate_limit
from app.web.rendering import address, origin_of, render
from app.web.services import DECIDING, FormDep, LanguageDep, ServicesDep, SessionDep
from app.web.views.questionnaire import (
    AnswerGroup,
    AnswerRow,
    CheckPage,
    ChoiceView,
    ContradictionRow,
    DeletePage,
    ExpectedPage,
    OpenRow,
    SavePage,
    VersionRow,
)
from app.web.visit import Visit, VisitDep, new_key

GROUPS = {
    "task": N_("The task"), "quality": N_("Results so far"), "knowledge": N_("Company knowledge and sources"),
    "data": N_("Examples to learn from"), "privacy": N_("Data, law and risk"), "volume": N_("Volume and speed"),
    "team": N_("People, time and providers"), "money": N_("Budget and benefit"), "report": N_("The report"),
}  # fmt: skip
NO_EXPECTATION = "none"
EXPECTATIONS = {
    "prompting": (N_("Instructions alone (prompting)"), N_("a ready-made model and good instructions")),
    "rag": (N_("Looking up documents (RAG)"), N_("the model gets the right passages with each question")),
    "fine_tuning": (N_("Training a model (fine-tuning)"), N_("the model learns from your examples")),
    "rag_fine_tuning": (N_("Both: looking up and training"), ""),
    "no_llm": (N_("No language model"), N_("rules, search, a form, or leave it as it is")),
    NO_EXPECTATION: (N_("I have no expectation"), ""),
}
router = APIRouter(include_in_schema=False)


@router.post("/a", dependencies=[rate_limit("create")])
def create(session: SessionDep, services: ServicesDep, language: LanguageDep, form: FormDep) -> Response:
    """A new assessment: empty, or an example with its report. The same form twice makes one."""
    key, name = (next(iter(form.get(field, [])), "") for field in ("key", "example"))
    if name and name not in services.knowledge.examples:
        raise NotFound(detail="There is no such example.", mend="Go back to the start page and choose one.")
    answers = services.knowledge.examples[name].answers if name else {}
    token = derived_token(services.settings.secret_key, f"{name}:{key}") if key else None
    assessment, token = create_assessment(session, language, translated_texts(answers, language), token)
    visit = Visit(session, services, assessment, token, language)
    return RedirectResponse(visit.report_address(visit.freeze(key)) if name else visit.address(), 303)


@router.get("/a/{token}")
def resume(visit: VisitDep) -> Response:
    """Goes on at the first open question of the short path, else at the check page."""
    waiting = visit.course.open(short=True)
    return RedirectResponse(visit.address(waiting[0].id if waiting else "check"), 303)


@router.get("/a/{token}/check")
def check(request: Request, visit: VisitDep) -> Response:
    """All answers in words, each with a link to change it; what is open, and what would be most worth answering."""
    return render(request, "questionnaire/check.html", _check_page(visit))


@router.post("/a/{token}/report", dependencies=[DECIDING])
def make_report(visit: VisitDep, form: FormDep) -> Response:
    """Freezes a report of the answers with today's prices."""
    if "task_type" not in visit.answers:
        return RedirectResponse(visit.address("task_type", "check"), 303)
    return RedirectResponse(visit.report_address(visit.freeze(next(iter(form.get("key", [])), ""))), 303)


@router.get("/a/{token}/expected")
def expected(request: Request, visit: VisitDep) -> Response:
    """Asks for the visitor's own judgement before the result."""
    return render(request, "questionnaire/expected.html", _expected_page(visit))


@router.post("/a/{token}/expected", dependencies=[DECIDING])
def keep_expected(request: Request, visit: VisitDep, form: FormDep) -> Response:
    """Keeps the judgement and makes the report."""
    chosen = next(iter(form.get("expected", [])), "")
    if chosen not in EXPECTATIONS:
        page = _expected_page(visit, error=visit.texts.t(N_("Please choose an answer.")))
        return render(request, "questionnaire/expected.html", page, 422)
    set_expected(visit.session, visit.assessment, None if chosen == NO_EXPECTATION else chosen)
    return make_report(visit, form)


@router.get("/a/{token}/save")
def save(request: Request, visit: VisitDep) -> Response:
    """The link with which the assessment goes on, here or on another device."""
    link = origin_of(request) + visit.address()
    return render(request, "questionnaire/save.html", SavePage(visit.token, link, _title(visit), _days_kept(visit)))


@router.get("/a/{token}/delete")
def ask_delete(request: Request, visit: VisitDep) -> Response:
    """Asks before deleting."""
    page = DeletePage(visit.token, _title(visit), len(reports_of(visit.session, visit.assessment)))
    return render(request, "questionnaire/delete.html", page)


@router.post("/a/{token}/delete")
def delete(visit: VisitDep) -> Response:
    """Deletes the assessment with its reports and links, for good."""
    delete_assessment(visit.session, visit.assessment)
    return RedirectResponse(address(visit.language, "/", deleted=1), 303)


def translated_texts(answers: dict[str, Any], language: str) -> dict[str, Any]:
    """The answers of an example with its title and organisation in the visitor's language."""
    return {
        key: translate(language, str(item)) if key in ("title", "organisation") else item
        for key, item in answers.items()
    }


def _title(visit: Visit) -> str:
    return str(visit.assessment.answers.get("title") or "")


def _days_kept(visit: Visit) -> int:
    settings = visit.services.settings
    return settings.report_days if reports_of(visit.session, visit.assessment) else settings.draft_days


def _expected_page(visit: Visit, error: str = "") -> ExpectedPage:
    choices = [
        ChoiceView(value, visit.texts.t(label), visit.texts.t(hint)) for value, (label, hint) in EXPECTATIONS.items()
    ]
    return ExpectedPage(visit.token, new_key(), choices, visit.assessment.expected, error)


def _check_page(visit: Visit) -> CheckPage:
    course = visit.course
    walked, waiting = course.walked(), course.open()
    valuable = valuable_key(visit) if course.short_path_done() and waiting else None
    following = course.next(valuable) if course.short_path_done() else None
    return CheckPage(
        token=visit.token, key=new_key(), back=visit.path(walked[-1].id) if walked else "/",
        groups=_groups(visit, walked), open=[_open_row(visit, question) for question in waiting],
        not_counted=[_row(visit, question) for question in abandoned(visit.questions, visit.assessment.answers)],
        ready="task_type" in visit.answers, suggested=_open_row(visit, following) if following else None,
        contradictions=_contradictions(visit),
        versions=[
            VersionRow(report.number, visit.texts.date(report.created_at.date()))
            for report in reports_of(visit.session, visit.assessment)
        ],
        days_kept=_days_kept(visit),
    )  # fmt: skip


def _contradictions(visit: Visit) -> list[ContradictionRow]:
    if "task_type" not in visit.answers:
        return []
    found = contradictions(read_answers(visit.answers), visit.knowledge, visit.services.today())
    return [ContradictionRow(visit.texts.t(item.says), _pages_of(visit, item.answers)) for item in found]


def _pages_of(visit: Visit, keys: list[str]) -> list[OpenRow]:
    """The pages that ask for these answers."""
    shown = [question for question in visit.course.shown() if set(keys) & set(question.keys)]
    return [OpenRow(item.id, visit.texts.t(item.short or item.text), visit.texts.t(item.why)) for item in shown]


def _groups(visit: Visit, walked: list[Question]) -> list[AnswerGroup]:
    rows = sorted(walked, key=lambda question: question.order)
    groups = {name: [_row(visit, item) for item in rows if item.group == name] for name in GROUPS}
    return [AnswerGroup(visit.texts.t(GROUPS[name]), found) for name, found in groups.items() if found]


def _open_row(visit: Visit, question: Question) -> OpenRow:
    return OpenRow(question.id, visit.texts.t(question.text), visit.texts.t(question.why))


def _row(visit: Visit, question: Question) -> AnswerRow:
    answers, texts = visit.assessment.answers, visit.texts
    currency = str(answers.get("currency") or "EUR")
    given = [item for item in fields_of(question) if answers.get(item.id) is not None]
    if not given:
        said = [texts.t(N_("Not stated"))]
    elif question.fields:
        said = [
            f"{texts.t(item.short or item.text)}: {in_words(item, answers[item.id], texts, currency)}" for item in given
        ]
    else:
        said = [in_words(question, answers[question.id], texts, currency)]
    return AnswerRow(question.id, texts.t(question.short or question.text), texts.t(question.text), said)
