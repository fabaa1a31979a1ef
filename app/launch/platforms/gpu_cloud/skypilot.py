"""SkyPilot over the plain interface of its API server: one cluster per launch, with one job on it.

Most addresses start a request and name it in a header; its outcome is asked for afterwards. Only those fields of an outcome are read
that are JSON: others hold pickled objects, which must never be opened. Source: sky/server/server.py and sky/server/requests of 0.14.1.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from app.launch.access import PlatformTrouble
from app.launch.control import TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.gpu_cloud.pieces import filled, results, too_long, variables
from app.launch.render import dumped
from app.launch.states import moment, plain_word, state_of
from app.locales import N_

BASE = "https://skypilot"  # always replaced by the operator's own server
REQUEST_HEADER = "X-Skypilot-Request-ID"
# Who asks, where the server knows no users of its own; a server with users puts the owner of the token here. Eight hex digits.
USER = {"SKYPILOT_USER_ID": "10e5ec01", "SKYPILOT_USER": "lotse"}
ACTIVE = ("PENDING", "WAITING", "RUNNING")  # sky/server/requests/requests.py: RequestStatus
JOBS: dict[str, State] = {  # sky/skylet/job_lib.py: JobStatus
    "INIT": "queued", "PENDING": "queued", "SETTING_UP": "running", "RUNNING": "running", "SUCCEEDED": "succeeded",
    "FAILED": "failed", "FAILED_SETUP": "failed", "FAILED_DRIVER": "failed", "CANCELLED": "cancelled",
}  # fmt: skip
BEFORE: dict[str, State] = {  # of the request that launches, and of the cluster (sky/utils/status_lib.py) before it has a job
    "PENDING": "queued", "WAITING": "queued", "RUNNING": "queued", "INIT": "queued", "UP": "queued",
    "FAILED": "failed", "CANCELLED": "cancelled",
}  # fmt: skip


class Control(Base):
    """Clusters of one SkyPilot server."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of POST /launch; the task is JSON as text, which is YAML too."""
        bucket = parts.entries.get("bucket")
        found = variables(parts, str(parts.values["train_command"])) | (results(parts) if bucket else {})
        return launch(parts, found, gpus=parts.values["accelerators"], cpus=None, memory=None)

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """Variables that are too long; the rest is checked by the server's own schema."""
        return too_long(json.loads(definition["task"])["envs"])

    def find(self) -> Seen | None:
        """By the name of the cluster."""
        return self.status(self.order.name)

    def submit(self) -> Seen:
        """Asks for the cluster and the job; the server goes on by itself."""
        self._post("/launch", self.order.definition)
        return Seen(handle=self.order.name, state="queued", said="PENDING")

    def status(self, handle: str) -> Seen | None:
        """The job where the cluster stands, else the request that launches it."""
        launch, cluster = self._launch(handle), self._cluster(handle)
        if (
            cluster
            and cluster["status"] == "UP"
            and (jobs := self._outcome("/queue", {"cluster_name": handle, "all_users": True}))
        ):
            return _seen_job(handle, max(jobs, key=lambda job: int(job["job_id"])))
        if not cluster and (not launch or launch["status"] == "SUCCEEDED"):
            return None
        return _seen_launch(handle, cluster, launch)

    def logs(self, handle: str) -> list[str]:
        """The last lines of the job, once the cluster stands."""
        if (self._cluster(handle) or {}).get("status") != "UP":
            return []
        wanted = {"cluster_name": handle, "job_id": None, "follow": False, "tail": 40}
        return str(self.access.call("POST", f"{BASE}/logs", json=wanted | {"env_vars": USER})).splitlines()[-40:]

    def cancel(self, handle: str) -> None:
        """Cancels the launch while it goes on, and the job once there is one."""
        launch = self._launch(handle)
        if launch and launch["status"] in ACTIVE:
            self._post("/api/cancel", {"request_ids": [launch["request_id"]]})
        if (self._cluster(handle) or {}).get("status") == "UP":
            self._post("/cancel", {"cluster_name": handle, "job_ids": None, "all": True})

    def teardown(self, handle: str) -> bool:
        """Takes the cluster down; True once the server knows no cluster and no launch of it that goes on."""
        launch, cluster = self._launch(handle), self._cluster(handle)
        active = launch is not None and launch["status"] in ACTIVE
        if launch and active:
            self._post("/api/cancel", {"request_ids": [launch["request_id"]]})
        if cluster:
            self._post("/down", {"cluster_name": handle})
        return not cluster and not active

    def quota(self) -> Quota:
        """Not asked: SkyPilot tries one cloud after the other."""
        return Quota(
            needed=1,
            free=None,
            why=N_("SkyPilot has no interface for free capacity; it tries every cloud it is signed in to."),
        )

    def tagged(self) -> list[Found]:
        """Clusters with our label."""
        rows = self._clusters(None)
        return [
            Found(handle=row["name"], launch=row["labels"][TAG], kind="cluster")
            for row in rows
            if TAG in (row.get("labels") or {})
        ]

    def _cluster(self, name: str) -> dict[str, Any] | None:
        return next((row for row in self._clusters([name]) if row["name"] == name), None)

    def _clusters(self, names: list[str] | None) -> list[dict[str, Any]]:
        wanted = {"cluster_names": names, "all_users": True, "include_credentials": False, "include_handle": False}
        found: list[dict[str, Any]] = self._outcome("/status", wanted) or []
        return found

    def _launch(self, name: str) -> dict[str, Any] | None:
        """The newest request that launches this cluster."""
        rows = self.access.call("GET", f"{BASE}/api/status?cluster_name={quote(name)}&all_status=true")
        launches = [row for row in rows if row["name"] == "sky.launch" and row["cluster_name"] == name]
        return max(launches, key=lambda row: float(row["created_at"]), default=None)

    def _post(self, path: str, body: dict[str, Any]) -> str:
        """Starts a request; returns its id."""
        answer = self.access.reply("POST", f"{BASE}{path}", json={**body, "env_vars": USER})
        return str(answer.headers.get(REQUEST_HEADER, ""))

    def _outcome(self, path: str, body: dict[str, Any]) -> Any:
        """Starts a request that only reads, and waits for what it returns."""
        try:
            found = self.access.call("GET", f"{BASE}/api/get?request_id={self._post(path, body)}")
        except PlatformTrouble as trouble:
            raise PlatformTrouble("busy", trouble.reason) if trouble.kind == "lost" else trouble from None
        return json.loads(found["return_value"])


def launch(parts: Parts, variables: dict[str, str], **machine: Any) -> dict[str, Any]:
    """The body of POST /launch for a task with these variables; the user's bucket is mounted at /volume."""
    bucket = parts.entries.get("bucket")
    mounts = {"/volume": {"source": bucket, "mode": "MOUNT_CACHED"}} if bucket else None
    task = filled(
        "skypilot.json", parts, variables=variables, mounts=mounts, infra=parts.entries.get("infra"), **machine
    )
    return {"task": dumped("task.json", task), "cluster_name": parts.name, "env_vars": USER}


def _seen_job(handle: str, job: dict[str, Any]) -> Seen:
    said = plain_word(job["status"])
    return Seen(
        handle=handle,
        state=state_of(said, JOBS),
        said=said,
        started=moment(job["start_at"]),
        ended=moment(job["end_at"]),
    )


def _seen_launch(handle: str, cluster: dict[str, Any] | None, launch: dict[str, Any] | None) -> Seen:
    """Before there is a job: by the request that launches, after it by the cluster."""
    request = launch["status"] if launch else "SUCCEEDED"
    said = plain_word(cluster["status"] if cluster and request == "SUCCEEDED" else request)
    return Seen(handle=handle, state=state_of(said, BEFORE), said=said)
