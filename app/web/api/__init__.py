"""The programming interface under `/api/v1`: the same questions, decisions, reports and files as the pages, as JSON."""

from __future__ import annotations

from fastapi import APIRouter

from app.web.api import assessments, decisions, docs, pilots, reports
from app.web.api.models import ErrorAnswer

router = APIRouter(responses={422: {"model": ErrorAnswer, "description": "What is wrong, key by key"}})
for part in (decisions, assessments, pilots, reports, docs):
    router.include_router(part.router)
