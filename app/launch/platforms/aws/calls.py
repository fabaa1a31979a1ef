"""Requests to AWS: JSON 1.1 with the operation in a header, REST, files in S3, and what error codes of AWS mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from app.launch.access import Access, PlatformTrouble, Trouble, if_there
from app.launch.control import TAG, Parts
from app.launch.render import fill

HERE = Path(__file__).parent / "kit" / "here"
# Prefix of each operation, host and paging field of each service, from the service models of botocore 1.44.8 (read on 2026-11-28).
TARGETS = {
    "sagemaker": ("SageMaker", "api.sagemaker", "NextToken"),
    "logs": ("Logs_20140328", "logs", "nextToken"),
    "servicequotas": ("ServiceQuotasV20190624", "servicequotas", "NextToken"),
    "tagging": ("ResourceGroupsTaggingAPI_20170126", "tagging", "PaginationToken"),
}
QUESTIONS = ("Describe", "Get", "List")
# AWS answers most of these with status 400, so the status alone says nothing.
CODES: dict[str, Trouble] = {
    "ThrottlingException": "busy", "TooManyRequestsException": "busy", "ResourceNotFound": "absent", "ResourceNotFoundException": "absent",
    "ResourceLimitExceeded": "over_quota", "ServiceQuotaExceededException": "over_quota", "ResourceInUse": "lost", "ConflictException": "lost",
    "AccessDeniedException": "unauthorised", "ExpiredTokenException": "unauthorised", "UnrecognizedClientException": "unauthorised",
}  # fmt: skip


def send(access: Access, method: str, url: str, service: str, region: str, **parts: Any) -> Any:
    """One request. Raises PlatformTrouble whose kind comes from the code of AWS where it is known."""
    try:
        return access.call(method, url, service=service, region=region, **parts)
    except PlatformTrouble as trouble:
        kind = CODES.get(trouble.reason, trouble.kind)
        raise PlatformTrouble(kind, trouble.reason, trouble.wait) from None


def operation(access: Access, region: str, service: str, name: str, body: dict[str, Any]) -> Any:
    """One operation of a service that speaks JSON 1.1: always POST, so a question whose answer was lost is told by its name."""
    prefix, host, _ = TARGETS[service]
    headers = {"X-Amz-Target": f"{prefix}.{name}", "Content-Type": "application/x-amz-json-1.1"}
    address = f"https://{host}.{region}.amazonaws.com/"
    try:
        return send(access, "POST", address, service, region, content=json.dumps(body).encode(), headers=headers)
    except PlatformTrouble as trouble:
        if trouble.kind == "lost" and name.startswith(QUESTIONS):
            raise PlatformTrouble("busy", trouble.reason) from None
        raise


def pages(access: Access, region: str, service: str, name: str, body: dict[str, Any]) -> Iterator[Any]:
    """The answers of a listing, page by page."""
    following, field = "", TARGETS[service][2]
    while True:
        answer = operation(access, region, service, name, {**body, **({field: following} if following else {})})
        yield answer
        following = answer.get(field) or ""
        if not following:
            return


def filled(template: str, parts: Parts, **more: Any) -> dict[str, Any]:
    """A template of this folder with the values of the launch, what the user entered, and `more`."""
    content = json.loads((HERE / template).read_text(encoding="utf-8"))
    own = {"name": parts.name, "launch": parts.launch, "data": None, **parts.entries, **more}
    found: dict[str, Any] = fill(content, {**parts.values, **own})
    return found


def tags(parts: Parts, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Our tags; the names of the two fields differ by service."""
    return [{key: TAG, value: parts.launch}, {key: "lotse-expires", value: str(parts.expires)}]


class Bucket:
    """A bucket in S3, addressed by path so that another endpoint can stand in its place."""

    def __init__(self, access: Access, region: str, name: str) -> None:
        self.access, self.region, self.base = access, region, f"https://s3.{region}.amazonaws.com/{name}"

    def put(self, key: str, content: bytes) -> None:
        """Writes a file."""
        self._send("PUT", f"/{quote(key)}", content=content, headers={"Content-Type": "application/octet-stream"})

    def delete(self, key: str) -> None:
        """Removes a file; no trouble where it, or the bucket, is not there."""
        if_there(lambda: self._send("DELETE", f"/{quote(key)}"))

    def empty(self, prefix: str) -> bool:
        """Whether no file has a name that begins so; there is none either where the user has removed the bucket."""
        query = urlencode({"list-type": 2, "max-keys": 1, "prefix": prefix})
        return "<Contents>" not in str(if_there(lambda: self._send("GET", f"?{query}")))

    def _send(self, method: str, path: str, **parts: Any) -> Any:
        return send(self.access, method, f"{self.base}{path}", "s3", self.region, **parts)
