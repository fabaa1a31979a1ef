"""Imprint, privacy, accessibility, and the small files that browsers and robots ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse

from app.errors import NotFound
from app.settings import Settings
from app.store.backup import BACKUP_DAYS
from app.web.rendering import origin_of, render
from app.web.services import ServicesDep
from app.web.static import FOLDER
from app.web.views.privacy import TABLES, StoredTable

router = APIRouter(include_in_schema=False)
ROBOTS = "User-agent: *\nDisallow: /a/\nDisallow: /*/a/\nDisallow: /r/\nDisallow: /*/r/\nDisallow: /s/\nDisallow: /*/s/\nDisallow: /api/\n"
SECURITY_TXT_DAYS = 180


@dataclass(frozen=True)
class OperatorPage:
    """What the operator says about himself and this installation, from the settings."""

    settings: Settings
    tables: list[StoredTable]
    backup_days: int = BACKUP_DAYS

    @property
    def named(self) -> bool:
        """Whether an operator is named at all."""
        return bool(self.settings.imprint_name)


@router.get("/imprint")
def imprint(request: Request, services: ServicesDep) -> HTMLResponse:
    """Who runs this installation."""
    return render(request, "pages/imprint.html", OperatorPage(services.settings, []))


@router.get("/privacy")
def privacy(request: Request, services: ServicesDep) -> HTMLResponse:
    """What is stored, where and how long, from the tables and settings in force."""
    return render(request, "pages/privacy.html", OperatorPage(services.settings, TABLES))


@router.get("/accessibility")
def accessibility(request: Request, services: ServicesDep) -> HTMLResponse:
    """The statement on accessibility with its known gaps."""
    return render(request, "pages/accessibility.html", OperatorPage(services.settings, []))


@router.get("/favicon.ico")
def favicon() -> FileResponse:
    """The mark, for browsers that ask for it by name."""
    return FileResponse(
        FOLDER / "icons" / "favicon.ico", media_type="image/x-icon", headers={"Cache-Control": "max-age=86400"}
    )


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Search engines see the public pages only."""
    return PlainTextResponse(ROBOTS)


@router.get("/.well-known/security.txt")
def security_txt(request: Request, services: ServicesDep) -> PlainTextResponse:
    """Whom to tell about a weakness (RFC 9116). Raises NotFound when no operator is named."""
    if not services.settings.imprint_email:
        raise NotFound(detail="This installation names no contact.", mend="Its operator can set LOTSE_IMPRINT_EMAIL.")
    expires = (datetime.now(UTC) + timedelta(days=SECURITY_TXT_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    return PlainTextResponse(
        f"Contact: mailto:{services.settings.imprint_email}\nExpires: {expires}\n"
        f"Preferred-Languages: de, en\nCanonical: {origin_of(request)}/.well-known/security.txt\n"
    )
