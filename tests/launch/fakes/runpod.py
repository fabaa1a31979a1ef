"""RunPod's interface version 2, by its OpenAPI description of 20 August 2026 (repository runpod/docs): pods that go on costing until deleted.

What really happens inside a pod is played by the script: after "succeeded" the pod has renamed and stopped itself, as our program does.
"""

from __future__ import annotations

from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

FIELDS = {"name": str, "image": str, "args": str, "disk": int, "env": dict, "ports": list, "cloud": str, "gpu": dict, "cpu": dict, "mounts": dict, "dataCenterIds": list, "registry": str}  # fmt: skip
GPUS = {"NVIDIA L4", "NVIDIA L40S", "NVIDIA A100-SXM4-80GB", "NVIDIA H100 80GB HBM3", "NVIDIA H200"}
STATUS = {
    "queued": "PROVISIONING",
    "running": "RUNNING",
    "succeeded": "EXITED",
    "failed": "EXITED",
    "cancelling": "RUNNING",
    "cancelled": "EXITED",
}
ENDINGS = {"succeeded": "-done", "failed": "-failed"}


def answer(cloud: Cloud, call: Call) -> Reply | None:  # noqa: PLR0911 -- one line an address
    """POST and GET /v2/pods, GET and DELETE /v2/pods/{id}, POST /v2/pods/{id}/action."""
    if not call.path.startswith("/v2/pods"):
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return Reply({"title": "Unauthorized", "status": 401, "detail": "no key"}, 401)
    rest = [part for part in call.path.removeprefix("/v2/pods").split("/") if part]
    match [call.method, *rest]:
        case ["POST"]:
            if wrong := _wrong(call.body):
                return Reply({"title": "Unprocessable", "status": 422, "detail": wrong}, 422)
            job = cloud.add(
                "runpod", call.body["name"], call.body, {"lotse-launch": call.body["env"].get("LOTSE_LAUNCH", "")}
            )
            cloud.things[f"pod {job.id}"] = {}
            return Reply(_pod(job), 201)
        case ["GET"]:
            return Reply({"pods": [_pod(job) for job in cloud.jobs.values() if f"pod {job.id}" in cloud.things]})
        case ["GET", number] if f"pod {number}" in cloud.things:
            return Reply(_pod(cloud.look(cloud.jobs[number])))
        case ["POST", number, "action"] if f"pod {number}" in cloud.things and call.body in (
            {"action": "stop"},
            {"action": "terminate"},
        ):
            cloud.cancel(cloud.jobs[number])
            return Reply(_pod(cloud.jobs[number]))
        case ["DELETE", number] if f"pod {number}" in cloud.things:
            del cloud.things[f"pod {number}"]
            cloud.jobs[number].state = "cancelled" if cloud.jobs[number].state in ("queued", "running", "cancelling") else cloud.jobs[number].state  # fmt: skip
            return Reply("", 204)
    return Reply({"title": "Not Found", "status": 404, "detail": "pod not found"}, 404)


def _wrong(body: Any) -> str:
    if not isinstance(body, dict) or set(body) - set(FIELDS) or not {"name", "image"} <= set(body):
        return "unknown or missing fields"
    if any(not isinstance(value, FIELDS[name]) for name, value in body.items()):
        return "wrong types"
    if (
        ("gpu" in body) == ("cpu" in body)
        or body.get("gpu", {}).get("id") not in GPUS
        or body["gpu"].get("count", 1) < 1
    ):
        return "exactly one of gpu and cpu"
    network = body.get("mounts", {}).get("network", [])
    mounts = set(body.get("mounts", {})) <= {"network", "persistent"} and len(network) <= 1
    fits = all(set(item) == {"volumeId", "path"} for item in network) and len(body.get("env", {})) <= 50
    return (
        ""
        if mounts and fits and all(isinstance(value, str) for value in body.get("env", {}).values())
        else "mounts or env"
    )


def _pod(job: Job) -> dict[str, Any]:
    return {
        "id": job.id, "name": f"{job.name}{ENDINGS.get(job.state, '')}", "status": STATUS[job.state], "env": job.body.get("env", {}),
        "image": job.body["image"], "cost": 0.0 if STATUS[job.state] == "EXITED" else 2.5, "createdAt": "2026-11-28T12:00:00Z",
        "startedAt": "2026-11-28T12:01:00Z" if job.started else None,
    }  # fmt: skip
