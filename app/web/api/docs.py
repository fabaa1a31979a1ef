"""`/api/v1/docs`: the interface on one page for people, made from its own description."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.web.rendering import origin_of, render
from app.web.views.api_docs import docs_page

router = APIRouter(prefix="/api/v1", include_in_schema=False)


@router.get("/docs")
def show(request: Request) -> HTMLResponse:
    """Every address with its parameters, body, answers and an example that works."""
    return render(request, "api/docs.html", docs_page(request.app.openapi(), origin_of(request)))
