"""dstack's server, by src/dstack/_internal/server/routers/runs.py, schemas/runs.py and services/runs of 21 August 2026.

A run of the name of one that has ended replaces it; of one that is active, it is refused. Unknown fields are refused with 422.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
TASK: dict[str, type | tuple[type, ...]] = {
    "type": str, "name": str, "python": str, "image": str, "env": dict, "commands": list, "resources": dict, "volumes": list, "regions": list,
    "spot_policy": str, "retry": bool, "max_duration": int, "max_price": (int, float), "tags": dict,
}  # fmt: skip
STATUS = {
    "queued": "submitted",
    "running": "running",
    "succeeded": "done",
    "failed": "failed",
    "cancelling": "terminating",
    "cancelled": "terminated",
}
ENDED = ("succeeded", "failed", "cancelled")
BODIES = {
    "runs/get": {"run_name"}, "runs/get_plan": {"run_spec", "max_offers"}, "runs/apply": {"plan", "force"}, "runs/stop": {"runs_names", "abort"},
    "runs/delete": {"runs_names"}, "logs/poll": {"run_name", "job_submission_id", "descending", "limit"},
}  # fmt: skip
LISTED = {"project_name", "only_active", "include_jobs", "limit", "prev_submitted_at", "prev_run_id"}


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """POST /api/runs/list and /api/project/{name}/..., for the project main."""
    found = re.fullmatch(r"/api/project/([^/]+)/(.+)", call.path)
    if call.path != "/api/runs/list" and (not found or found[2] not in BODIES):
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return Reply({"detail": {"msg": "Invalid token", "code": None}}, 403)
    if not found:
        return _list(cloud, call.body)
    if found[1] != "main":
        return Reply({"detail": {"msg": "Not found", "code": None}}, 404)
    if not isinstance(call.body, dict) or set(call.body) != BODIES[found[2]]:
        return _invalid("fields")
    return ADDRESSES[found[2]](cloud, call.body)


def _invalid(text: str) -> Reply:
    return Reply({"detail": [{"type": "extra_forbidden", "loc": ["body"], "msg": text}]}, 422)


def _refused(text: str, code: str = "error") -> Reply:
    return Reply({"detail": [{"msg": text, "code": code}]}, 400)


def _runs(cloud: Cloud) -> list[Job]:
    """Those that are not deleted."""
    return [job for job in cloud.jobs.values() if job.kind == "dstack" and "deleted" not in job.tags]


def _named(cloud: Cloud, name: str) -> Job | None:
    return next((job for job in reversed(_runs(cloud)) if job.name == name), None)


def _get(cloud: Cloud, body: dict[str, Any]) -> Reply:
    job = _named(cloud, body["run_name"])
    return Reply(_run(cloud.look(job))) if job else _refused("Run not found", "resource_not_exists")


def _list(cloud: Cloud, body: Any) -> Reply:
    """The newest first; the next page begins after the run named."""
    if not isinstance(body, dict) or set(body) - LISTED or not 0 <= body["limit"] <= 100:
        return _invalid("fields")
    rows = [job for job in reversed(_runs(cloud)) if job.state not in ENDED or not body["only_active"]]
    after = [number for number, job in enumerate(rows, 1) if job.id == body.get("prev_run_id")]
    return Reply([_run(job) for job in rows[sum(after) :][: body["limit"]]])


def _problem(spec: Any) -> str:
    if not isinstance(spec, dict) or set(spec) != {"run_name", "configuration"} or not NAME.fullmatch(spec["run_name"]):
        return "run_spec"
    task = spec["configuration"]
    if set(task) - set(TASK) or any(not isinstance(value, TASK[name]) for name, value in task.items()):
        return "configuration"
    if ("python" in task) == ("image" in task) or task["type"] != "task" or set(task["resources"]) - {"gpu", "disk"}:
        return "python and image are mutually exclusive"
    texts = all(isinstance(value, str) for value in (*task["env"].values(), *task["tags"].values(), *task["commands"]))
    return "" if texts and task["max_price"] > 0 and task["spot_policy"] in ("spot", "on-demand", "auto") else "values"


def _plan(cloud: Cloud, body: dict[str, Any]) -> Reply:
    if problem := _problem(body["run_spec"]):
        return _invalid(problem)
    offers = [
        {"price": 2.5, "availability": word}
        for word in cloud.__dict__.get("dstack_offers", ["available", "not_available"])
    ]
    plan = {
        "project_name": "main",
        "run_spec": body["run_spec"],
        "job_plans": [{"offers": offers, "total_offers": len(offers)}],
        "action": "create",
    }
    return Reply(plan)


def _apply(cloud: Cloud, body: dict[str, Any]) -> Reply:
    plan = body["plan"]
    if set(plan) != {"run_spec", "current_resource"} or not isinstance(body["force"], bool):
        return _invalid("plan")
    if problem := _problem(plan["run_spec"]):
        return _invalid(problem)
    name = plan["run_spec"]["run_name"]
    former = _named(cloud, name)
    if former and former.state not in ENDED:
        return _refused("Failed to apply plan. Resource has been changed. Try again or use force apply.")
    if former:
        former.tags["deleted"] = "yes"
    job = cloud.add("dstack", name, plan["run_spec"], {})
    cloud.things[f"run {job.id}"] = {}
    return Reply(_run(job))


def _stop(cloud: Cloud, body: dict[str, Any]) -> Reply:
    for name in body["runs_names"]:
        if job := _named(cloud, name):
            cloud.cancel(job)
    return Reply(None)


def _delete(cloud: Cloud, body: dict[str, Any]) -> Reply:
    jobs = [job for name in body["runs_names"] if (job := _named(cloud, name))]
    if any(job.state not in ENDED for job in jobs):
        return _refused("Cannot delete active runs")
    for job in jobs:
        job.tags["deleted"] = "yes"
        cloud.things.pop(f"run {job.id}", None)
    return Reply(None)


def _logs(cloud: Cloud, body: dict[str, Any]) -> Reply:
    lines = [b64encode(text).decode() for text in (b"line two\n", b"line one\n")]
    return Reply(
        {
            "logs": [{"timestamp": _time(0), "log_source": "stdout", "message": line} for line in lines],
            "next_token": None,
        }
    )


ADDRESSES = {
    "runs/get": _get,
    "runs/get_plan": _plan,
    "runs/apply": _apply,
    "runs/stop": _stop,
    "runs/delete": _delete,
    "logs/poll": _logs,
}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _run(job: Job) -> dict[str, Any]:
    latest = {
        "id": f"submission-{job.id}",
        "status": STATUS[job.state],
        "finished_at": _time(job.ended) if job.ended else None,
    }
    reasons = {
        "cancelling": "stopped_by_user",
        "cancelled": "stopped_by_user",
        "succeeded": "all_jobs_done",
        "failed": "job_failed",
    }
    return {
        "id": job.id, "project_name": "main", "user": "lotse", "submitted_at": _time(job.created), "status": STATUS[job.state],
        "termination_reason": reasons.get(job.state), "run_spec": job.body, "jobs": [], "latest_job_submission": latest, "cost": 1.25,
    }  # fmt: skip
