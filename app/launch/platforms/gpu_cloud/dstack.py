"""dstack over the interface of its server: one task per launch.

A run of the same name that has ended would be replaced without a question, so nothing is applied before `find` gave None.
Source: src/dstack/_internal/server/routers/runs.py, schemas/runs.py and services/runs of the repository, 21 August 2026.
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from typing import Any

from app.launch.access import PlatformTrouble
from app.launch.control import ENDED, TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.gpu_cloud.pieces import filled, results, too_long, variables
from app.launch.states import moment, plain_word, state_of

BASE = "https://dstack"  # always replaced by the operator's own server
PAGE = 100  # the most that the server lists at once
STATES: dict[str, State] = {  # src/dstack/_internal/core/models/runs.py: RunStatus
    "pending": "queued", "submitted": "queued", "provisioning": "queued", "running": "running", "terminating": "cancelling",
    "terminated": "cancelled", "failed": "failed", "done": "succeeded",
}  # fmt: skip
ENDING: dict[str, State] = {"all_jobs_done": "running", "job_failed": "running"}  # while it terminates by itself


class Control(Base):
    """Runs of one project."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The run as get_plan and apply take it."""
        volume, region, image = (parts.entries.get(name) for name in ("volume", "region", "image"))
        found = variables(parts, str(parts.values["train_command"])) | (results(parts) if volume else {})
        return filled(
            "dstack.json", parts, variables=found, image=image, python=None if image else "3.12",
            volumes=[{"name": volume, "path": "/volume"}] if volume else None, regions=[region] if region else None,
        )  # fmt: skip

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """Variables that are too long; the rest is checked by the server's own schema."""
        return too_long(definition["configuration"]["env"])

    def find(self) -> Seen | None:
        """By the name of the run."""
        return self.status(self.order.name)

    def submit(self) -> Seen:
        """Applies the plan of a run that does not exist yet; the server refuses it where one of the name is active."""
        plan = {"run_spec": self.order.definition, "current_resource": None}
        return _seen(self._call("runs/apply", {"plan": plan, "force": False}))

    def status(self, handle: str) -> Seen | None:
        """The run by name."""
        run = self._run(handle)
        return _seen(run) if run else None

    def logs(self, handle: str) -> list[str]:
        """The last lines of the newest try."""
        latest = (self._run(handle) or {}).get("latest_job_submission")
        if not latest:
            return []
        wanted = {"run_name": handle, "job_submission_id": latest["id"], "descending": True, "limit": 40}
        found = self._call("logs/poll", wanted)["logs"]
        return [b64decode(line["message"]).decode("utf-8", "replace").rstrip() for line in reversed(found)]

    def cancel(self, handle: str) -> None:
        """Stops the run; the server passes over one that has ended."""
        self._call("runs/stop", {"runs_names": [handle], "abort": False})

    def teardown(self, handle: str) -> bool:
        """Stops the run, and deletes it once it has ended; True when the server no longer knows it."""
        run = self._run(handle)
        if not run:
            return True
        if run["status"] not in ("terminated", "failed", "done"):
            self.cancel(handle)
            return False
        self._call("runs/delete", {"runs_names": [handle]})
        return self._run(handle) is None

    def quota(self) -> Quota:
        """Offers below the price cap, in machines."""
        plan = self._call("runs/get_plan", {"run_spec": self.order.definition, "max_offers": 20})
        offers = [offer for job in plan["job_plans"] for offer in job["offers"]]
        free = [offer for offer in offers if offer["availability"] in ("available", "idle", "unknown")]
        return Quota(needed=1, free=len(free))

    def tagged(self) -> list[Found]:
        """Runs of the project that have not ended and carry our tag."""
        found: list[dict[str, Any]] = []
        page = self._page({})
        while page:
            found += page
            last = page[-1]
            page = (
                self._page({"prev_submitted_at": last["submitted_at"], "prev_run_id": last["id"]})
                if len(page) == PAGE
                else []
            )
        rows = [(run["run_spec"]["run_name"], run["run_spec"]["configuration"].get("tags") or {}) for run in found]
        return [Found(handle=name, launch=tags[TAG], kind="run") for name, tags in rows if TAG in tags]

    def _page(self, after: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = {
            "project_name": self.order.entries["project"],
            "only_active": True,
            "include_jobs": False,
            "limit": PAGE,
        }
        page: list[dict[str, Any]] = self.access.call("POST", f"{BASE}/api/runs/list", json=wanted | after)
        return page

    def _run(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._call("runs/get", {"run_name": name})
        except PlatformTrouble as trouble:
            if trouble.reason == "resource_not_exists":
                return None
            raise
        return found

    def _call(self, path: str, body: dict[str, Any]) -> Any:
        """Every address takes POST, so what only reads may be asked for again after a lost answer."""
        try:
            return self.access.call("POST", f"{BASE}/api/project/{self.order.entries['project']}/{path}", json=body)
        except PlatformTrouble as trouble:
            reads = path in ("runs/get", "runs/get_plan", "logs/poll")
            raise PlatformTrouble("busy", trouble.reason) if reads and trouble.kind == "lost" else trouble from None


def _seen(run: dict[str, Any]) -> Seen:
    said, latest = plain_word(run["status"]), run.get("latest_job_submission") or {}
    state = state_of(said, STATES)
    if said == "terminating":
        state = ENDING.get(str(run.get("termination_reason")), state)
    return Seen(
        handle=run["run_spec"]["run_name"], state=state, said=said, started=None if state == "queued" else moment(run["submitted_at"]),
        ended=moment(latest.get("finished_at")) if state in ENDED else None, cost=Decimal(str(run.get("cost") or 0)).quantize(Decimal("0.0001")), currency="USD",
    )  # fmt: skip
