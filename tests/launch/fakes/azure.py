"""Azure: jobs of Machine Learning and deployments over Resource Manager, fine-tuning in OpenAI's form.

Fields of a job from the public schema of Microsoft.MachineLearningServices (github.com/Azure/azure-resource-manager-schemas).
"""

from __future__ import annotations

import re
from typing import Any

from tests.launch.fakes import openai
from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

GROUP = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers"
LEARNING = re.compile(GROUP + r"/Microsoft\.MachineLearningServices/workspaces/[^/]+/(.+)")
DEPLOYMENTS = re.compile(GROUP + r"/Microsoft\.CognitiveServices/accounts/[^/]+/deployments(?:/([^/]+))?")
FIELDS = {
    "jobType", "displayName", "experimentName", "command", "environmentId", "environmentVariables", "inputs", "outputs",
    "resources", "limits", "tags", "queueSettings", "codeId", "computeId", "description", "identity",
}  # fmt: skip
STATES = {"queued": "Queued", "running": "Running", "succeeded": "Completed", "failed": "Failed", "cancelling": "CancelRequested", "cancelled": "Canceled"}  # fmt: skip
PAGE = 2


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """Tuning, machine learning, deployments."""
    if call.path.startswith("/openai/v1/fine_tuning/jobs"):
        rest = call.path.removeprefix("/openai/v1/fine_tuning/jobs").strip("/")
        return openai.jobs(cloud, call, rest, "foundry", {**openai.FIELDS, "trainingType": str})
    learning, deployment = LEARNING.fullmatch(call.path), DEPLOYMENTS.fullmatch(call.path)
    if not (learning or deployment):
        return None
    if not call.headers.get("authorization", "").startswith("Bearer "):
        return _error(401, "AuthenticationFailed")
    if not re.fullmatch(r"20\d\d-\d\d-\d\d", call.one("api-version")):
        return _error(400, "MissingApiVersionParameter")
    return _deployments(cloud, call, deployment[1]) if deployment else _learning(cloud, call, learning[1].split("/"))  # type: ignore[index]


def _learning(cloud: Cloud, call: Call, parts: list[str]) -> Reply:
    if parts[0] == "environments":
        return _environment(cloud, call, "/".join(parts))
    if len(parts) == 1:
        return _page(cloud, call)
    found = cloud.named("aml", parts[1])
    if call.method == "PUT":
        return Reply(_shown(found[0])) if found else _created(cloud, call, parts[1])
    if not found:
        return _error(404, "UserError")
    if parts[2:] == ["cancel"]:
        cloud.cancel(found[0])
        return Reply(None, 202)
    return Reply(_shown(cloud.look(found[0])))


def _environment(cloud: Cloud, call: Call, path: str) -> Reply:
    kept = cloud.__dict__.setdefault("environments", {})
    if call.method == "PUT":
        if set(call.body) != {"properties"} or not call.body["properties"].get("image"):
            return _error(400, "ValidationError")
        kept[path] = call.body
    return Reply(kept[path]) if path in kept else _error(404, "NotFound")


def _created(cloud: Cloud, call: Call, name: str) -> Reply:
    body = call.body if isinstance(call.body, dict) else {}
    job = body.get("properties", {})
    environment = str(job.get("environmentId", "")).partition("/environments/")[2]
    known = f"environments/{environment}" in cloud.__dict__.get("environments", {})
    if set(body) != {"properties"} or set(job) - FIELDS or job.get("jobType") != "Command" or not job.get("command"):
        return _error(400, "ValidationError")
    if not known or not _values_fit(job) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}", name):
        return _error(400, "UserError")
    return Reply(_shown(cloud.add("aml", name, body, job.get("tags", {}))), 201)


def _values_fit(job: dict[str, Any]) -> bool:
    """Texts, an inputs' reference only where it is declared, a duration in ISO 8601, the machine's name."""
    texts = [*job.get("tags", {}).values(), *job.get("environmentVariables", {}).values()]
    declared = set(re.findall(r"\$\{\{inputs\.(\w+)\}\}", job["command"])) <= set(job.get("inputs", {}))
    limits = job.get("limits", {})
    capped = limits.get("jobLimitsType") == "Command" and re.fullmatch(r"PT\d+[HMS]", limits.get("timeout", ""))
    machine = re.fullmatch(r"Standard_\w+", job.get("resources", {}).get("instanceType", ""))
    return all(isinstance(text, str) for text in texts) and declared and bool(capped and machine)


def _page(cloud: Cloud, call: Call) -> Reply:
    rows = [job for job in reversed(cloud.jobs.values()) if job.kind == "aml"]
    start = int(call.one("$skip", "0"))
    following = f"https://management.azure.com{call.path}?api-version={call.one('api-version')}&$skip={start + PAGE}"
    more = {"nextLink": following} if start + PAGE < len(rows) else {}
    return Reply({"value": [_shown(job) for job in rows[start : start + PAGE]], **more})


def _shown(job: Job) -> dict[str, Any]:
    return {"name": job.name, "properties": {**job.body["properties"], "status": STATES[job.state]}}


def _deployments(cloud: Cloud, call: Call, name: str | None) -> Reply:
    if name is None:
        return Reply({"value": list(cloud.things.values())})
    if name not in cloud.things:
        return _error(404, "DeploymentNotFound")
    if call.method == "DELETE":
        del cloud.things[name]
        return Reply(None, 202)
    return Reply(cloud.things[name])


def _error(status: int, code: str) -> Reply:
    return Reply({"error": {"code": code, "message": "no"}}, status)
