"""JSON over HTTP with the standard library: safe addresses only, short retries while a service is busy."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from .setup import SetupError

RETRIES = (1, 4, 15)  # seconds between attempts when the service is busy
BUSY = {408, 429, 500, 502, 503, 504}
NEAR = {"localhost", "127.0.0.1", "::1", "model", "store"}  # without TLS: this machine, and neighbours in the same pod
TIMEOUT = 120  # seconds for one answer


class Refused(SetupError):
    """A service refused a request; `status` is its HTTP status. Its own words are not shown: they may repeat secrets."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the headers with the key would go along, to whatever host it names."""

    def redirect_request(self, *_: Any) -> None:
        """Refuses."""


_opener = urllib.request.build_opener(_Stay)


def call(
    method: str, address: str, body: Any = None, headers: dict[str, str] | None = None, what: str = "MODEL_URL"
) -> Any:
    """The JSON answer. Raises Refused with the status, SetupError when the address is not safe or nobody answers.

    `what` names the variable that holds the address.
    """
    if not safe(address):
        raise SetupError(f"{what} must begin with https:// (or be this machine).")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **(headers or {})}, method=method)  # noqa: S310  # fmt: skip
    for wait in (*RETRIES, None):
        try:
            with _opener.open(request, timeout=TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in BUSY or wait is None:
                raise Refused(f"The service at {what} answered with status {error.code}.", error.code) from error
        except TimeoutError as error:  # asked again, it would take as long
            raise SetupError(f"The service at {what} did not answer in {TIMEOUT} seconds.") from error
        except OSError as error:  # refused or cut off
            if wait is None:
                raise SetupError(f"The service at {what} cannot be reached.") from error
        except ValueError as error:
            raise SetupError(f"The service at {what} did not answer with JSON.") from error
        time.sleep(wait)
    raise AssertionError("the loop returns or raises")


def safe(address: str) -> bool:
    """Whether keys and texts may go there: encrypted, or not leaving this machine or pod."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in NEAR)


def authorization(token: str) -> dict[str, str]:
    """The header with a bearer token, or none."""
    return {"Authorization": f"Bearer {token}"} if token else {}
