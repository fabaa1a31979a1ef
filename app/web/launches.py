"""Launches of an assessment: the board, one launch from approval to removal, and what its author may do with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from app.errors import Conflict
from app.launch.access import PlatformTrouble
from app.launch.control import Order
from app.launch.platform import platform
from app.locales import N_
from app.store.launch_states import ACTIVE, FINAL
from app.store.launches import approval_link, approve, launch_of, launches_of, wish
from app.store.models import Launch
from app.store.repository import ReportAccess, report_for, utc_now
from app.web.access import AuthorDep, ReportId, author_access, viewer_cookie
from app.web.launch_form import read_secret
from app.web.launch_start import is_private_line
from app.web.rendering import address, origin_of, render
from app.web.services import FormDep, LanguageDep, SecretFormDep, Services, ServicesDep, SessionDep
from app.web.views.launch_words import trouble_says
from app.web.views.launches import BoardPage, LaunchDetail, LaunchView, launch_view, sign_in_fields

router = APIRouter(include_in_schema=False)
LaunchId = Annotated[str, Path(alias="launch", max_length=32)]
MOST_LINES, LONGEST_LINE = 200, 2000
TEMPLATE = "launches/launch.html"


@dataclass(frozen=True)
class Held:
    """One launch as its author asked for it."""

    session: Session
    access: ReportAccess
    services: Services
    launch: Launch
    language: str

    def back(self) -> Response:
        """Back to the launch after a change."""
        target = address(self.language, f"/r/{self.access.id}/launches/{self.launch.public_id}")
        return RedirectResponse(target, 303, background=BackgroundTask(self.services.runner.wake))  # after the commit

    def detail(self) -> LaunchDetail:
        """What its page shows."""
        return detail(self.services, self.access, self.launch)


def held(
    session: SessionDep, access: AuthorDep, services: ServicesDep, language: LanguageDep, launch_id: LaunchId
) -> Held:
    """The launch at an address, for the author alone. Raises NotFound."""
    return Held(session, access, services, launch_of(session, access.report, launch_id), language)


HeldDep = Annotated[Held, Depends(held)]


@router.get("/r/{id}/launches")
def board(request: Request, access: AuthorDep, session: SessionDep, services: ServicesDep) -> Response:
    """All launches of the assessment, newest first."""
    found = tuple(view_of(services, launch) for launch in launches_of(session, access.report))
    return render(request, "launches/board.html", BoardPage(f"/r/{access.id}", _title(access), found))


@router.get("/r/{id}/launches/{launch}")
def show(request: Request, held: HeldDep) -> Response:
    """Before approval the order in every detail, afterwards how it goes. For htmx only the block that changes."""
    block = "progress" if request.headers.get("hx-request") else None
    return render(request, TEMPLATE, held.detail(), block=block)


@router.post("/r/{id}/launches/{launch}/approve")
def approve_launch(held: HeldDep, fields: FormDep) -> Response:
    """Lets exactly the order start that was shown. Raises Conflict."""
    _still(held, held.launch.state not in FINAL)
    approve(held.session, held.launch, None, fields.get("order_sha256", [""])[0])
    return held.back()


@router.post("/r/{id}/launches/{launch}/cancel")
def cancel(held: HeldDep) -> Response:
    """Stops it; before approval it is withdrawn."""
    return _wish(held, "cancel")


@router.post("/r/{id}/launches/{launch}/remove")
def remove(held: HeldDep) -> Response:
    """Stops it and removes everything at once."""
    return _wish(held, "remove")


@router.post("/r/{id}/launches/{launch}/link")
def link(request: Request, held: HeldDep) -> Response:
    """A new link for the second person, shown this once."""
    _still(held, held.launch.state == "estimated" and held.launch.needs_approval)
    token = approval_link(held.session, held.launch)
    shown = origin_of(request) + address(held.language, f"/approve/{token}")
    return render(request, TEMPLATE, replace(held.detail(), link=shown))


@router.post("/r/{id}/launches/{launch}/sign-in")
def sign_in(request: Request, held: HeldDep, fields: SecretFormDep) -> Response:
    """Takes pasted credentials again, into the memory of this process alone."""
    services, launch = held.services, held.launch
    _still(held, launch.mode == "token" and launch.state not in FINAL and is_private_line(request))
    info = services.desk.info(launch)
    secret, errors = read_secret(info, fields)
    if secret is None:
        page = replace(held.detail(), sign_in=sign_in_fields(info, errors))
        return render(request, TEMPLATE, page, 422)
    services.desk.vault.put(launch.public_id, secret)
    launch.next_at = utc_now()  # it may have been put off for long because it was not let in
    return held.back()


@router.post("/r/{id}/launches/{launch}/log")
async def log(request: Request, services: ServicesDep, report_id: ReportId, launch_id: LaunchId) -> Response:
    """The last lines that the platform gives: shown once, never stored. Asks outside of any transaction."""

    def opened(session: Session) -> tuple[LaunchDetail, Launch]:
        access = author_access(report_for(session, report_id, viewer_cookie(request, report_id)))
        found = launch_of(session, access.report, launch_id)
        return detail(services, access, found), found

    page, launch = await services.run(opened)
    if not launch.handle or launch.state not in ACTIVE:
        raise Conflict(detail="There is no log to show.", mend="Go back to the launch.")
    lines, off = await run_in_threadpool(_lines, services, launch)
    return render(request, TEMPLATE, replace(page, log=lines, log_off=off))


def _lines(services: Services, launch: Launch) -> tuple[tuple[str, ...], str]:
    try:
        control = services.desk.control(launch, Order.model_validate_json(launch.order))
        try:
            lines = control.logs(launch.handle or "")[-MOST_LINES:]
        finally:
            control.access.close()
    except PlatformTrouble as trouble:
        return (), trouble_says(trouble.kind)
    return tuple(line[:LONGEST_LINE] for line in lines), "" if lines else N_("The platform shows no lines over this interface.")  # fmt: skip


def detail(services: Services, access: ReportAccess, launch: Launch) -> LaunchDetail:
    """What the page of a launch shows."""
    asks = launch.mode == "token" and launch.state not in FINAL
    locked = launch.public_id not in services.desk.signed_in() or launch.trouble.startswith("unauthorised")
    fields = sign_in_fields(services.desk.info(launch)) if asks and locked else None
    return LaunchDetail(f"/r/{access.id}", _title(access), view_of(services, launch), fields)


def view_of(services: Services, launch: Launch) -> LaunchView:
    """A launch as it stands now, with the server that its requests go to."""
    info = services.desk.info(launch)
    return launch_view(launch, info, services.desk.endpoint(platform(launch.platform).id, info) or "", utc_now())


def _wish(held: Held, wanted: str) -> Response:
    _still(held, held.launch.state not in FINAL)
    wish(held.session, held.launch, wanted)
    if held.launch.state in FINAL:
        held.services.desk.vault.drop(held.launch.public_id)
    return held.back()


def _still(held: Held, possible: bool) -> None:
    if not possible:
        raise Conflict(detail="The launch has gone on since this page was shown.", mend="Look at it once more.")


def _title(access: ReportAccess) -> str:
    return str(access.report.answers.get("title") or "")
