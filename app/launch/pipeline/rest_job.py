"""Jobs of RunPod and Hugging Face over their REST interfaces: `python -m pipeline.rest_job submit|status|cancel|delete PLATFORM FILE`.

A job is found by its name, so that a second `submit` never starts a second one. `end PLATFORM STATUS` is called inside a pod of RunPod when
the run is over: a pod whose program ends is started again and costs on, so it writes how the run ended into its name and stops itself.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from .setup import SetupError, optional, required

RUNPOD, HUGGINGFACE = "https://api.runpod.io/v2", "https://huggingface.co/api/jobs"


class RunPod:
    """Pods of the account; see the OpenAPI description of version 2."""

    def __init__(self, base: str = "", token: str = "") -> None:
        self.base, self.token = base or RUNPOD, token or required("RUNPOD_API_KEY", "a restricted key of RunPod")

    def find(self, name: str) -> dict[str, Any] | None:
        """The pod of that name, also after it has ended."""
        pods = self.call("GET", "/pods")["pods"]
        return next((pod for pod in pods if pod["name"] in (name, f"{name}-done", f"{name}-failed")), None)

    def submit(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Creates the pod unless one of its name exists."""
        return self.find(definition["name"]) or dict(self.call("POST", "/pods", definition))

    def state(self, job: dict[str, Any]) -> str:
        """The pod's status, with how the run ended."""
        return f"{job['status']} {job['name']}"

    def cancel(self, job: dict[str, Any]) -> None:
        """Stops it; its disk still costs until it is deleted."""
        self.call("POST", f"/pods/{job['id']}/action", {"action": "stop"})

    def delete(self, job: dict[str, Any]) -> None:
        """Removes it with its disk."""
        self.call("DELETE", f"/pods/{job['id']}")

    def end(self, status: int) -> None:
        """From inside: the result into the name, then stop."""
        own = os.environ["RUNPOD_POD_ID"]
        name = self.call("GET", f"/pods/{own}")["name"]
        self.call("PATCH", f"/pods/{own}", {"name": f"{name}-{'failed' if status else 'done'}"})
        self.call("POST", f"/pods/{own}/action", {"action": "stop"})

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request."""
        return _call(method, f"{self.base}{path}", self.token, body)


class HuggingFace:
    """Jobs of a user or an organisation."""

    def __init__(self, base: str = "", token: str = "") -> None:
        space = required("HF_NAMESPACE", "your user or organisation at Hugging Face")
        self.base = f"{base or HUGGINGFACE}/{space}"
        self.token = token or required("HF_TOKEN", "a token that may start jobs")

    def find(self, name: str) -> dict[str, Any] | None:
        """The newest job with that label."""
        jobs = _call("GET", f"{self.base}?label=lotse={name}", self.token)
        return next(iter(jobs), None)

    def submit(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Creates the job unless one of its name exists."""
        return self.find(definition["labels"]["lotse"]) or dict(_call("POST", self.base, self.token, definition))

    def state(self, job: dict[str, Any]) -> str:
        """Its stage."""
        return str(job["status"]["stage"])

    def cancel(self, job: dict[str, Any]) -> None:
        """Stops it."""
        _call("POST", f"{self.base}/{job['id']}/cancel", self.token)

    delete = cancel  # a job that has ended costs nothing


PLATFORMS: dict[str, type[RunPod] | type[HuggingFace]] = {"runpod": RunPod, "huggingface": HuggingFace}


def _call(method: str, url: str, token: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise SetupError(f"The platform answered with status {error.code}.") from error
    return json.loads(text) if text.strip() else {}


def main(arguments: list[str]) -> str:
    """The command line; returns what is printed."""
    match arguments:
        case ["end", platform, status]:
            RunPod().end(int(status)) if platform == "runpod" else None
            return "ended"
        case [action, platform, file] if platform in PLATFORMS:
            return _act(
                action,
                PLATFORMS[platform](optional("PLATFORM_URL")),
                json.loads(Path(file).read_text(encoding="utf-8")),
            )
    raise SetupError("Usage: python -m pipeline.rest_job submit | status | cancel | delete PLATFORM FILE")


def _act(action: str, jobs: RunPod | HuggingFace, definition: dict[str, Any]) -> str:
    if action == "submit":
        return jobs.state(jobs.submit(definition))
    job = jobs.find(definition.get("name") or definition["labels"]["lotse"])
    if job is None:
        return "not there"
    if action != "status":
        getattr(jobs, {"cancel": "cancel", "delete": "delete"}[action])(job)
    return jobs.state(job)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
