"""The pages of the questions: show one, read what was entered, save it, go on. Two windows never lose an answer silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.domain.answers import read_answers
from app.domain.entry import UNKNOWN, Form, Problem, fields_of, read_form
from app.domain.knowledge import Question
from app.domain.questions import newly_open
from app.domain.ruled_out import ruled_out
from app.domain.valuable import most_valuable
from app.errors import Conflict, NotFound
from app.locales import Formatter
from app.store.repository import save_answers
from app.web.question_form import field_views, in_words, manner_of, unknown_label
from app.web.rendering import render
from app.web.services import FormDep
from app.web.views.questionnaire import ConflictPage, ConflictRow, ProblemView, QuestionPage, RuledOutView
from app.web.visit import Visit, VisitDep, new_key

FROM_CHECK, MORE = "check", "more"
OUR_FIELDS = {"key", "version", "from"}
RULED_OUT_FROM = 4  # the number of the question from which the margin shows what is ruled out
router = APIRouter(include_in_schema=False)


@router.get("/a/{token}/{question_id}")
def show(
    request: Request, visit: VisitDep, question_id: str, origin: Annotated[str, Query(alias="from")] = ""
) -> Response:
    """One question with what was answered before. A question that is settled by others leads on to the next."""
    question = _question(visit, question_id)
    if question not in visit.course.shown():
        return RedirectResponse(visit.address(), 303)
    return render(request, "questionnaire/question.html", _page(visit, question, _origin(origin)))


@router.post("/a/{token}/{question_id}")
def answer(request: Request, visit: VisitDep, question_id: str, form: FormDep) -> Response:
    """Reads and saves the page, then leads on. Invalid input: the same page with what is wrong and how to mend it."""
    question, origin = _question(visit, question_id), _origin(_first(form, "from"))
    before = dict(visit.assessment.answers)
    entry = read_form(question, form, manner_of(visit.language, before, form))
    if entry.problems:
        page = _page(visit, question, origin, form, entry.problems)
        return render(request, "questionnaire/question.html", page, 422)
    mine = {key: value for key, value in entry.changes.items() if _first(form, f"keep.{key}") != "theirs"}
    try:
        save_answers(visit.session, visit.assessment, mine, _version(form), _first(form, "key"))
    except Conflict as conflict:
        return render(request, "questionnaire/conflict.html", _conflict(visit, question, form, mine, conflict), 409)
    return RedirectResponse(_onward(visit, before, origin), 303)


def _question(visit: Visit, question_id: str) -> Question:
    try:
        return visit.knowledge.questions[question_id]
    except KeyError:
        raise NotFound(detail="There is no such question.", mend="Go back to the questionnaire.") from None


def _first(form: Form, name: str) -> str:
    return next(iter(form.get(name, [])), "")


def _version(form: Form) -> int:
    given = _first(form, "version")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _origin(given: str) -> str:
    return given if given in (FROM_CHECK, MORE) else ""


def _onward(visit: Visit, before: Mapping[str, Any], origin: str) -> str:
    """Where to go after a save: back to the check page, unless the change brought up new questions; else the next question."""
    course = visit.course
    if origin == FROM_CHECK:
        new = newly_open(visit.questions, before, visit.assessment.answers, visit.assessment.changed)
        return visit.address(new[0].id if new else "check", FROM_CHECK if new else "")
    if waiting := course.open(short=True):
        return visit.address(waiting[0].id)
    following = course.next(valuable_key(visit)) if origin == MORE else None
    return visit.address(following.id, MORE) if following else visit.address("check")


def valuable_key(visit: Visit) -> str | None:
    """The answer key, among those still open, that would most likely change the advice."""
    if "task_type" not in visit.answers:
        return None
    today = visit.services.today()
    among = {key for question in visit.course.open() for key in question.keys}
    found = most_valuable(read_answers(visit.answers), visit.knowledge, visit.services.book(today), today, among)
    return found.key if found else None


def _page(
    visit: Visit, question: Question, origin: str, form: Form | None = None, problems: list[Problem] | None = None
) -> QuestionPage:
    course, texts = visit.course, visit.texts
    manner = manner_of(visit.language, visit.assessment.answers, form)
    seen, progress, before = course.is_seen(question), course.progress(question), course.before(question)
    said = {problem.field: _named(question, problem, texts) for problem in problems or []}
    fields = field_views(question, visit.assessment.answers, manner, seen=seen, form=form, errors=said)
    unknown = all(visit.assessment.answers.get(key) is None for key in question.keys) if seen else False
    return QuestionPage(
        token=visit.token, id=question.id, text=texts.t(question.text), why=texts.t(question.why),
        help=texts.t(question.help), fields=fields, key=new_key(), version=visit.assessment.version, origin=origin,
        back=visit.path("check") if origin == FROM_CHECK else visit.path(before.id, origin) if before else "/",
        number=None if origin == FROM_CHECK else progress.number, total=progress.total,
        unknown_box=unknown_label(question, texts), unknown_ticked=UNKNOWN in form if form is not None else unknown,
        problems=[ProblemView(name, says) for name, says in said.items()], can_check=course.short_path_done(),
        ruled_out=_ruled_out(visit) if progress.number >= RULED_OUT_FROM or not question.short_path else [],
    )  # fmt: skip


def _named(question: Question, problem: Problem, texts: Formatter) -> str:
    """What is wrong; where a page has several fields, with the name of the field."""
    names = {item.id: item.text for item in question.fields}
    names |= {f"{question.id}.{choice.value}": choice.label for choice in question.choices if question.kind == "shares"}
    says = texts.say(problem.message)
    return f"{texts.t(names[problem.field]).rstrip('?')}: {says}" if problem.field in names else says


def _ruled_out(visit: Visit) -> list[RuledOutView]:
    if "task_type" not in visit.answers:
        return []
    names: dict[str, list[str]] = {}
    for item in ruled_out(read_answers(visit.answers), visit.knowledge, visit.services.today()):
        names.setdefault(visit.texts.say(item.because), []).append(visit.texts.t(item.label))
    return [RuledOutView(labels, reason) for reason, labels in names.items()]


def _conflict(
    visit: Visit, question: Question, form: Form, mine: Mapping[str, Any], conflict: Conflict
) -> ConflictPage:
    stored, currency = visit.assessment.answers, str(visit.assessment.answers.get("currency") or "EUR")
    changed = conflict.values.get("fields") or {key: {} for key in mine if mine[key] != stored.get(key)}
    rows = [
        ConflictRow(
            item.id, visit.texts.t(item.text), in_words(item, mine[item.id], visit.texts, currency),
            in_words(item, stored.get(item.id), visit.texts, currency),
        )
        for item in fields_of(question) if item.id in changed
    ]  # fmt: skip
    sent = [(name, value) for name, values in form.items() if name not in OUR_FIELDS for value in values]
    return ConflictPage(
        token=visit.token, id=question.id, text=visit.texts.t(question.text), rows=rows,
        sent=[pair for pair in sent if not pair[0].startswith("keep.")], key=new_key(),
        version=visit.assessment.version, origin=_origin(_first(form, "from")),
    )  # fmt: skip
