"""Who may see a report: `AccessDep` for every reader, `DownloadDep` for files, `AuthorDep` for what only the author may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from app.errors import Forbidden, NotFound
from app.store.repository import ReportAccess, report_for
from app.web.services import SessionDep, services_of

ReportId = Annotated[str, Path(alias="id", max_length=80)]


def cookie_name(request: Request, public_id: str) -> str:
    """The viewer's cookie of one report; over https bound to this host by its name."""
    return f"{'__Host-' if is_secure(request) else ''}viewer-{public_id}"


def is_secure(request: Request) -> bool:
    """Whether people reach this installation by https, perhaps through a proxy that hides it."""
    public = services_of(request).settings.public_url or ""
    return request.url.scheme == "https" or public.startswith("https:")


def report_access(request: Request, session: SessionDep, report_id: ReportId) -> ReportAccess:
    """The report at `/r/{id}` for the author or a viewer. Raises NotFound or Gone."""
    return report_for(session, report_id, viewer_cookie(request, report_id))


def viewer_cookie(request: Request, report_id: str) -> str | None:
    """What a share link gave to this browser for this report."""
    return request.cookies.get(cookie_name(request, report_id))


AccessDep = Annotated[ReportAccess, Depends(report_access)]


def author_access(access: AccessDep) -> ReportAccess:
    """Only the author. A viewer learns nothing: NotFound."""
    if not access.author:
        raise NotFound(detail="Only the author of the report can open this page.", mend="Go back to the report.")
    return access


def download_access(access: AccessDep) -> ReportAccess:
    """The author, or a viewer whose link allows files. Raises Forbidden."""
    if not access.may_download:
        raise Forbidden(
            detail="The author of this report does not offer files with this link.", mend="Ask the author for the file."
        )
    return access


AuthorDep = Annotated[ReportAccess, Depends(author_access)]
DownloadDep = Annotated[ReportAccess, Depends(download_access)]
