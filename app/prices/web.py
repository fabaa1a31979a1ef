"""Downloads of the price sources: time limits, size limits, no redirect to another scheme. Used by `lotse prices refresh` alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from app.errors import AppError

MOST_BYTES = 64_000_000  # the largest catalogue has some 20 MB
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
Heard = Callable[[int], None]


class SourceFailed(AppError):
    """A price source did not answer, or not in the form that is known."""

    code, status, title = "source_failed", 502, "A price source failed"


class SourceSkipped(AppError):
    """A price source that is not set up."""

    code, status, title = "source_skipped", 424, "A price source is not set up"


class Web:
    """Reads addresses; `heard` is told the bytes so far, for a line of progress."""

    def __init__(self, client: httpx2.Client | None = None, heard: Heard | None = None, most: int = MOST_BYTES) -> None:
        self._client = client or httpx2.Client(
            timeout=TIMEOUT, follow_redirects=True, max_redirects=3, headers={"User-Agent": "lotse-prices"}
        )
        self._heard, self._most, self._total = heard or (lambda count: None), most, 0

    def text(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> str:
        """The answer as text. Raises SourceFailed when there is none, when it is too large or not UTF-8."""
        host = urlsplit(url).hostname
        try:
            return self._read(url, params, headers).decode()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SourceFailed("{host} did not answer: {reason}.", host=host, reason=type(error).__name__) from None
        except UnicodeDecodeError:
            raise SourceFailed("{host} sent no text.", host=host) from None

    def json(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """The answer as JSON. Raises SourceFailed."""
        try:
            return json.loads(self.text(url, params, headers))
        except json.JSONDecodeError:
            raise SourceFailed("{host} sent no JSON.", host=urlsplit(url).hostname) from None

    def __enter__(self) -> Web:
        """Itself; the connections are closed at the end."""
        return self

    def __exit__(self, *error: object) -> None:
        """Closes the connections."""
        self._client.close()

    def _read(self, url: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None) -> bytes:
        read = bytearray()
        with self._client.stream("GET", url, params=params, headers=headers) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                read += chunk
                self._heard(self._total + len(read))
                if len(read) > self._most:
                    raise SourceFailed("{host} sent more than {most} bytes.", host=answer.url.host, most=self._most)
        self._total += len(read)
        return bytes(read)
