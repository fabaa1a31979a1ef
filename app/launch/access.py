"""A signed-in connection to a platform: one request at a time, with what went wrong told by kind and never in the platform's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeVar

import httpx2

from app.errors import AppError

Result = TypeVar("Result")
TIMEOUT = httpx2.Timeout(20.0, connect=5.0)
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,79}")
# absent: there is no such thing. busy: nothing happened, ask again later. lost: it may have happened, look before asking again.
Trouble = Literal["absent", "busy", "lost", "refused", "unauthorised", "over_quota"]


class PlatformTrouble(AppError):
    """A platform did not do what it was asked. `kind` says what follows from it, `code` is the platform's short code or status."""

    code, status, title = "platform", 502, "The platform did not do it"

    def __init__(self, kind: Trouble, reason: str = "", wait: float = 0) -> None:
        self.kind, self.reason, self.wait = kind, reason, wait
        super().__init__("The platform answered: {reason}.", reason=reason or kind)


class Signing(Protocol):
    """Short-lived credentials: how requests to one service of a platform are signed."""

    def auth(self, service: str, region: str) -> httpx2.Auth:
        """The signature for requests to a service in a region; platforms with bearer tokens ignore both."""
        ...


class Access:
    """A platform as one signed-in person or role sees it.

    `endpoint` replaces the address of every service of the platform (its path is kept): another installation, or the tests' own.
    """

    def __init__(self, signing: Signing, endpoint: str | None = None, client: httpx2.Client | None = None) -> None:
        self.signing, self.endpoint = signing, endpoint
        self.client = client or httpx2.Client(timeout=TIMEOUT, follow_redirects=False)

    def call(  # noqa: PLR0913 -- a request has these parts
        self, method: str, url: str, *, json: Any = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, service: str = "", region: str = "",
    ) -> Any:  # fmt: skip
        """Sends one request; returns the parsed JSON, or the text where it is none. Raises PlatformTrouble."""
        return _content(
            self.reply(method, url, json=json, content=content, headers=headers, service=service, region=region)
        )

    def reply(  # noqa: PLR0913 -- a request has these parts
        self, method: str, url: str, *, json: Any = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, service: str = "", region: str = "",
    ) -> httpx2.Response:  # fmt: skip
        """The same with the whole answer, for platforms that say something in its headers."""
        request = self.client.build_request(
            method, self._address(url), json=json, content=content, headers=dict(headers or {})
        )
        try:
            answer = self.client.send(request, auth=self.signing.auth(service, region))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise PlatformTrouble("busy", type(error).__name__) from None
        except httpx2.HTTPError as error:
            raise PlatformTrouble("busy" if method == "GET" else "lost", type(error).__name__) from None
        if answer.status_code >= 300:
            raise _trouble(method, answer)
        return answer

    def _address(self, url: str) -> str:
        """The address, moved to the configured endpoint with its path and query."""
        if not self.endpoint:
            return url
        found = httpx2.URL(url)
        return f"{self.endpoint.rstrip('/')}{found.raw_path.decode()}"

    def close(self) -> None:
        """Closes the connections."""
        self.client.close()


def if_there(ask: Callable[[], Result], code: str = "") -> Result | None:
    """What `ask` gives; None when the platform says that there is no such thing, or says so by a code of its own."""
    try:
        return ask()
    except PlatformTrouble as trouble:
        if trouble.kind == "absent" or (code and trouble.reason == code):
            return None
        raise


def _content(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _trouble(method: str, answer: httpx2.Response) -> PlatformTrouble:
    status, reason = answer.status_code, short_code(answer)
    if status == 429:
        return PlatformTrouble("busy", reason, _seconds(answer.headers.get("retry-after", "")))
    if status >= 500 or status == 408:  # the request took too long: how much of it was done nobody knows
        return PlatformTrouble("busy" if method == "GET" else "lost", reason)
    kinds: dict[int, Trouble] = {401: "unauthorised", 403: "unauthorised", 404: "absent", 410: "absent"}
    return PlatformTrouble(kinds.get(status, "refused"), reason)


def _seconds(text: str) -> float:
    return min(float(text), 600.0) if text.isdigit() else 0.0


def short_code(answer: httpx2.Response) -> str:
    """The platform's short code for an error (such as `ThrottlingException`), else the status: texts may hold secrets."""
    named = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    content = _content(answer)
    places = [content, content.get("error"), *_details(content.get("detail"))] if isinstance(content, dict) else []
    found = [named, *(place.get(key) for place in places if isinstance(place, dict) for key in ("__type", "code", "reason", "status", "type"))]  # fmt: skip
    codes = [str(code).rpartition("#")[2] for code in found if code and not isinstance(code, dict | list)]
    return next((code for code in codes if CODE.fullmatch(code)), f"HTTP {answer.status_code}")


def _details(found: Any) -> list[Any]:
    """What servers made with FastAPI say of an error: one thing or a list of them."""
    return found if isinstance(found, list) else [found]
