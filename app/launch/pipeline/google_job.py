"""Jobs of Google's platform over its REST interface: `python -m pipeline.google_job submit|status|cancel|delete|undeploy KIND REGION …`.

KIND is customJobs or tuningJobs. A job is found by its display name, so that a second `submit` never starts a second one.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from .model import google_token
from .setup import SetupError, required

NAME_FIELD = {"customJobs": "displayName", "tuningJobs": "tunedModelDisplayName"}


class Jobs:
    """The jobs of one kind in one region of the project."""

    def __init__(self, kind: str, region: str, base: str = "", token: str = "") -> None:
        if kind not in NAME_FIELD:
            raise SetupError(f"The kind must be one of {', '.join(NAME_FIELD)}.")
        self.kind, self.base = kind, base or f"https://{region}-aiplatform.googleapis.com/v1"
        self.parent = f"projects/{required('GOOGLE_PROJECT', 'id of the Google Cloud project')}/locations/{region}"
        self.token = token or google_token()

    def find(self, name: str) -> dict[str, Any] | None:
        """The newest job of that display name."""
        page = ""
        while True:
            query = urllib.parse.urlencode({"pageSize": 100, **({"pageToken": page} if page else {})})
            answer = self.call("GET", f"{self.parent}/{self.kind}?{query}")
            for job in answer.get(self.kind, []):
                if job.get(NAME_FIELD[self.kind]) == name:
                    return dict(job)
            page = answer.get("nextPageToken", "")
            if not page:
                return None

    def submit(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Creates the job unless one of its name exists."""
        known = self.find(definition[NAME_FIELD[self.kind]])
        return known or self.call("POST", f"{self.parent}/{self.kind}", definition)

    def undeploy(self, job: dict[str, Any]) -> dict[str, Any]:
        """Takes the tuned model off its endpoint and deletes both: what is charged by the hour ends."""
        tuned, gone = job.get("tunedModel", {}), []
        if tuned.get("endpoint"):
            endpoint = self.call("GET", tuned["endpoint"])
            for item in endpoint.get("deployedModels", []):
                self.call("POST", f"{tuned['endpoint']}:undeployModel", {"deployedModelId": item["id"]})
            self.call("DELETE", tuned["endpoint"])
            gone.append(tuned["endpoint"])
        if tuned.get("model"):
            self.call("DELETE", tuned["model"].split("@")[0])
            gone.append(tuned["model"])
        return {"deleted": gone}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request. Raises SetupError with the status."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.base}/{path}", data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise SetupError(
                f"Google answered with status {error.code} to {method} {path.split('?', maxsplit=1)[0]}."
            ) from error


def main(arguments: list[str]) -> None:
    """The command line."""
    if len(arguments) != 4:
        raise SetupError("Usage: python -m pipeline.google_job ACTION KIND REGION (FILE | NAME)")
    action, kind, region, last = arguments
    jobs = Jobs(kind, region)
    if action == "submit":
        result = jobs.submit(json.loads(Path(last).read_text(encoding="utf-8")))
    else:
        job = jobs.find(last)
        if job is None:
            raise SetupError(f"There is no job named {last} in {region}.")
        result = _act(jobs, action, job)
    print(json.dumps({key: result[key] for key in ("name", "state", "error", "deleted") if key in result}, indent=2))


def _act(jobs: Jobs, action: str, job: dict[str, Any]) -> dict[str, Any]:
    match action:
        case "status":
            return job
        case "cancel":
            return jobs.call("POST", f"{job['name']}:cancel", {})
        case "delete":
            return jobs.call("DELETE", job["name"])
        case "undeploy":
            return jobs.undeploy(job)
    raise SetupError(f"Unknown action {action}.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as error:
        sys.exit(str(error))
