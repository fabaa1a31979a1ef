"""Hugging Face Jobs as the vendor's package huggingface_hub 2.4.0 speaks to it: fields, stages and routes from `_jobs_api.py` and `hf_api.py`."""

from __future__ import annotations

from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

FIELDS = {"command": list, "arguments": list, "environment": dict, "flavor": str, "timeoutSeconds": int, "labels": dict, "volumes": list, "dockerImage": str, "secrets": dict}  # fmt: skip
REQUIRED = ("command", "environment", "flavor", "dockerImage")
FLAVORS = {
    "cpu-basic",
    "t4-small",
    "l4x1",
    "l40sx1",
    "l40sx4",
    "a100-large",
    "a100x4",
    "a100x8",
    "h200",
    "h200x2",
    "h200x4",
    "h200x8",
}
STAGES = {
    "queued": "SCHEDULING",
    "running": "RUNNING",
    "succeeded": "COMPLETED",
    "failed": "ERROR",
    "cancelling": "RUNNING",
    "cancelled": "CANCELED",
}


def answer(cloud: Cloud, call: Call) -> Reply | None:  # noqa: PLR0911 -- one line an address
    """POST and GET /api/jobs/{namespace}, GET /{id}, POST /{id}/cancel."""
    if not call.path.startswith("/api/jobs/"):
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return Reply({"error": "Unauthorized"}, 401)
    _, *rest = call.path.removeprefix("/api/jobs/").split("/")
    match [call.method, *rest]:
        case ["POST"]:
            if wrong := _wrong(call.body):
                return Reply({"error": wrong}, 422)
            return Reply(
                _row(cloud.add("huggingface", call.body["labels"].get("lotse", ""), call.body, call.body["labels"]))
            )
        case ["GET"]:
            return Reply(
                [_row(job) for job in reversed(cloud.jobs.values()) if job.kind == "huggingface" and _listed(job, call)]
            )
        case ["GET", number] if number in cloud.jobs:
            return Reply(_row(cloud.look(cloud.jobs[number])))
        case ["POST", number, "cancel"] if number in cloud.jobs:
            cloud.cancel(cloud.jobs[number])
            return Reply({})
    return Reply({"error": "Not found"}, 404)


def _wrong(body: Any) -> str:
    if not isinstance(body, dict) or set(body) - set(FIELDS) or set(REQUIRED) - set(body):
        return "unknown or missing fields"
    if any(not isinstance(value, FIELDS[name]) for name, value in body.items()):
        return "wrong types"
    if body["flavor"] not in FLAVORS:
        return "unknown flavor"
    volumes = [set(item) <= {"type", "source", "mountPath", "revision", "readOnly", "path"} and item["type"] in ("bucket", "model", "dataset", "space") for item in body.get("volumes", [])]  # fmt: skip
    strings = all(
        isinstance(item, str)
        for item in [*body["command"], *body["environment"].values(), *body.get("labels", {}).values()]
    )
    return "" if all(volumes) and strings else "wrong volumes or values"


def _listed(job: Job, call: Call) -> bool:
    labels = [pair.partition("=") for pair in call.query.get("label", [])]
    stages = call.query.get("stage", [])
    return all(job.tags.get(name) == value for name, _, value in labels) and (not stages or STAGES[job.state] in stages)


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id, "createdAt": "2026-11-28T12:00:00.000Z", "startedAt": "2026-11-28T12:01:00.000Z" if job.started else None,
        "finishedAt": "2026-11-28T12:30:00.000Z" if job.ended else None, "labels": job.tags, "flavor": job.body["flavor"],
        "status": {"stage": STAGES[job.state], "message": None}, "owner": {"id": "1", "name": "my-company", "type": "org"},
    }  # fmt: skip
