"""A cluster over its own interface: a config map with the code, and a job, or a deployment with its service and network policy."""

from __future__ import annotations

import json
from typing import Any

from app.launch.access import PlatformTrouble, if_there
from app.launch.control import TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.kubernetes.manifests import GPU, KINDS, items
from app.launch.states import moment
from app.locales import N_

PATCH = {"Content-Type": "application/merge-patch+json"}
MAIN = ("Job", "Deployment")


class Control(Base):
    """The objects of one launch in one namespace."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """All objects as a list, in the order in which they are created."""
        return {"apiVersion": "v1", "kind": "List", "items": items(parts)}

    @property
    def main(self) -> dict[str, Any]:
        """The job or the deployment."""
        return next(item for item in self.order.definition["items"] if item["kind"] in MAIN)

    def find(self) -> Seen | None:
        """The job or deployment by name."""
        found = self._get(self.main)
        return _seen(found) if found else None

    def submit(self) -> Seen:
        """Creates every object; those that exist already are the ones of an interrupted try."""
        for item in self.order.definition["items"]:
            try:
                self._call("POST", item, body=item)
            except PlatformTrouble as trouble:
                if trouble.reason != "AlreadyExists":
                    raise
        found = self._get(self.main)
        if found is None:
            raise PlatformTrouble("lost", "not there")
        return _seen(found)

    def status(self, handle: str) -> Seen | None:
        """The job or deployment by name."""
        return self.find()

    def logs(self, handle: str) -> list[str]:
        """The last lines of the newest pod."""
        path = f"/api/v1/namespaces/{self.order.entries['namespace']}/pods"
        pods = self.access.call("GET", f"https://cluster{path}?labelSelector={TAG}%3D{self.order.launch}")["items"]
        if not pods:
            return []
        text = self.access.call("GET", f"https://cluster{path}/{pods[-1]['metadata']['name']}/log?tailLines=40")
        return str(text).splitlines()

    def cancel(self, handle: str) -> None:
        """Suspends the job, or takes the deployment to no replica: the objects stay until teardown."""
        spec = {"suspend": True} if self.main["kind"] == "Job" else {"replicas": 0}
        if self._get(self.main):
            self._call("PATCH", self.main, self.main["metadata"]["name"], {"spec": spec}, PATCH)

    def teardown(self, handle: str) -> bool:
        """Deletes every object with what belongs to it; True when none is left."""
        standing = [item for item in self.order.definition["items"] if self._get(item)]
        for item in standing:
            self._delete(item)
        return not any(self._get(item) for item in standing)

    def quota(self) -> Quota:
        """GPUs left in the quotas of the namespace; without one it cannot be told."""
        path = f"https://cluster/api/v1/namespaces/{self.order.entries['namespace']}/resourcequotas"
        key, needed = f"requests.{GPU}", float(_gpus(self.main))
        rows = [
            row["status"]
            for row in self.access.call("GET", path)["items"]
            if key in row.get("status", {}).get("hard", {})
        ]
        free = [float(row["hard"][key]) - float(row.get("used", {}).get(key, 0)) for row in rows]
        return Quota(
            needed=needed, free=min(free, default=None), why="" if free else N_("The namespace has no quota for GPUs.")
        )

    def tagged(self) -> list[Found]:
        """Everything with our label in the namespace."""
        found = []
        for kind in KINDS:
            rows = self._call("GET", {"kind": kind}, f"?labelSelector={TAG}")["items"]
            found += [
                Found(handle=row["metadata"]["name"], launch=row["metadata"]["labels"][TAG], kind=kind) for row in rows
            ]
        return found

    def _get(self, item: dict[str, Any]) -> dict[str, Any] | None:
        return if_there(lambda: dict(self._call("GET", item, item["metadata"]["name"])))

    def _delete(self, item: dict[str, Any]) -> None:
        try:
            self._call(
                "DELETE",
                item,
                item["metadata"]["name"],
                {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"},
            )
        except PlatformTrouble as trouble:
            if trouble.kind != "absent":
                raise

    def _call(self, method: str, item: dict[str, Any], tail: str = "", body: Any = None, headers: dict[str, str] | None = None) -> Any:  # fmt: skip
        group, plural = KINDS[item["kind"]]
        path = f"https://cluster{group}/namespaces/{self.order.entries['namespace']}/{plural}"
        content = json.dumps(body).encode() if body is not None else None
        sent = headers or ({"Content-Type": "application/json"} if body is not None else {})
        return self.access.call(
            method, f"{path}{tail if tail.startswith('?') or not tail else '/' + tail}", content=content, headers=sent
        )


def _gpus(main: dict[str, Any]) -> int:
    containers = main["spec"]["template"]["spec"]["containers"]
    return int(containers[0]["resources"]["limits"].get(GPU, 0))


def _seen(found: dict[str, Any]) -> Seen:
    status, name = found.get("status", {}), found["metadata"]["name"]
    state, said = _job(found) if found["kind"] == "Job" else _deployment(found)
    started = moment(status.get("startTime")) or (
        moment(found["metadata"].get("creationTimestamp")) if state == "running" else None
    )
    return Seen(handle=name, state=state, said=said, started=started, ended=moment(status.get("completionTime")))


def _job(found: dict[str, Any]) -> tuple[State, str]:
    status = found.get("status", {})
    conditions = {row["type"] for row in status.get("conditions", []) if row.get("status") == "True"}
    if "Complete" in conditions:
        return "succeeded", "Complete"
    if "Failed" in conditions:
        return "failed", "Failed"
    if found["spec"].get("suspend"):
        return ("cancelling", "Suspending") if status.get("active") else ("cancelled", "Suspended")
    return ("running", "Active") if status.get("active") and status.get("ready", 1) else ("queued", "Pending")


def _deployment(found: dict[str, Any]) -> tuple[State, str]:
    status = found.get("status", {})
    if found["spec"].get("replicas") == 0:
        return ("cancelling", "Scaling down") if status.get("replicas") else ("cancelled", "Scaled to zero")
    return ("running", "Available") if status.get("availableReplicas") else ("queued", "Progressing")
