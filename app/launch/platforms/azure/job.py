"""A command job in Azure Machine Learning on serverless compute; the code is fetched by its SHA-256."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from app.launch.access import PlatformTrouble
from app.launch.control import TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.azure.adapter import FETCH
from app.launch.platforms.azure.calls import LEARNING, Manager, template, workspace
from app.launch.render import fill
from app.launch.states import plain_word, state_of
from app.locales import N_

IMAGE = "docker.io/library/python:3.12-slim"
USED_UP = ("QuotaExceeded", "InsufficientQuota")
# JobStatus in the public schema of Microsoft.MachineLearningServices.
STATES: dict[str, State] = {
    "NotStarted": "queued", "Starting": "queued", "Provisioning": "queued", "Preparing": "queued", "Queued": "queued",
    "Scheduled": "queued", "Running": "running", "Finalizing": "running", "CancelRequested": "cancelling",
    "Completed": "succeeded", "Failed": "failed", "Canceled": "cancelled",
}  # fmt: skip
OVER = ("succeeded", "failed", "cancelled")


class Control(Base):
    """One job in a workspace; its name there is the launch's name."""

    needs_bundle_url = True

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The environment and the job, each as the body of its request."""
        found: dict[str, Any] = fill(template("job.json"), {**parts.values, **_values(parts)})
        return found

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """What the interface requires."""
        job = definition.get("job", {}).get("properties", {})
        missing = [f"{name} is missing" for name in ("command", "environmentId", "jobType") if not job.get(name)]
        return missing + ([] if job.get("resources", {}).get("instanceType") else ["instanceType is missing"])

    def find(self) -> Seen | None:
        """By its name, which is ours."""
        return self.status(self.order.name)

    def submit(self) -> Seen:
        """Registers the image once, then creates the job; both may be repeated."""
        try:
            self._prepare()
            return _seen(self._manager.ask("PUT", self._job(self.order.name), self.order.definition["job"]))
        except PlatformTrouble as trouble:
            if trouble.reason in USED_UP:
                raise PlatformTrouble("over_quota", trouble.reason) from None
            raise

    def status(self, handle: str) -> Seen | None:
        """Its state."""
        row = self._manager.row(self._job(handle))
        return _seen(row) if row else None

    def logs(self, handle: str) -> list[str]:
        """Empty: Resource Manager gives none; the studio shows them."""
        return []

    def cancel(self, handle: str) -> None:
        """Asks for its end, unless it ends or has ended."""
        seen = self.status(handle)
        if seen and seen.state not in (*OVER, "cancelling"):
            self._manager.ask("POST", f"{self._job(handle)}/cancel")

    def teardown(self, handle: str) -> bool:
        """Ends the job: serverless compute goes with it. The job's record and its outputs stay."""
        self.cancel(handle)
        seen = self.status(handle)
        return seen is None or seen.state in OVER

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("The quota of the workspace is not asked; see Quota in Azure Machine Learning studio."))  # fmt: skip

    def tagged(self) -> list[Found]:
        """Running jobs with our tag."""
        rows = [(row["name"], row["properties"]) for row in self._manager.rows(f"{self._workspace}/jobs")]
        return [Found(handle=name, launch=job["tags"][TAG], kind="job") for name, job in rows if TAG in (job.get("tags") or {}) and _state(job) not in OVER]  # fmt: skip

    def _prepare(self) -> None:
        environment = self.order.definition["environment"]
        path = f"{self._workspace}/environments/{environment['name']}/versions/1"
        if self._manager.row(path) is None:
            self._manager.ask("PUT", path, {"properties": environment["properties"]})

    @property
    def _manager(self) -> Manager:
        return Manager(self.access, LEARNING)

    @property
    def _workspace(self) -> str:
        return workspace(self.order.entries)

    def _job(self, name: str) -> str:
        return f"{self._workspace}/jobs/{name}"


def _values(parts: Parts) -> dict[str, Any]:
    entries, image = parts.entries, parts.entries.get("image") or IMAGE
    environment = f"lotse-{sha256(image.encode()).hexdigest()[:12]}"  # one for each image: a version never changes
    return {
        "name": parts.name, "image": image, "environment": environment, "command": _command(parts),
        "environment_id": f"{workspace(entries)}/environments/{environment}/versions/1", "inputs": _inputs(entries),
        "kit_config": json.dumps(parts.config, separators=(",", ":")), "timeout": f"PT{parts.spec.seconds // 60}M",
        "instance": entries.get("instance") or parts.values["machine"],
        "tags": {TAG: parts.launch, "lotse": parts.name, "lotse-expires": str(parts.expires)},
    }  # fmt: skip


def _inputs(entries: dict[str, str]) -> dict[str, Any] | None:
    """Where the data lie; None for a trial run on the kit's examples."""
    place = entries.get("data")
    return {"data": {"jobInputType": "uri_folder", "uri": place, "mode": "ReadOnlyMount"}} if place else None


def _command(parts: Parts) -> str:
    """Fetches the code, checks it, installs its packages and runs it."""
    fetch = FETCH.format(url=parts.bundle_url, digest=parts.bundle_sha256, file="kit.zip", mode="wb")
    start = f'python -c "{fetch}" && python -m zipfile -e kit.zip . && pip install -r requirements.txt'
    data = " && export DATA_DIR=${{inputs.data}}" if parts.entries.get("data") else ""
    return f"{start}{data} && {parts.values['train_command']}"


def _state(job: dict[str, Any]) -> State:
    return state_of(plain_word(job.get("status")), STATES)


def _seen(row: dict[str, Any]) -> Seen:
    job = row["properties"]
    return Seen(handle=row["name"], state=_state(job), said=plain_word(job.get("status")))
