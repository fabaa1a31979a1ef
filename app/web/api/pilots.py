"""`/api/v1/reports/{id}/pilot`: what was measured, and the version of the report that takes it in."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from app.domain.pilot import Evidence, PilotUpdate
from app.domain.values import OptionId
from app.locales import formatter
from app.store.repository import Measured
from app.web.access import author_access, report_access
from app.web.api.bodies import JsonDep, described, typed
from app.web.api.models import ErrorAnswer, ReportEntry, report_entry
from app.web.frozen import decision_of
from app.web.pilot import Desk, keep_measured
from app.web.rendering import origin_of
from app.web.services import DECIDING, ServicesDep, SessionDep

router = APIRouter(prefix="/api/v1/reports", tags=["Reports"], responses={404: {"model": ErrorAnswer}})
Id = Annotated[str, Path(alias="id", max_length=80, description="The id of the report, as its author got it")]
Amount = Annotated[Decimal, Field(ge=0, le=10**12, allow_inf_nan=False)]
EXAMPLE = {
    "summary": "One option tested, one cost line known",
    "value": {"results": [{"option": "rag", "cases": 120, "successes": 101}], "costs": {"rag": {"inference.input": "310.50"}}},
}  # fmt: skip


class MeasuredBody(BaseModel):
    """Results of pilots, and actual monthly costs by option and key of the cost line, in the currency of the report."""

    model_config = ConfigDict(extra="forbid")

    results: list[dict[str, Any]] = []
    costs: dict[OptionId, dict[Annotated[str, Field(max_length=80)], Amount]] = {}


class Needs(BaseModel):
    """What would settle an option: where the advice changes, and how many more cases show on which side it lies."""

    option: str
    kind: str = Field(
        description="settled, more, equal (too close for a pilot), never (no rate changes the kind of approach)"
    )
    rate: float
    flips_at: float | None
    more: int | None


class PilotState(BaseModel):
    """What was measured, what it changed in this version, and what is still needed."""

    results: Evidence
    costs: dict[str, dict[str, Decimal]]
    updates: list[PilotUpdate]
    needed: list[Needs]
    report: ReportEntry


BODY = described(MeasuredBody.model_json_schema(), {"one": EXAMPLE})


def api_desk(request: Request, session: SessionDep, services: ServicesDep, report_id: Id) -> Desk:
    """The author's desk."""
    access = author_access(report_access(request, session, report_id))
    return Desk(access, session, services, formatter("en"))


DeskDep = Annotated[Desk, Depends(api_desk)]


@router.get("/{id}/pilot", dependencies=[DECIDING])
def read(request: Request, desk: DeskDep) -> PilotState:
    """What was measured, what it changed in this version of the report, and how many more cases would settle the choice."""
    return _state(request, desk)


@router.put("/{id}/pilot", openapi_extra=BODY, dependencies=[DECIDING])
def write(request: Request, desk: DeskDep, data: JsonDep) -> ReportEntry:
    """Keep what was measured in place of what stood there; other results make a new version of the report."""
    body = typed(MeasuredBody, data)
    evidence = typed(Evidence, {"results": body.results})
    costs = {str(option): dict(lines) for option, lines in body.costs.items()}
    report = keep_measured(desk, Measured(evidence, costs), "")
    return report_entry(report, desk.access.token or "", origin_of(request))


def _state(request: Request, desk: Desk) -> PilotState:
    measured = desk.measured()
    return PilotState(
        results=measured.evidence, costs=measured.costs, updates=decision_of(desk.report).pilot_results,
        needed=[Needs(**vars(need)) for need in desk.needs().values()],
        report=report_entry(desk.report, desk.access.token or "", origin_of(request)),
    )  # fmt: skip
