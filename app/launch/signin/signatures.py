"""How requests are signed: with a bearer token for each service, or as AWS wants it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from botocore.credentials import Credentials

EARLY_SECONDS = 120.0  # before its end a token is replaced


@dataclass(frozen=True, repr=False)
class Token:
    """A bearer token and the monotonic time at which it ends."""

    value: str
    ends: float

    def __repr__(self) -> str:
        return "Token(…)"


class Bearer:
    """Bearer tokens by service, fetched when they are needed and again shortly before they end."""

    def __init__(self, fetch: Callable[[str], Token]) -> None:
        self._fetch, self._held = fetch, dict[str, Token]()

    def auth(self, service: str, region: str) -> httpx2.Auth:
        """The header for one service."""
        held = self._held.get(service)
        if held is None or held.ends - EARLY_SECONDS < time.monotonic():
            held = self._held[service] = self._fetch(service)
        return _BearerAuth(held.value)


class _BearerAuth(httpx2.Auth):
    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._value}"
        yield request


class Unsigned:
    """No credentials: for the exchange itself."""

    def auth(self, service: str, region: str) -> httpx2.Auth:
        """Leaves requests as they are."""
        return httpx2.Auth()


class Aws:
    """AWS Signature Version 4, by botocore. `fetch` gives credentials and the monotonic time at which they end."""

    def __init__(self, fetch: Callable[[], tuple[Credentials, float]]) -> None:
        self._fetch = fetch
        self._held: tuple[Credentials, float] | None = None

    def auth(self, service: str, region: str) -> httpx2.Auth:
        """The signature for one service in one region."""
        if self._held is None or self._held[1] - EARLY_SECONDS < time.monotonic():
            self._held = self._fetch()
        return _AwsAuth(self._held[0], service, region)


class _AwsAuth(httpx2.Auth):
    requires_request_body = True

    def __init__(self, credentials: Credentials, service: str, region: str) -> None:
        self._credentials, self._service, self._region = credentials, service, region

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        from botocore.auth import S3SigV4Auth, SigV4Auth  # noqa: PLC0415 -- only launches on AWS need it
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415

        kept = {name: value for name, value in request.headers.items() if name in ("content-type", "x-amz-target")}
        signed = AWSRequest(request.method, str(request.url), headers=kept, data=request.content)
        method = S3SigV4Auth if self._service == "s3" else SigV4Auth
        method(self._credentials, self._service, self._region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request
