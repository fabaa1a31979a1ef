"""Jobs at Hugging Face: the request has to be the one that the vendor's own client would send for the same wishes."""

from __future__ import annotations

import json
from typing import Any

from huggingface_hub import JobHardware, Volume
from huggingface_hub._jobs_api import _create_job_spec

KNOWN = {"command", "arguments", "environment", "flavor", "timeoutSeconds", "labels", "volumes", "dockerImage"}


def check(_kind: str, text: str) -> str:
    """Builds the request with the client and compares."""
    body = json.loads(text)
    if set(body) != KNOWN:
        return f"unknown or missing fields: {sorted(KNOWN ^ set(body))}"
    JobHardware(body["flavor"])
    theirs = _create_job_spec(
        image=body["dockerImage"], command=body["command"], env=body["environment"], secrets=None, flavor=body["flavor"],
        timeout=body["timeoutSeconds"], labels=body["labels"], volumes=[_volume(row) for row in body["volumes"]],
    )  # fmt: skip
    return "" if theirs == body else f"the client would send {theirs}"


def _volume(row: dict[str, Any]) -> Volume:
    return Volume(type=row["type"], source=row["source"], mount_path=row["mountPath"], read_only=row.get("readOnly"))
