"""A cluster's interface: objects of five kinds in namespaces, created once (409 after that), patched, deleted in the foreground.

Forms from the Kubernetes documentation (API concepts, Jobs, Deployments). Deleting an object with pods takes two looks.
"""

from __future__ import annotations

from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

PLURALS = {
    "configmaps": "ConfigMap",
    "services": "Service",
    "jobs": "Job",
    "deployments": "Deployment",
    "networkpolicies": "NetworkPolicy",
}


def answer(cloud: Cloud, call: Call) -> Reply | None:  # noqa: PLR0911 -- one line an address
    """/api/v1/namespaces/{ns}/{plural}[/{name}] and the same below /apis/{group}/{version}."""
    if "/namespaces/" not in call.path:
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return _status(401, "Unauthorized")
    prefix, _, rest = call.path.partition("/namespaces/")
    _, plural, *name = rest.split("/")
    if plural == "resourcequotas":
        return Reply({"items": cloud.things.get("quotas", {}).get("items", [])})
    if plural == "pods":
        return Reply({"items": [{"metadata": {"name": "kit-1"}}]} if not name else "line one\nline two")
    if plural not in PLURALS or not prefix.startswith("/api"):
        return _status(404, "NotFound")
    key = f"{plural}/{name[0]}" if name else ""
    match call.method:
        case "POST":
            return _create(cloud, call.body, plural)
        case "GET" if not name:
            return Reply(
                {
                    "items": [
                        item
                        for found, item in cloud.things.items()
                        if found.startswith(f"{plural}/") and _labelled(item, call)
                    ]
                }
            )
        case _ if key not in cloud.things:
            return _status(404, "NotFound")
        case "GET":
            return Reply(_looked_at(cloud, key))
        case "PATCH" if call.headers["content-type"] == "application/merge-patch+json":
            return _patch(cloud, key, call.body)
        case "DELETE":
            return _delete(cloud, key, plural)
    return _status(415, "UnsupportedMediaType")


def _create(cloud: Cloud, body: Any, plural: str) -> Reply:
    if (
        not isinstance(body, dict)
        or body.get("kind") != PLURALS[plural]
        or set(body) - {"apiVersion", "kind", "metadata", "spec", "data", "binaryData"}
    ):
        return _status(400, "BadRequest")
    key = f"{plural}/{body['metadata']['name']}"
    if key in cloud.things:
        return _status(409, "AlreadyExists")
    cloud.things[key] = {**body, "metadata": {**body["metadata"], "creationTimestamp": "2026-11-28T12:00:00Z"}}
    if plural in ("jobs", "deployments"):
        cloud.add("kubernetes", body["metadata"]["name"], body, body["metadata"]["labels"], job_id=key)
    return Reply(cloud.things[key], 201)


def _looked_at(cloud: Cloud, key: str) -> dict[str, Any]:
    item = cloud.things[key]
    if item.get("deleting"):
        del cloud.things[key]
    job = cloud.jobs.get(key)
    return {
        **{name: value for name, value in item.items() if name != "deleting"},
        "status": _state(cloud.look(job)) if job else {},
    }


def _state(job: Job) -> dict[str, Any]:
    if job.id.startswith("deployments/"):
        return {
            "replicas": int(job.state in ("running", "cancelling")),
            "availableReplicas": int(job.state == "running"),
        }
    if job.state in ("succeeded", "failed"):
        kind = {"succeeded": "Complete", "failed": "Failed"}[job.state]
        return {
            "startTime": "2026-11-28T12:01:00Z",
            "completionTime": "2026-11-28T12:30:00Z",
            "conditions": [{"type": kind, "status": "True"}],
        }
    active = int(job.state in ("running", "cancelling"))
    return {"active": active, "ready": active, "startTime": "2026-11-28T12:01:00Z"}


def _patch(cloud: Cloud, key: str, body: dict[str, Any]) -> Reply:
    cloud.things[key]["spec"] = {**cloud.things[key]["spec"], **body["spec"]}
    cloud.cancel(cloud.jobs[key])
    return Reply(cloud.things[key])


def _delete(cloud: Cloud, key: str, plural: str) -> Reply:
    if plural in ("jobs", "deployments"):
        cloud.things[key]["deleting"] = True
        if cloud.jobs[key].state in ("queued", "running", "cancelling"):
            cloud.jobs[key].state = "cancelled"
    else:
        del cloud.things[key]
    return Reply({"kind": "Status", "status": "Success"})


def _labelled(item: dict[str, Any], call: Call) -> bool:
    name, _, value = call.one("labelSelector").partition("=")
    labels = item["metadata"]["labels"]
    return name in labels and (not value or labels[name] == value)


def _status(code: int, reason: str) -> Reply:
    return Reply(
        {"kind": "Status", "status": "Failure", "reason": reason, "code": code, "message": "canary text"}, code
    )
