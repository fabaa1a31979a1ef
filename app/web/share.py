"""Share links: the author makes, lists and revokes them; whoever gets one opens it with a button, never by a mere GET."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from app.errors import Gone, NotFound
from app.locales import N_
from app.store.passwords import hashed, matches
from app.store.repository import (
    LONGEST_DAYS,
    VIEWING_HOURS,
    LinkTerms,
    ReportAccess,
    ShareLink,
    create_share_link,
    note_wrong_password,
    open_share_link,
    revoke_share_link,
    share_link_by_token,
    share_links,
    utc_now,
)
from app.store.tokens import derived_token, token_hash
from app.web.access import AuthorDep, cookie_name, is_secure
from app.web.rate_limits import client_address, enforce, forgive
from app.web.rendering import address, origin_of, render
from app.web.services import FormDep, LanguageDep, Services, ServicesDep, SessionDep
from app.web.views.share import LandingPage, LinkForm, SharePage, row

SHORTEST_PASSWORD, LONGEST_PASSWORD, LONGEST_LABEL = 8, 128, 120
TokenDep = Annotated[str, Path(alias="token", max_length=80)]
router = APIRouter(include_in_schema=False)


@router.get("/r/{id}/share")
def share_page(request: Request, access: AuthorDep, session: SessionDep) -> Response:
    """The form for a new link, and all links of this report."""
    return _page(request, access, session, LinkForm(key=secrets.token_urlsafe(16)))


@router.post("/r/{id}/share")
def create(
    request: Request,
    access: AuthorDep,
    session: SessionDep,
    fields: FormDep,
    services: ServicesDep,
    language: LanguageDep,
) -> Response:
    """Makes a link and shows its address, this once. The same form again shows the same link."""
    form, password, errors = _read(fields)
    if errors:
        return _page(request, access, session, form, errors=errors, status=422)
    terms = LinkTerms(
        label=form.label, days=int(form.days), allow_download=form.allow_download, count_opens=form.count_opens,
        password_hash=hashed(password) if password else None,
    )  # fmt: skip
    token = derived_token(services.settings.secret_key, f"share:{access.report.id}:{form.key}")
    link = create_share_link(session, access.report, terms, token)
    shown = origin_of(request) + address(language, f"/s/{token}")
    return _page(request, access, session, LinkForm(key=secrets.token_urlsafe(16)), shown=shown, link=link)


@router.post("/r/{id}/share/{link_id}/revoke")
def revoke(access: AuthorDep, session: SessionDep, link_id: int, language: LanguageDep) -> Response:
    """Ends a link at once."""
    revoke_share_link(session, access.report, link_id)
    return RedirectResponse(address(language, f"/r/{access.id}/share"), 303)


@router.get("/s/{token}")
def landing(request: Request, token: TokenDep, session: SessionDep) -> Response:
    """A neutral page with a button. Mail scanners open every link: nothing happens here."""
    return _landing(request, token, share_link_by_token(session, token))


@router.post("/s/{token}")
async def open_link(
    request: Request, token: TokenDep, fields: FormDep, services: ServicesDep, language: LanguageDep
) -> Response:
    """Opens the report for some hours: sets the viewer's cookie and leaves the token's address."""
    password = _first(fields, "password")
    try:
        link = await services.run(lambda session: share_link_by_token(session, token))
    except (NotFound, Gone):
        await _password_fits(request, services, token, None, password)  # so that the time tells nothing
        raise
    if link.password_hash and not await _password_fits(request, services, token, link.password_hash, password):
        response = _landing(request, token, link, N_("This password is not right. Please try again."), 403)
        response.background = BackgroundTask(services.run, partial(note_wrong_password, link_id=link.id), write=True)
        return response

    def opened(session: Session) -> tuple[str, str]:
        found = share_link_by_token(session, token)  # again: it may just have been revoked
        return open_share_link(session, found), found.report.public_id

    viewer, public_id = await services.run(opened, write=True)
    response = RedirectResponse(address(language, f"/r/{public_id}"), 303)
    response.set_cookie(
        cookie_name(request, public_id), viewer, max_age=VIEWING_HOURS * 3600, httponly=True, samesite="lax",
        secure=is_secure(request),
    )  # fmt: skip
    return response


async def _password_fits(request: Request, services: Services, token: str, wanted: str | None, password: str) -> bool:
    """Counts the try before it looks, so that parallel tries cannot pass the limit; a right one does not count."""
    subjects = (f"link:{token_hash(token)}", f"address:{client_address(request)}")
    await enforce(services, "password", *subjects)
    if not await run_in_threadpool(matches, wanted, password):
        return False
    await forgive(services, "password", *subjects)
    return True


def _landing(request: Request, token: str, link: ShareLink, error: str = "", status: int = 200) -> Response:
    page = LandingPage(
        token=token, needs_password=link.password_hash is not None, counted=link.count_opens,
        expires_at=link.expires_at, error=error,
    )  # fmt: skip
    return render(request, "share/landing.html", page, status)


def _page(
    request: Request, access: ReportAccess, session: Session, form: LinkForm, errors: dict[str, str] | None = None,
    status: int = 200, shown: str | None = None, link: ShareLink | None = None,
) -> Response:  # fmt: skip
    now = utc_now()
    page = SharePage(
        id=access.id, title=str(access.report.answers.get("title") or ""), number=access.report.number, form=form,
        links=[row(found, now) for found in share_links(session, access.report)],
        longest_days=LONGEST_DAYS, shortest_password=SHORTEST_PASSWORD, address=shown,
        expires_at=link.expires_at if link else None, errors=errors or {},
    )  # fmt: skip
    return render(request, "share/page.html", page, status)


def _read(fields: dict[str, list[str]]) -> tuple[LinkForm, str, dict[str, str]]:
    form = LinkForm(
        key=_first(fields, "key")[:64] or secrets.token_urlsafe(16), label=_first(fields, "label"),
        days=_first(fields, "days"), allow_download="allow_download" in fields, count_opens="count_opens" in fields,
    )  # fmt: skip
    password = fields.get("password", [""])[0]  # spaces belong to a password
    errors = {}
    if not (form.days.isascii() and form.days.isdigit() and 1 <= int(form.days[:9]) <= LONGEST_DAYS):
        errors["days"] = N_("Enter a whole number of days from 1 to 365.")
    if len(form.label) > LONGEST_LABEL:
        errors["label"] = N_("Use at most 120 characters for the label.")
    if password and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        errors["password"] = N_("Use 8 to 128 characters for the password, or leave it empty.")
    return form, password, errors


def _first(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0].strip()
