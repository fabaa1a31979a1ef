"""Our own OIDC issuer for platforms that check who asks: discovery and public keys; nothing secret, no cookies."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.errors import NotFound
from app.launch.signin import Issuer
from app.web.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)
CACHED = {"Cache-Control": "public, max-age=300"}  # new keys are known within minutes


@router.get("/.well-known/openid-configuration")
def discovery(services: ServicesDep) -> JSONResponse:
    """OpenID Connect Discovery 1.0. Raises NotFound without a public address."""
    return _answer(_issuer(services).discovery())


@router.get("/oidc/jwks.json")
def keys(services: ServicesDep) -> JSONResponse:
    """The public keys (RFC 7517). Raises NotFound without a public address."""
    return _answer(_issuer(services).jwks())


def _issuer(services: Services) -> Issuer:
    if not services.settings.public_url or not services.settings.launch_here:
        raise NotFound(detail="This installation signs in nowhere.", mend="Its operator sets LOTSE_PUBLIC_URL.")
    return services.desk.issuer


def _answer(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers=CACHED)
