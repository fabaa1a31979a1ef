"""`/approve/{token}`: a second person looks at an order and approves or refuses it; learns nothing else of the report."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden
from app.locales import N_
from app.store.approvers import check_approver
from app.store.launches import approve, launch_to_approve, wish
from app.store.tokens import token_hash
from app.web.launches import view_of
from app.web.rate_limits import client_address, enforce, forgive
from app.web.rendering import render
from app.web.services import FormDep, Services, ServicesDep, SessionDep
from app.web.views.launches import ApprovalPage, LaunchView

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(max_length=80)]
TEMPLATE = "launches/approval.html"


@router.get("/approve/{token}")
def show(request: Request, token: Token, session: SessionDep, services: ServicesDep) -> Response:
    """The order in every detail. Nothing happens on GET."""
    launch = launch_to_approve(session, token)
    return render(request, TEMPLATE, ApprovalPage(token, view_of(services, launch)))


@router.post("/approve/{token}")
async def decide(request: Request, token: Token, fields: FormDep, services: ServicesDep) -> Response:
    """Approves or refuses, with name and code. Counts the try before it looks."""
    given = {name: values[0].strip() for name, values in fields.items()}
    subjects = (f"approve:{token_hash(token)}", f"address:{client_address(request)}")
    await enforce(services, "password", *subjects)
    try:
        name = await services.run(partial(_checked, given=given))
    except Forbidden:
        shown = await services.run(lambda session: view_of(services, launch_to_approve(session, token)))
        wrong = N_("Name and code do not belong together. Check both; the operator gives out new codes.")
        return render(request, TEMPLATE, ApprovalPage(token, shown, given.get("name", "")[:80], wrong), 403)
    await forgive(services, "password", *subjects)
    view = await services.run(partial(_decided, services=services, token=token, given=given, name=name), write=True)
    services.runner.wake()
    return render(request, TEMPLATE, ApprovalPage(token, view, done=True))


def _checked(session: Session, given: dict[str, str]) -> str:
    return check_approver(session, given.get("name", "")[:80], given.get("code", "")[:128])


def _decided(session: Session, services: Services, token: str, given: dict[str, str], name: str) -> LaunchView:
    launch = launch_to_approve(session, token)
    if launch.state != "estimated":
        raise Conflict(detail="The launch has gone on since this page was shown.", mend="Look at it once more.")
    if given.get("decision") == "approve":
        approve(session, launch, name, given.get("order_sha256", ""))
    else:
        wish(session, launch, "cancel")
    return view_of(services, launch)
