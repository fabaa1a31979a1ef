"""Small pure ASGI layers: request id and access log, size limit of bodies, a second try after a deadlock."""

from __future__ import annotations

import asyncio
import secrets
import time

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import TooLarge
from app.store.db import ATTEMPTS, is_transient
from app.web.handlers import error_response, incident, too_slow, unavailable
from app.web.metrics import DURATION, REQUESTS

logger = structlog.get_logger("lotse")
FORM_BYTES = 64 * 1024
API_BYTES = 1024 * 1024
SLOWEST_SECONDS = 60
QUIET = {"/livez", "/readyz", "/metrics", "/static/{stamp}/{name:path}"}


class Observed:
    """Gives each request an id, and logs and counts it by the template of its route: never by its path, which may hold a token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id, start, status = secrets.token_hex(8), time.perf_counter(), 500
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        finally:
            _note(scope, request_id, status, time.perf_counter() - start)


def _note(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = scope["state"].get("route", "none")
    method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "?"
    REQUESTS.labels(method, route, status).inc()
    DURATION.labels(route).observe(seconds)
    log = logger.debug if route in QUIET else logger.info
    log("request", request_id=request_id, method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class Guarded:
    """Reads the body up to a limit, answers errors that nobody handled, and repeats a request whose transaction the database broke off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            async with asyncio.timeout(SLOWEST_SECONDS):
                body = await _read(scope, receive)
        except TooLarge as refusal:
            return await error_response(Request(scope), refusal)(scope, receive, send)
        except TimeoutError:
            return await error_response(Request(scope), too_slow())(scope, receive, send)
        except ConnectionAbortedError:
            return None
        return await self._attempts(scope, body, receive, send)

    async def _attempts(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            started = _Started(send)
            inner = {**scope, "method": "GET" if scope["method"] == "HEAD" else scope["method"]}
            try:
                await self.app(inner, _Replay(body, receive), started)
                return
            except Exception as error:
                if started.yes:
                    raise
                if not is_transient(error):
                    await incident(Request(scope), error)(scope, receive, send)
                    return
                if attempt == ATTEMPTS:
                    await unavailable(Request(scope), error)(scope, receive, send)
            finally:
                scope["state"]["route"] = getattr(inner.get("route"), "path_format", "none")


async def _read(scope: Scope, receive: Receive) -> bytes:
    limit = API_BYTES if scope["path"].startswith("/api/") else FORM_BYTES
    declared = Headers(scope=scope).get("content-length", "0")
    too_large = not declared.isdigit() or len(declared) > 12 or int(declared) > limit
    body, more = b"", True
    while more and not too_large:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError  # half a form is no form
        body += message.get("body", b"")
        more, too_large = message.get("more_body", False), len(body) > limit
    if too_large:
        raise TooLarge(
            detail="At most {limit} kB can be sent here.", mend="Shorten it and send it again.", limit=limit // 1024
        )
    return body


class _Started:
    """Passes messages on and remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self.send, self.yes = send, False

    async def __call__(self, message: Message) -> None:
        self.yes = True
        await self.send(message)


class _Replay:
    """Hands the body out once, then whatever the client does next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self.body, self.receive, self.sent = body, receive, False

    async def __call__(self) -> Message:
        if self.sent:
            return await self.receive()
        self.sent = True
        return {"type": "http.request", "body": self.body, "more_body": False}
