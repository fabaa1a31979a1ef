"""Fine-tuning as the vendor's package openai 3.54.0 speaks to it (`types/fine_tuning`): create, list with paging, retrieve, cancel, events."""

from __future__ import annotations

from typing import Any

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

FIELDS = {"model": str, "training_file": str, "validation_file": str, "suffix": str, "seed": int, "method": dict, "metadata": dict, "hyperparameters": dict, "integrations": list}  # fmt: skip
REQUIRED = ("model", "training_file")
STATES = {"queued": "validating_files", "cancelling": "running"}
PAGE = 2  # small, so that lists have several pages


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """The addresses below /v1/fine_tuning/jobs."""
    if not call.path.startswith("/v1/fine_tuning/jobs"):
        return None
    return jobs(cloud, call, call.path.removeprefix("/v1/fine_tuning/jobs").strip("/"), "openai", FIELDS)


def jobs(cloud: Cloud, call: Call, rest: str, kind: str, fields: dict[str, type]) -> Reply:
    """The same for Azure, which takes one field more."""
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return _error(401, "invalid_api_key")
    if not rest:
        return _created(cloud, call, kind, fields) if call.method == "POST" else _page(cloud, call, kind)
    name, _, action = rest.partition("/")
    job = cloud.jobs.get(name)
    if job is None or job.kind != kind:
        return _error(404, "fine_tune_not_found")
    if action == "events":
        return Reply({"object": "list", "data": [{"message": "second"}, {"message": "first"}], "has_more": False})
    if action == "cancel" and call.method == "POST":
        if job.state in ("succeeded", "failed", "cancelled"):
            return _error(400, "invalid_request_error")
        cloud.cancel(job)
    return Reply(_shown(cloud.look(job)))


def _created(cloud: Cloud, call: Call, kind: str, fields: dict[str, type]) -> Reply:
    body = call.body
    if not isinstance(body, dict) or any(not isinstance(value, fields.get(key, ())) for key, value in body.items()):
        return _error(400, "unknown_parameter")
    if any(not body.get(name) for name in REQUIRED) or not _methods(body) or not _metadata(body):
        return _error(400, "invalid_request_error")
    return Reply(_shown(cloud.add(kind, body.get("suffix", ""), body, body.get("metadata", {}))))


def _methods(body: dict[str, Any]) -> bool:
    """A named method with its own settings; epochs are a positive number or `auto`; suffixes have at most 64 characters."""
    method = body.get("method", {"type": "supervised", "supervised": {}})
    epochs = method.get(method.get("type"), {}).get("hyperparameters", {}).get("n_epochs", "auto")
    return epochs == "auto" or (isinstance(epochs, int) and epochs >= 1 and len(body.get("suffix", "")) <= 64)


def _metadata(body: dict[str, Any]) -> bool:
    """At most 16 pairs of texts, keys up to 64 characters, values up to 512."""
    pairs = body.get("metadata", {})
    return len(pairs) <= 16 and all(isinstance(value, str) and len(key) <= 64 and len(value) <= 512 for key, value in pairs.items())  # fmt: skip


def _page(cloud: Cloud, call: Call, kind: str) -> Reply:
    rows = [job for job in reversed(cloud.jobs.values()) if job.kind == kind]
    after = call.one("after")
    start = next((place + 1 for place, job in enumerate(rows) if job.id == after), 0)
    found = rows[start : start + PAGE]
    return Reply({"object": "list", "data": [_shown(job) for job in found], "has_more": start + PAGE < len(rows)})


def _shown(job: Job) -> dict[str, Any]:
    tuned = f"ft:{job.body['model']}:{job.name}" if job.state == "succeeded" else None
    return {
        "id": job.id, "object": "fine_tuning.job", "model": job.body["model"], "status": STATES.get(job.state, job.state),
        "user_provided_suffix": job.name, "metadata": job.tags, "finished_at": int(job.ended) if job.ended else None,
        "fine_tuned_model": tuned, "training_file": job.body["training_file"],
    }  # fmt: skip


def _error(status: int, code: str) -> Reply:
    return Reply({"error": {"code": code, "message": "no", "type": "invalid_request_error"}}, status)
