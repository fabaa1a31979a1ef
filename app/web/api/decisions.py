"""`POST /api/v1/decisions`: answers in, decision out. Nothing is stored."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.decide import decide
from app.domain.decision import Decision
from app.web.api.bodies import ANSWERS_BODY, AnswersDep
from app.web.services import DECIDING, ServicesDep

router = APIRouter(prefix="/api/v1", tags=["Decisions"])
FIRST_DAY = date(2020, 1, 1)
AsOf = Annotated[date | None, Query(ge=FIRST_DAY, description="Day of prices and rules; today if not given")]
Seed = Annotated[int, Query(ge=0, lt=2**31, description="Seed of the draws: the same seed, the same bytes")]
Count = Annotated[int, Query(alias="draws", ge=64, le=20_000, description="Number of draws")]


@router.post("/decisions", response_model=Decision, openapi_extra=ANSWERS_BODY, dependencies=[DECIDING])
def make_decision(
    answers: AnswersDep, services: ServicesDep, as_of: AsOf = None, seed: Seed = 0, count: Count = 4096
) -> Response:
    """Decide for these answers. Nothing is stored; the same answers, day and seed give the same bytes."""
    day = as_of or services.today()
    decision = decide(answers, services.knowledge, services.book(day), day, seed, count)
    return Response(decision.as_json(), media_type="application/json")
