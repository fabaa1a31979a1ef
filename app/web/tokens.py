"""`/tokens`: paste a sample and see its tokens, or estimate them from words or pages. Works without JavaScript and stores nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from app.domain.numerals import Unreadable, parse_number
from app.domain.tokens import TOKENIZERS, TokenRequest
from app.errors import InputError
from app.locales import N_, Formatter, formatter
from app.prices.token_counts import tokens_of
from app.web.rendering import render
from app.web.services import LanguageDep, Services, ServicesDep
from app.web.views import tokens as view

router = APIRouter(include_in_schema=False)
MOST = 1e9  # words or pages
HEADERS = {"Cache-Control": "no-store"}
KEPT = ("sample", "amount", "unit", "language")  # fields that stand in the answer as they were sent
NOTHING = N_("Paste a text, or enter a number of words or pages.")
TOO_LONG = N_("At most {limit} characters can be counted at once; paste a shorter part.")
NO_NUMBER = N_("Enter a number of words or pages above 0, for example 300.")


@router.get("/tokens")
def ask(request: Request, language: LanguageDep) -> HTMLResponse:
    """The empty form."""
    return render(request, "pages/tokens.html", _page(formatter(language), {"language": language}))


@router.post("/tokens")
async def count(request: Request, services: ServicesDep, language: LanguageDep) -> HTMLResponse:
    """The same page with the result, or with what is wrong (422)."""
    form = await request.form(max_fields=10, max_files=0)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    formatted = formatter(language)
    try:
        requested = _requested(given, language)
        results = await run_in_threadpool(_results, services, requested)
    except InputError as error:
        problems = [_told(item, formatted) for item in error.problems]
        whole = " ".join(formatted.t(text, **error.values) for text in (error.detail, error.mend) if text)
        problems = problems or [{"id": "sample", "says": whole}]
        return render(request, "pages/tokens.html", _page(formatted, given, problems=problems), 422, headers=HEADERS)
    rows, sources = [view.row(result, formatted) for result in results], view.sources(results, services.knowledge)
    return render(request, "pages/tokens.html", _page(formatted, given, rows=rows, sources=sources), headers=HEADERS)


def _results(services: Services, requested: dict[str, Any]) -> list[dict[str, Any]]:
    asked = [TokenRequest.model_validate(requested | {"tokenizer": tokenizer}) for tokenizer in TOKENIZERS]
    return [tokens_of(services.knowledge, request, services.today()) for request in asked]


def _requested(given: dict[str, str], language: str) -> dict[str, Any]:
    """The sample if there is one, else the number. Raises InputError with the field and the mend."""
    spoken = given.get("language", "")
    known = {"language": spoken if spoken in view.LANGUAGES else "other"}
    sample, amount = given.get("sample", "").strip(), given.get("amount", "").strip()
    if len(sample) > view.LONGEST_SAMPLE:
        raise _problem("sample", TOO_LONG, limit=view.LONGEST_SAMPLE)
    if sample:
        return known | {"text": sample}
    if not amount:
        raise _problem("sample", NOTHING)
    return known | {given.get("unit", "") if given.get("unit") in view.UNITS else "words": _number(amount, language)}


def _number(amount: str, language: str) -> float:
    try:
        number = float(parse_number(amount, language))
    except Unreadable:
        number = 0.0
    if not 0 < number <= MOST:
        raise _problem("amount", NO_NUMBER)
    return number


def _problem(key: str, says: str, **values: Any) -> InputError:
    return InputError([{"key": key, "says": says, "values": values}])


def _told(problem: dict[str, Any], formatted: Formatter) -> dict[str, str]:
    return {"id": str(problem["key"]), "says": formatted.t(problem["says"], **problem.get("values", {}))}


def _page(formatted: Formatter, given: dict[str, str], **more: Any) -> view.TokensPage:
    page = view.TokensPage(view.choices(view.LANGUAGES, formatted), view.choices(view.UNITS, formatted), **more)
    kept: dict[str, Any] = {name: given[name] for name in KEPT if name in given}
    return replace(page, **kept)
