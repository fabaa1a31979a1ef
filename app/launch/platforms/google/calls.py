"""What both kinds of jobs at Google share: templates, labels, requests with paging, files in Cloud Storage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from app.launch.access import Access, PlatformTrouble, if_there
from app.launch.control import ENDED, TAG, Found, Order, Parts, Seen, State
from app.launch.control import Control as Base
from app.launch.render import fill
from app.launch.states import moment, plain_word, state_of

HERE = Path(__file__).parent / "kit" / "here"
PAGE_SIZE = 100
# JobState of the interface (google.cloud.aiplatform.v1).
STATES: dict[str, State] = {
    "JOB_STATE_QUEUED": "queued", "JOB_STATE_PENDING": "queued", "JOB_STATE_RUNNING": "running", "JOB_STATE_SUCCEEDED": "succeeded", "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed", "JOB_STATE_EXPIRED": "failed", "JOB_STATE_CANCELLING": "cancelling", "JOB_STATE_CANCELLED": "cancelled",
}  # fmt: skip


def filled(template: str, parts: Parts, **more: Any) -> dict[str, Any]:
    """A template of this folder with the values of the launch, what the user entered, our labels, and `more`."""
    labels = {TAG: parts.launch, "lotse": parts.name, "lotse-expires": str(parts.expires)}
    content = json.loads((HERE / template).read_text(encoding="utf-8"))
    found: dict[str, Any] = fill(content, {**parts.values, "name": parts.name, "labels": labels, **parts.entries, **more})  # fmt: skip
    return found


def send(access: Access, method: str, url: str, **parts: Any) -> Any:
    """One request."""
    return access.call(method, url, service="google", **parts)


class Jobs(Base):
    """Jobs of one kind in a region of a project; the handle is the job's full resource name."""

    kind: str  # in addresses and lists

    def find(self) -> Seen | None:
        """By our label: names need not be unique."""
        wanted = self.order.launch
        return next((seen_of(row) for row in self.rows() if (row.get("labels") or {}).get(TAG) == wanted), None)

    def submit(self) -> Seen:
        """Creates the job. Google's status 429 with this code means for a creation that a quota is used up."""
        try:
            return seen_of(self.ask("POST", f"{self.parent}/{self.kind}", self.order.definition))
        except PlatformTrouble as trouble:
            if trouble.reason == "RESOURCE_EXHAUSTED":
                raise PlatformTrouble("over_quota", trouble.reason) from None
            raise

    def status(self, handle: str) -> Seen | None:
        """Its state."""
        row = self.row(handle)
        return seen_of(row) if row else None

    def row(self, name: str) -> dict[str, Any] | None:
        """A job, endpoint or model as Google shows it; None when it is not there."""
        return if_there(lambda: dict(self.ask("GET", name)))

    def cancel(self, handle: str) -> None:
        """Asks for its end, unless it ends or has ended."""
        seen = self.status(handle)
        if seen and seen.state in ("queued", "running"):
            self.ask("POST", f"{handle}:cancel", {})

    def ended(self, handle: str) -> bool:
        """Whether it no longer runs; asks for its end first."""
        self.cancel(handle)
        seen = self.status(handle)
        return seen is None or seen.state in ENDED

    def logs(self, handle: str) -> list[str]:
        """Empty; see the kinds that have some."""
        return []

    def running(self) -> list[Found]:
        """Jobs with our label that run."""
        found = [row for row in self.rows() if seen_of(row).state not in ENDED]
        return [Found(handle=row["name"], launch=row["labels"][TAG], kind="job") for row in found if TAG in (row.get("labels") or {})]  # fmt: skip

    def rows(self) -> Iterator[dict[str, Any]]:
        """All jobs of the kind, newest first, page by page."""
        following = ""
        while True:
            query = {"pageSize": PAGE_SIZE, **({"pageToken": following} if following else {})}
            answer = self.ask("GET", f"{self.parent}/{self.kind}?{urlencode(query)}")
            yield from answer.get(self.kind, [])
            following = answer.get("nextPageToken") or ""
            if not following:
                return

    @property
    def parent(self) -> str:
        """Project and region, as in all resource names."""
        return parent(self.order)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the regional address; `path` is a resource name."""
        return send(self.access, method, f"https://{self.order.region}-aiplatform.googleapis.com/v1/{path}", json=body)


def parent(order: Order) -> str:
    """Project and region of an order."""
    return f"projects/{order.entries['project']}/locations/{order.region}"


def seen_of(row: dict[str, Any]) -> Seen:
    """A job as we tell of it."""
    state = plain_word(row.get("state"))
    return Seen(
        handle=row["name"], state=state_of(state, STATES), said=state, started=moment(row.get("startTime")),
        ended=moment(row.get("endTime")), result=((row.get("tunedModel") or {}).get("model") or "")[:400],
    )  # fmt: skip


class Bucket:
    """A bucket in Cloud Storage over its JSON interface."""

    def __init__(self, access: Access, name: str) -> None:
        self.access, self.name = access, name

    def put(self, key: str, content: bytes) -> None:
        """Writes a file."""
        query = urlencode({"uploadType": "media", "name": key})
        headers = {"Content-Type": "application/octet-stream"}
        send(self.access, "POST", f"https://storage.googleapis.com/upload/storage/v1/b/{self.name}/o?{query}", content=content, headers=headers)  # fmt: skip

    def delete(self, key: str) -> None:
        """Removes a file; one that is not there is no trouble."""
        try:
            send(self.access, "DELETE", f"https://storage.googleapis.com/storage/v1/b/{self.name}/o/{quote(key, safe='')}")  # fmt: skip
        except PlatformTrouble as trouble:
            if trouble.kind != "absent":
                raise

    def empty(self, prefix: str) -> bool:
        """Whether no file has a name that begins so; there is none either where the user has removed the bucket."""
        query = urlencode({"prefix": prefix, "maxResults": 1})
        url = f"https://storage.googleapis.com/storage/v1/b/{self.name}/o?{query}"
        return not (if_there(lambda: send(self.access, "GET", url)) or {}).get("items")
