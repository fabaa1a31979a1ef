"""JSON over HTTP with the standard library: safe addresses only, short retries while a service is busy."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from .setup import SetupError

RETRIES = (1, 4, 15)  # seconds between attempts when the service is busy
BUSY = {408, 429, 500, 502, 503, 504}
SAFE = (
    "https://",
    "http://localhost",
    "http://127.0.0.1",
    "http://model",
    "http://store",
)  # the last two: inside a pod


class Refused(SetupError):
    """A service refused a request; `status` is its HTTP status. Its own words are not shown: they may repeat secrets."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def call(
    method: str, address: str, body: Any = None, headers: dict[str, str] | None = None, what: str = "MODEL_URL"
) -> Any:
    """The JSON answer. Raises Refused with the status, SetupError when the address is not safe or nobody answers.

    `what` names the variable that holds the address.
    """
    if not address.startswith(SAFE):
        raise SetupError(f"{what} must begin with https:// (or be this machine).")
    data = None if body is None else json.dumps(body).encode()
    for wait in (*RETRIES, None):
        request = urllib.request.Request(address, data, {"Content-Type": "application/json", **(headers or {})}, method=method)  # noqa: S310  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in BUSY or wait is None:
                raise Refused(f"The service at {what} answered with status {error.code}.", error.code) from error
        except OSError as error:  # refused, timed out, cut off
            if wait is None:
                raise SetupError(f"The service at {what} cannot be reached.") from error
        except ValueError as error:
            raise SetupError(f"The service at {what} did not answer with JSON.") from error
        time.sleep(wait)
    raise AssertionError("the loop returns or raises")


def authorization(token: str) -> dict[str, str]:
    """The header with a bearer token, or none."""
    return {"Authorization": f"Bearer {token}"} if token else {}
