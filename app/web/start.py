"""The start page: what Lotse is, how long it takes, what to have at hand, and examples to look at."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.domain.knowledge import Example
from app.locales import formatter
from app.web.rendering import render
from app.web.services import LanguageDep, ServicesDep
from app.web.views.start import ExampleCard, StartPage
from app.web.visit import new_key

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(request: Request, services: ServicesDep, language: LanguageDep, deleted: str = "") -> Response:
    """Each form has a key of its own, so the page must not be kept by the browser."""
    examples = sorted(services.knowledge.examples.values(), key=lambda example: example.order)
    cards = [_card(example, language) for example in examples]
    page = StartPage(new_key(), len(services.knowledge.questions), cards, deleted=bool(deleted))
    return render(request, "start/page.html", page, headers={"Cache-Control": "no-store"})


def _card(example: Example, language: str) -> ExampleCard:
    texts = formatter(language)
    return ExampleCard(
        example.id, new_key(), texts.t(example.industry), texts.t(example.title), texts.t(example.summary)
    )
