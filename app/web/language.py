"""The language of a request: the prefix of its address, else what the browser asks for, else the setting."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.locales import LANGUAGES


class Language:
    """Strips `/de` or `/en` from the path and keeps it in `request.state.language`."""

    def __init__(self, app: ASGIApp, default: str) -> None:
        self.app, self.default = app, default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        prefix, path = _split(scope["path"])
        asked = prefix or preferred(Headers(scope=scope).get("accept-language", "")) or self.default
        scope.setdefault("state", {})["language"] = asked
        scope = {**scope, "path": path, "raw_path": path.encode()}

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Language", asked)
                if not prefix:
                    headers.add_vary_header("Accept-Language")
            await send(message)

        return await self.app(scope, receive, send_marked)


def _split(path: str) -> tuple[str, str]:
    first, _, rest = path.removeprefix("/").partition("/")
    return (first, f"/{rest}") if first in LANGUAGES else ("", path)


def preferred(header: str) -> str | None:
    """The best of our languages in an Accept-Language header, None when it names none of them."""
    weighted = sorted((_weight(part) for part in header.split(",")[:20]), key=lambda pair: -pair[0])
    return next((tag for weight, tag in weighted if weight > 0 and tag in LANGUAGES), None)


def _weight(part: str) -> tuple[float, str]:
    tag, _, quality = part.strip().partition(";q=")
    try:
        return float(quality or 1), tag.split("-")[0].lower()
    except ValueError:
        return 0.0, ""


def language_of(request: Request) -> str:
    """The language found for this request."""
    return str(getattr(request.state, "language", LANGUAGES[0]))
