"""`/r/{id}/launch/{name}/start`: the form that starts a launch from the server, and what is stored of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.launch.access import PlatformTrouble
from app.launch.control import Quota
from app.locales import N_, formatter
from app.store.launches import NewLaunch, create_launch
from app.store.models import Report
from app.store.repository import report_for, utc_now
from app.web.access import AuthorDep, ReportId, author_access, is_secure, viewer_cookie
from app.web.launch import AskedDep, Name, Option, asked
from app.web.launch_form import Order, Plan, Reader, ask_quota, new_launch, plan_of, read_typed, start_page, typed_first
from app.web.rate_limits import rate_limit
from app.web.rendering import address, render
from app.web.services import LanguageDep, SecretFormDep, Services, ServicesDep
from app.web.views.launch_form import Typed

router = APIRouter(include_in_schema=False)
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
Chosen = Annotated[str, Query(max_length=40)]
FOLDER = "/r/{id}/launch/{name}/start"


@router.get(FOLDER)
def form(
    request: Request, access: AuthorDep, ask: AskedDep, services: ServicesDep, language: LanguageDep,
    name: Name,
) -> Response:  # fmt: skip
    """The form, with what the plan proposes."""
    plan = plan_of(services, ask, access.report.assessment.public_id, name)
    page = start_page(services, plan, typed_first(plan, formatter(language)), is_private_line(request))
    return render(request, "launches/start.html", page)


@router.post(FOLDER, dependencies=[rate_limit("launch")])
async def start(
    request: Request, services: ServicesDep, language: LanguageDep, report_id: ReportId, name: Name,
    fields: SecretFormDep, option: Option = "", way: Chosen = "",
) -> Response:  # fmt: skip
    """Checks everything, asks the platform for its quota outside of any transaction, and stores a launch that waits for approval."""

    def opened(session: Session) -> tuple[Plan, Report]:
        access = author_access(report_for(session, report_id, viewer_cookie(request, report_id)))
        ask = asked(access, services, language, option, way)
        return plan_of(services, ask, access.report.assessment.public_id, name), access.report

    plan, report = await services.run(opened)
    typed, secure = read_typed(fields, plan.info), is_private_line(request)
    page = start_page(services, plan, typed, secure)
    if page.off:
        raise Conflict(detail=page.off, mend="Take the kit, or choose another platform.")
    reader = Reader(services, plan, language)
    order = await run_in_threadpool(reader.order, typed, fields, secure, utc_now())
    quota = await _quota(services, reader, order) if order else None
    if order is None or quota is None:
        return render(request, "launches/start.html", replace(page, errors=reader.errors), 422)
    return await _stored(services, plan, report, order, quota, typed, language)


async def _quota(services: Services, reader: Reader, order: Order) -> Quota | None:
    """The quota; None with a sentence where it forbids the launch."""
    try:
        quota = await run_in_threadpool(ask_quota, services, order)
    except PlatformTrouble:
        reader.errors["mode"] = reader.texts.t("The platform does not accept these credentials.")
        return None
    if quota.free is not None and quota.free < quota.needed:
        says = N_("Your account there allows {free} more at the moment; this launch needs {needed}. Ask the platform for a larger quota.")  # fmt: skip
        numbers = {"free": reader.texts.number(quota.free), "needed": reader.texts.number(quota.needed)}
        reader.errors["quota"] = reader.texts.t(says, **numbers)
        return None
    return quota


async def _stored(
    services: Services, plan: Plan, report: Report, order: Order, quota: Quota, typed: Typed, language: str
) -> Response:  # fmt: skip
    new = new_launch(services, plan, order, quota)

    def create(session: Session) -> str:
        return create_launch(session, session.get_one(Report, report.id), new, typed.key, _body(new, typed)).public_id

    public_id = await services.run(create, write=True)
    if order.secret:
        services.desk.vault.put(public_id, order.secret)
    return RedirectResponse(address(language, f"{plan.asked.base}/launches/{public_id}"), 303)


def _body(new: NewLaunch, typed: Typed) -> dict[str, Any]:
    """What makes two forms the same: everything that was entered but what was pasted."""
    return {
        "option": new.option, "platform": new.platform, "way": new.way, "hours": typed.hours, "limit": typed.limit,
        "mode": typed.mode, "entries": dict(typed.entries), "sign_in": dict(typed.sign_in),
    }  # fmt: skip


def is_private_line(request: Request) -> bool:
    """Whether nobody on the way can read what is sent: https, or this machine itself."""
    return is_secure(request) or (request.url.hostname or "") in THIS_MACHINE
