"""`/accuracy`: how right the engine is, from the scorecard that the repository publishes with each version."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from app.accuracy.scorecard import stored
from app.locales import formatter
from app.web.frozen import Recent
from app.web.rendering import origin_of, packed, packed_response, path_of, render_text
from app.web.services import LanguageDep, ServicesDep
from app.web.views.accuracy import accuracy_page

router = APIRouter(include_in_schema=False)
_pages: Recent[bytes] = Recent(8)  # about 30 kB each


@router.get("/accuracy")
async def show_accuracy(request: Request, services: ServicesDep, language: LanguageDep) -> HTMLResponse:
    """Made once for each language: the stored scorecard never changes while the program runs."""
    about = {"path": path_of(request), "query": "", "origin": origin_of(request)}

    def made() -> bytes:
        view = accuracy_page(stored(), services.knowledge, formatter(language))
        return packed(render_text(language, "pages/accuracy.html", {"page": view, **about}))

    key = repr((language, about, services.knowledge.hash))
    return packed_response(request, await run_in_threadpool(_pages.get, key, made))
