"""Fine-tuning jobs in OpenAI's form, which Azure speaks too: `/fine_tuning/jobs` with paging, cancel and events.

Source: fields, states and paging in the vendor's package openai 3.54.0 (`types/fine_tuning`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from app.launch.access import PlatformTrouble, if_there
from app.launch.control import TAG, Control, Found, Parts, Seen, State
from app.launch.render import fill
from app.launch.states import moment, plain_word, state_of

PAGE_SIZE = 100
SHOWN_EVENTS = 40
USED_UP = ("insufficient_quota", "quota_exceeded", "QuotaExceeded")  # codes of a creation that a quota forbids
# OpenAI's states, then those that Azure adds.
STATES: dict[str, State] = {
    "validating_files": "queued", "queued": "queued", "running": "running", "paused": "running", "succeeded": "succeeded",
    "failed": "failed", "cancelled": "cancelled",
    "notRunning": "queued", "pending": "queued", "canceled": "cancelled", "deleted": "cancelled",
}  # fmt: skip
OVER = ("succeeded", "failed", "cancelled")


def filled(template: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """A template with the values of the launch, the files that the user named, and our tags."""
    metadata = {TAG: parts.launch, "lotse": parts.name, "lotse-expires": str(parts.expires)}
    files = {"validation_file": None, **parts.entries}
    found: dict[str, Any] = fill(template, {**parts.values, "name": parts.name, "metadata": metadata, **files})
    return found


class TuningJobs(Control):
    """One fine-tuning job. The tuned model stays; files of the user are never touched."""

    service: ClassVar[str] = ""

    @property
    @abstractmethod
    def base(self) -> str:
        """Address of the interface, up to its version."""

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """What the interface requires."""
        return [f"{name} is missing" for name in ("model", "training_file") if not definition.get(name)]

    def find(self) -> Seen | None:
        """By our tag or the suffix, which carries the name of the launch."""
        return next((seen_of(row) for row in self.rows() if self._ours(row)), None)

    def submit(self) -> Seen:
        """Creates the job."""
        try:
            return seen_of(self.ask("POST", "/fine_tuning/jobs", self.order.definition))
        except PlatformTrouble as trouble:
            if trouble.reason in USED_UP:
                raise PlatformTrouble("over_quota", trouble.reason) from None
            raise

    def status(self, handle: str) -> Seen | None:
        """Its state."""
        row = self.row(handle)
        return seen_of(row) if row else None

    def row(self, handle: str) -> dict[str, Any] | None:
        """The job as the platform shows it; None when it knows none."""
        return if_there(lambda: dict(self.ask("GET", _path(handle))))

    def logs(self, handle: str) -> list[str]:
        """Its latest events, oldest first."""
        found = self.ask("GET", f"{_path(handle)}/events?limit={SHOWN_EVENTS}")
        return [str(event.get("message", "")) for event in reversed(found.get("data", []))]

    def cancel(self, handle: str) -> None:
        """Asks for its end, unless it has ended."""
        seen = self.status(handle)
        if seen and seen.state not in OVER:
            self.ask("POST", f"{_path(handle)}/cancel")

    def teardown(self, handle: str) -> bool:
        """Ends the job; nothing else that was created costs anything."""
        self.cancel(handle)
        seen = self.status(handle)
        return seen is None or seen.state in OVER

    def tagged(self) -> list[Found]:
        """Running jobs with our tag."""
        ours = [(row, (row.get("metadata") or {}).get(TAG)) for row in self.rows()]
        return [Found(handle=row["id"], launch=tag, kind="job") for row, tag in ours if tag and seen_of(row).state not in OVER]  # fmt: skip

    def rows(self) -> Iterator[dict[str, Any]]:
        """All jobs, newest first, page by page."""
        after: dict[str, Any] = {}
        while True:
            answer = self.ask("GET", f"/fine_tuning/jobs?{urlencode({'limit': PAGE_SIZE, **after})}")
            rows = answer.get("data", [])
            yield from rows
            if not rows or not answer.get("has_more"):
                return
            after = {"after": rows[-1]["id"]}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request below the interface's address."""
        return self.access.call(method, f"{self.base}{path}", json=body, service=self.service)

    def _ours(self, row: dict[str, Any]) -> bool:
        suffix = row.get("suffix") or row.get("user_provided_suffix")
        return (row.get("metadata") or {}).get(TAG) == self.order.launch or suffix == self.order.name


def _path(handle: str) -> str:
    return f"/fine_tuning/jobs/{quote(handle, safe='')}"


def seen_of(row: dict[str, Any]) -> Seen:
    """A job as we tell of it; OpenAI gives no time at which the work began."""
    said = plain_word(row.get("status"))
    return Seen(
        handle=row["id"], state=state_of(said, STATES), said=said, ended=moment(row.get("finished_at")),
        result=str(row.get("fine_tuned_model") or "")[:400],
    )  # fmt: skip
