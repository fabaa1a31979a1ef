"""Google's platform as its protocol buffers and reference describe it: custom jobs, tuning jobs, endpoints, Cloud Storage, Logging.

Sources: package google-cloud-aiplatform 2.7.0 (fields, states, required fields in the comments) and
https://googleapis.github.io/google-api-python-client/docs/dyn/aiplatform_v1.projects.locations.tuningJobs.html .
Names may come twice: each creation makes a job of its own. Pages hold one row.
"""

from __future__ import annotations

import re
from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

FIELDS: dict[str, dict[str, Any]] = {
    "customJobs": {
        "displayName": str, "labels": dict,
        "jobSpec": {
            "workerPoolSpecs": [{
                "machineSpec": {"machineType": str, "acceleratorType": str, "acceleratorCount": int}, "replicaCount": str,
                "diskSpec": {"bootDiskType": str, "bootDiskSizeGb": int},
                "containerSpec": {"imageUri": str, "command": [str], "env": [{"name": str, "value": str}]},
            }],
            "scheduling": {"timeout": str, "restartJobOnWorkerRestart": bool},
        },
    },
    "tuningJobs": {
        "baseModel": str, "tunedModelDisplayName": str, "labels": dict,
        "supervisedTuningSpec": {"trainingDatasetUri": str, "validationDatasetUri": str, "hyperParameters": {"epochCount": str, "adapterSize": str}},
    },
}  # fmt: skip
NEEDED = {"customJobs": ("displayName", "jobSpec"), "tuningJobs": ("baseModel", "supervisedTuningSpec")}
ENUMS = {
    "acceleratorType": {"NVIDIA_L4", "NVIDIA_A100_80GB", "NVIDIA_H100_80GB"},
    "adapterSize": {f"ADAPTER_SIZE_{size}" for size in ("ONE", "TWO", "FOUR", "EIGHT", "SIXTEEN", "THIRTY_TWO")},
}
LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}=[a-z0-9_-]{0,63}")
PLACE = re.compile(r"/v1/(projects/[^/]+/locations/[^/]+)/(customJobs|tuningJobs|endpoints)(?:/([^/:]+))?(?::(\w+))?")


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """By address."""
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return _error(401, "UNAUTHENTICATED")
    if call.path == "/v2/entries:list":
        return _log(cloud, call.body)
    if "/storage/v1/b/" in call.path:
        return _bucket(cloud, call)
    found = PLACE.fullmatch(call.path)
    if not found:
        return None
    parent, kind, number, verb = found.groups()
    if kind == "endpoints":
        return _endpoint(cloud, call, f"{parent}/{kind}/{number}", verb)
    return _job(cloud, call, kind, number, verb) if number else _jobs(cloud, call, parent, kind)


def _error(status: int, word: str) -> Reply:
    return Reply({"error": {"code": status, "message": "words of the platform", "status": word}}, status)


def _fits(value: Any, shape: Any, name: str = "") -> bool:
    """No unknown field, no wrong type, no unknown name of an enum."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in shape and _fits(item, shape[key], key) for key, item in value.items())  # fmt: skip
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    return type(value) is shape and (name not in ENUMS or value in ENUMS[name])


def _wrong(kind: str, body: Any) -> bool:
    if not isinstance(body, dict) or not _fits(body, FIELDS[kind]) or any(not body.get(name) for name in NEEDED[kind]):
        return True
    timeout = body.get("jobSpec", {}).get("scheduling", {}).get("timeout", "1s")
    labels = [f"{key}={value}" for key, value in body.get("labels", {}).items()]
    return not re.fullmatch(r"\d+s", timeout) or not all(LABEL.fullmatch(label) for label in labels)


def _jobs(cloud: Cloud, call: Call, parent: str, kind: str) -> Reply:
    if call.method == "POST":
        if _wrong(kind, call.body):
            return _error(400, "INVALID_ARGUMENT")
        name = call.body.get("displayName") or call.body.get("tunedModelDisplayName", "")
        number = str(7_000_000 + len(cloud.jobs))
        return Reply(_shown(cloud.add(kind, name, call.body, call.body.get("labels", {}), f"{parent}/{kind}/{number}")))
    jobs = [job for job in reversed(cloud.jobs.values()) if job.kind == kind and job.id.startswith(f"{parent}/")]
    start = int(call.one("pageToken", "0"))
    more = {"nextPageToken": str(start + 1)} if start + 1 < len(jobs) else {}
    return Reply({kind: [_shown(job) for job in jobs[start : start + 1]], **more})


def _job(cloud: Cloud, call: Call, kind: str, number: str, verb: str | None) -> Reply:
    job = next((job for job in cloud.jobs.values() if job.kind == kind and job.id.endswith(f"/{kind}/{number}")), None)
    if job is None:
        return _error(404, "NOT_FOUND")
    if call.method == "POST" and verb == "cancel":
        if job.state not in ("queued", "running"):
            return _error(400, "FAILED_PRECONDITION")
        cloud.cancel(job)
        return Reply({})
    return Reply(_shown(_looked(cloud, job)))


def _looked(cloud: Cloud, job: Job) -> Job:
    """A tuned model comes with an endpoint that serves it."""
    before = job.state
    cloud.look(job)
    if job.kind == "tuningJobs" and job.state == "succeeded" and before != "succeeded":
        cloud.things[_endpoint_of(job)] = {"deployedModels": [{"id": "1"}]}
    return job


def _endpoint_of(job: Job) -> str:
    return job.id.replace("/tuningJobs/", "/endpoints/")


def _shown(job: Job) -> dict[str, Any]:
    word = {"queued": "PENDING"}.get(job.state, job.state.upper())
    row = {**job.body, "name": job.id, "state": f"JOB_STATE_{word}", "createTime": "2026-11-28T10:00:00.123456789Z"}
    row |= {"startTime": "2026-11-28T10:01:00.123456789Z"} if job.started else {}
    row |= {"endTime": "2026-11-28T11:00:00Z"} if job.ended else {}
    if job.kind == "tuningJobs" and job.state == "succeeded":
        row["tunedModel"] = {"model": job.id.replace("tuningJobs", "models") + "@1", "endpoint": _endpoint_of(job)}
    return row


def _endpoint(cloud: Cloud, call: Call, name: str, verb: str | None) -> Reply:
    thing = cloud.things.get(name)
    if thing is None:
        return _error(404, "NOT_FOUND")
    if call.method == "POST" and verb == "undeployModel":
        return _undeploy(thing, call.body.get("deployedModelId"))
    if call.method == "DELETE":
        if thing["deployedModels"]:
            return _error(400, "FAILED_PRECONDITION")
        del cloud.things[name]
        return Reply({"name": f"{name}/operations/2"})
    shown = {"name": name, "deployedModels": thing["deployedModels"]}
    thing["looks"] = thing.get("looks", 0) - 1
    if thing["looks"] == 0:
        thing["deployedModels"] = []
    return Reply(shown)


def _undeploy(thing: dict[str, Any], number: Any) -> Reply:
    """Takes a while, two looks here; asked again meanwhile, it is refused."""
    if thing.get("undeploying"):
        return _error(400, "FAILED_PRECONDITION")
    if number not in [model["id"] for model in thing["deployedModels"]]:
        return _error(400, "INVALID_ARGUMENT")
    thing.update(undeploying=True, looks=2)
    return Reply({"name": "operations/1"})


def _bucket(cloud: Cloud, call: Call) -> Reply:
    bucket, _, key = call.path.partition("/storage/v1/b/")[2].partition("/o")
    if call.method == "POST" and call.one("uploadType") == "media":
        cloud.things[f"gs://{bucket}/{call.one('name')}"] = {"raw": call.raw}
        return Reply({"name": call.one("name")})
    if call.method == "DELETE":
        found = cloud.things.pop(f"gs://{bucket}{key}", None)
        return Reply("", 204) if found else _error(404, "notFound")
    names = [name for name in cloud.things if name.startswith(f"gs://{bucket}/{call.one('prefix')}")]
    return Reply({"kind": "storage#objects", **({"items": [{"name": name} for name in names]} if names else {})})


def _log(cloud: Cloud, body: dict[str, Any]) -> Reply:
    number = body["filter"].partition('job_id="')[2].rstrip('"')
    known = any(job.id.endswith(f"/{number}") and job.started for job in cloud.jobs.values())
    rows = [{"jsonPayload": {"message": "step 2"}}, {"textPayload": "step 1"}]  # newest first, as asked
    return Reply({"entries": rows} if known else {})
