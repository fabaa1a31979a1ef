"""SkyPilot's API server, by sky/server/server.py, sky/server/requests/payloads.py and sky/utils/schemas.py of version 0.14.1.

Every address but /api/get, /api/status and /logs starts a request, answers null and names the request in a header. What a request
returns is JSON inside JSON; the fields that hold pickles there hold a text here that breaks whoever opens it.
"""

from __future__ import annotations

import json
import time
from typing import Any

import yaml

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

PICKLED = "gASVCg=="  # the beginning of a pickle: opening it fails
BODIES: dict[str, dict[str, type | tuple[type, ...]]] = {  # path -> fields and types; all but those in OPTIONAL are required
    "/launch": {"task": str, "cluster_name": str}, "/status": {"cluster_names": (list, type(None)), "all_users": bool, "include_credentials": bool, "include_handle": bool},
    "/queue": {"cluster_name": str, "all_users": bool}, "/cancel": {"cluster_name": str, "job_ids": (list, type(None)), "all": bool},
    "/down": {"cluster_name": str}, "/api/cancel": {"request_ids": list}, "/logs": {"cluster_name": str, "job_id": (int, type(None)), "follow": bool, "tail": int},
}  # fmt: skip
OPTIONAL = {"cluster_names", "all_users", "include_credentials", "include_handle", "all", "follow", "tail"}
TASK = {"name", "resources", "file_mounts", "envs", "setup", "run", "num_nodes", "workdir", "secrets"}
RESOURCES = {"infra", "accelerators", "cpus", "memory", "disk_size", "use_spot", "max_hourly_cost", "autostop", "labels", "image_id", "ports"}  # fmt: skip
JOBS = {
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "cancelling": "RUNNING",
    "cancelled": "CANCELLED",
}


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """The addresses of BODIES, GET /api/get and GET /api/status."""
    if call.path not in (*BODIES, "/api/get", "/api/status"):
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return Reply({"detail": "Authentication required"}, 401)
    if call.method == "GET":
        return _get(cloud, call.one("request_id")) if call.path == "/api/get" else _requests(cloud, call)
    if wrong := _wrong(call.path, call.body):
        return Reply({"detail": [{"type": "missing", "loc": ["body"], "msg": wrong, "input": call.body}]}, 422)
    if call.path == "/logs":
        return Reply(b"(lotse, pid=1) line one\n(lotse, pid=1) line two\n", headers={"Content-Type": "text/plain"})
    request = _started(cloud, call.path, call.body)
    return Reply(None, headers={"X-Skypilot-Request-ID": request["request_id"]})


def _wrong(path: str, body: Any) -> str:
    """What pydantic would refuse; unknown fields pass there, here they do not."""
    fields = BODIES[path]
    if not isinstance(body, dict) or set(body) - set(fields) - {"env_vars"} or set(fields) - OPTIONAL - set(body):
        return "fields"
    if any(not isinstance(body[name], kind) for name, kind in fields.items() if name in body):
        return "types"
    users = {"SKYPILOT_USER_ID", "SKYPILOT_USER"} <= set(body.get("env_vars", {}))
    return "" if users else "env_vars"  # the real server answers 500 without them, where it knows no users


def _started(cloud: Cloud, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A request, done at once, with what it returns or what went wrong."""
    request = {
        "request_id": cloud.new_id("request-"), "name": f"sky.{path.strip('/').replace('/', '_')}", "status": "SUCCEEDED",
        "cluster_name": body.get("cluster_name"), "created_at": time.time(), "value": None, "error": None,
    }  # fmt: skip
    requests(cloud)[request["request_id"]] = request
    try:
        request["value"] = {
            "/launch": _launch, "/status": _status, "/queue": _queue, "/cancel": _cancel, "/down": _down, "/api/cancel": _api_cancel,
        }[path](cloud, body, request)  # fmt: skip
    except ValueError as error:
        request |= {"status": "FAILED", "error": {"type": str(error), "message": str(error), "object": PICKLED}}
    return request


def requests(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """The requests of this server so far."""
    found: dict[str, dict[str, Any]] = cloud.__dict__.setdefault("skypilot_requests", {})
    return found


def _launch(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> None:
    """A cluster, and one more job where the name is known: a second launch runs the task a second time."""
    task = yaml.load(body["task"], Loader=yaml.CSafeLoader)
    if problem := _task_problem(task):
        raise ValueError(problem)
    labels = task["resources"].get("labels", {})
    job = cloud.add("skypilot", body["cluster_name"], body, labels)
    cloud.things[f"cluster {body['cluster_name']}"] = {"labels": labels}
    request |= {"status": "RUNNING", "job": job.id}


def _task_problem(task: Any) -> str:
    if not isinstance(task, dict) or set(task) - TASK or set(task["resources"]) - RESOURCES:
        return "InvalidSkyPilotConfigError"
    resources, mounts = task["resources"], task.get("file_mounts", {})
    numbers = isinstance(resources.get("max_hourly_cost", 1), int | float) and isinstance(
        resources.get("disk_size", 1), int
    )
    texts = all(isinstance(value, str) for value in (*task["envs"].values(), *resources.get("labels", {}).values()))
    modes = all(mount["mode"] in ("MOUNT", "COPY", "MOUNT_CACHED") for mount in mounts.values())
    return "" if numbers and texts and modes and resources["autostop"]["down"] is True else "ValueError"


def _status(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> list[dict[str, Any]]:
    names = body.get("cluster_names")
    standing = [thing.removeprefix("cluster ") for thing in cloud.things if thing.startswith("cluster ")]
    return [_cluster(cloud, name) for name in standing if names is None or name in names]


def _cluster(cloud: Cloud, name: str) -> dict[str, Any]:
    thing = cloud.things[f"cluster {name}"]
    job = _jobs(cloud, name)[-1]
    up = cloud.look(job).state != "queued" and job.started is not None
    return {
        "name": name,
        "status": "UP" if up else "INIT",
        "labels": thing["labels"],
        "handle": PICKLED,
        "storage_mounts_metadata": PICKLED,
    }


def _jobs(cloud: Cloud, name: str) -> list[Job]:
    return cloud.named("skypilot", name)


def _standing(cloud: Cloud, body: dict[str, Any]) -> list[Job]:
    if f"cluster {body['cluster_name']}" not in cloud.things:
        raise ValueError("ClusterDoesNotExist")
    return _jobs(cloud, body["cluster_name"])


def _queue(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = _standing(cloud, body)
    if jobs[-1].started is None:
        raise ValueError("ClusterNotUpError")
    rows = [
        {
            "job_id": number,
            "job_name": job.name,
            "status": JOBS.get(job.state, "PENDING"),
            "start_at": job.started,
            "end_at": job.ended,
        }
        for number, job in enumerate(jobs, 1)
    ]
    return rows[::-1]  # the newest first


def _cancel(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> None:
    for job in _standing(cloud, body):
        cloud.cancel(job)


def _down(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> None:
    for job in _standing(cloud, body):
        job.state = job.state if job.state in ("succeeded", "failed") else "cancelled"
    del cloud.things[f"cluster {body['cluster_name']}"]


def _api_cancel(cloud: Cloud, body: dict[str, Any], request: dict[str, Any]) -> list[str]:
    found = [requests(cloud)[number] for number in body["request_ids"] if number in requests(cloud)]
    for other in found:
        if _request_status(cloud, other) == "RUNNING":
            other["status"] = "CANCELLED"
            cloud.jobs[other["job"]].state = "cancelled"
    return [other["request_id"] for other in found]


def _request_status(cloud: Cloud, request: dict[str, Any]) -> str:
    """A launch is done once its cluster is up."""
    if request["status"] == "RUNNING" and cloud.jobs[request["job"]].started is not None:
        request["status"] = "SUCCEEDED"
    return str(request["status"])


def _get(cloud: Cloud, number: str) -> Reply:
    request = requests(cloud).get(number)
    if request is None:
        return Reply({"detail": f"Request {number!r} not found"}, 404)
    payload = _payload(cloud, request) | {
        "return_value": json.dumps(request["value"]),
        "error": json.dumps(request["error"]),
    }
    return Reply({"detail": payload}, 500) if request["error"] else Reply(payload)


def _requests(cloud: Cloud, call: Call) -> Reply:
    rows = [row for row in requests(cloud).values() if call.one("cluster_name") in ("", row["cluster_name"])]
    shown = [_payload(cloud, row) for row in rows]
    return Reply([row for row in shown if call.one("all_status") == "true" or row["status"] == "RUNNING"][::-1])


def _payload(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    return {
        "request_id": request["request_id"], "name": request["name"], "entrypoint": PICKLED, "request_body": PICKLED,
        "status": _request_status(cloud, request), "created_at": request["created_at"], "cluster_name": request["cluster_name"],
        "return_value": "null", "error": "null", "user_id": "10e5ec01", "schedule_type": "short", "pid": None,
    }  # fmt: skip
