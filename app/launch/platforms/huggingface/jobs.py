"""Hugging Face Jobs over REST: a public image, the pipeline code in the environment, results into a bucket."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from app.launch.access import if_there
from app.launch.control import ENDED, TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.inline import IMAGE, boot_command, environment, too_long
from app.launch.states import moment, plain_word, state_of
from app.locales import N_

BASE = "https://huggingface.co/api/jobs"
STATES: dict[str, State] = {
    "SCHEDULING": "queued", "RUNNING": "running", "COMPLETED": "succeeded", "ERROR": "failed", "CANCELED": "cancelled", "DELETED": "cancelled",
}  # fmt: skip
LIVE = ("SCHEDULING", "RUNNING")


class Control(Base):
    """Jobs of one user or organisation."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of POST /api/jobs/{namespace}."""
        places = {"OUTPUT_DIR": "/results/out", "MODEL_DIR": "/results/model"}
        places |= {"DATA_DIR": "/data"} if parts.entries.get("dataset") else {}
        return {
            "command": boot_command(), "arguments": [], "flavor": parts.spec.machine, "timeoutSeconds": parts.spec.seconds,
            "environment": environment(parts, str(parts.values["train_command"]), **places),
            "labels": {TAG: parts.launch, "lotse": parts.name}, "volumes": _volumes(parts.entries), "dockerImage": IMAGE,
        }  # fmt: skip

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """Variables that are too long."""
        return too_long(definition["environment"])

    def find(self) -> Seen | None:
        """By the label of the launch; looked at here too, since taking another's job for ours would end that one."""
        rows = self._call("GET", f"?label={quote(f'{TAG}={self.order.launch}')}")
        return next((_seen(row) for row in rows if (row.get("labels") or {}).get(TAG) == self.order.launch), None)

    def submit(self) -> Seen:
        """Creates the job."""
        return _seen(self._call("POST", "", self.order.definition))

    def status(self, handle: str) -> Seen | None:
        """The job by its id."""
        return if_there(lambda: _seen(self._call("GET", f"/{handle}")))

    def logs(self, handle: str) -> list[str]:
        """None: the interface sends an endless stream."""
        return []

    def cancel(self, handle: str) -> None:
        """Stops it; one that has ended is left as it is."""
        if (seen := self.status(handle)) and seen.state not in ENDED:
            self._call("POST", f"/{handle}/cancel")

    def teardown(self, handle: str) -> bool:
        """A job that has ended costs nothing; the results in the bucket are the user's."""
        seen = self.status(handle)
        if seen and seen.state not in ENDED:
            self._call("POST", f"/{handle}/cancel")
            return False
        return True

    def quota(self) -> Quota:
        """Not asked: there is no interface for it."""
        return Quota(needed=1, free=None, why=N_("Hugging Face has no interface for what is left of your credit."))

    def tagged(self) -> list[Found]:
        """Jobs with our label that still run."""
        rows = [row for stage in LIVE for row in self._call("GET", f"?stage={stage}")]
        return [Found(handle=row["id"], launch=row["labels"][TAG], kind="job") for row in rows if TAG in (row.get("labels") or {})]  # fmt: skip

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self.access.call(method, f"{BASE}/{self.order.entries['namespace']}{path}", json=body)


def _volumes(entries: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"type": "bucket", "source": entries["result_bucket"], "mountPath": "/results"}]
    if entries.get("dataset"):
        found.append({"type": "dataset", "source": entries["dataset"], "mountPath": "/data", "readOnly": True})
    return found


def _seen(row: dict[str, Any]) -> Seen:
    stage = plain_word(row["status"]["stage"])
    return Seen(
        handle=str(row["id"]), state=state_of(stage, STATES), said=stage,
        started=moment(row.get("startedAt")), ended=moment(row.get("finishedAt")),
    )  # fmt: skip
