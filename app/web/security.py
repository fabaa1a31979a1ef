"""Headers that protect every answer, and the check that a change was asked for by our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Forbidden
from app.web.handlers import error_response

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Style sheets, fonts and pictures are no pages: fewer headers keep them light.
STATIC = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Addresses that hold a capability, and what is made from it.
PRIVATE = ("/a/", "/r/", "/s/", "/approve/", "/api/v1/assessments", "/api/v1/reports")
KEEP_OUT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SecurityHeaders:
    """Adds the headers; private pages are never stored and never indexed."""

    def __init__(self, app: ASGIApp, production: bool) -> None:
        self.app = app
        public = {**ALWAYS, **(STRICT_TRANSPORT if production else {})}
        self.public, self.private, self.static = _raw(public), _raw({**public, **KEEP_OUT}), _raw(STATIC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        ours = self._for(scope["path"])

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
                message["headers"] = [*others, *ours.items()]
            await send(message)

        return await self.app(scope, receive, send_protected)

    def _for(self, path: str) -> dict[bytes, bytes]:
        if path.startswith("/static/"):
            return self.static
        return self.private if path.startswith(PRIVATE) else self.public


def _raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode(): value.encode() for name, value in headers.items()}


class SameOrigin:
    """Refuses changes that another site asks for (cross-site request forgery)."""

    def __init__(self, app: ASGIApp, public_url: str | None) -> None:
        self.app = app
        self.own = urlsplit(public_url or "").netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._is_own(Headers(scope=scope)):
            return await self.app(scope, receive, send)
        refusal = Forbidden(
            detail="This form was sent from another site.", mend="Open the page here and send it again."
        )
        return await error_response(Request(scope), refusal)(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        """Browsers state where a request comes from; programs state nothing, and have no cookies to abuse."""
        if site := headers.get("sec-fetch-site"):
            return site in ("same-origin", "none")
        if origin := headers.get("origin"):
            return urlsplit(origin).netloc.lower() in (headers.get("host", "").lower(), self.own or None)
        return True
