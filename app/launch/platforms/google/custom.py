"""Custom jobs at Google: the pipeline code goes through the user's bucket, which the container sees as a folder."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from app.launch.control import Found, Parts, Quota, Seen
from app.launch.inline import IMAGE
from app.launch.platforms.google.calls import Bucket, Jobs, filled, send
from app.locales import N_

RUN = """set -e
echo "{sha256}  {code}" | sha256sum -c -
python3 -m zipfile -e {code} /tmp/kit
cd /tmp/kit
python3 -m pip install --quiet -r requirements.txt
{command}
"""
LOG_LINES = 100


class Control(Jobs):
    """One custom job."""

    uses_bundle: ClassVar[bool] = True
    kind = "customJobs"

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body that creates the job."""
        folder = f"/gcs/{parts.entries['bucket']}/lotse/{parts.name}"
        script = RUN.format(sha256=parts.bundle_sha256, code=f"{folder}/code/bundle.zip", command=parts.values["train_command"])  # fmt: skip
        variables = {
            "KIT_CONFIG": json.dumps(parts.config, separators=(",", ":"), ensure_ascii=False), "MODEL_DIR": f"{folder}/model",
            "OUTPUT_DIR": f"{folder}/out", **({"DATA_DIR": _mounted(parts.entries["data"])} if parts.entries.get("data") else {}),
        }  # fmt: skip
        named = [{"name": name, "value": value} for name, value in variables.items()]
        return filled("custom.json", parts, script=script, variables=named, image=parts.entries.get("image") or IMAGE)

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """What the interface requires."""
        machine = definition["jobSpec"]["workerPoolSpecs"][0]["machineSpec"]
        return [f"machineSpec.{field} is missing" for field in ("machineType", "acceleratorType") if not machine.get(field)]  # fmt: skip

    def submit(self) -> Seen:
        """Uploads the code, then creates the job."""
        self._bucket().put(self._code(), self.bundle)
        return super().submit()

    def logs(self, handle: str) -> list[str]:
        """The newest lines in Cloud Logging, oldest first."""
        number = handle.rpartition("/")[2]
        asked = {
            "resourceNames": [f"projects/{self.order.entries['project']}"], "orderBy": "timestamp desc", "pageSize": LOG_LINES,
            "filter": f'resource.type="ml_job" AND resource.labels.job_id="{number}"',
        }  # fmt: skip
        answer = send(self.access, "POST", "https://logging.googleapis.com/v2/entries:list", json=asked)
        return [_line(entry) for entry in reversed(answer.get("entries", []))]

    def teardown(self, handle: str) -> bool:
        """Ends the job, then removes the code; results stay in the bucket."""
        if not self.ended(handle):
            return False
        self._bucket().delete(self._code())
        return self._bucket().empty(self._code())

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("Google's quota for training is not asked; see IAM, Quotas in the console."))  # fmt: skip

    def tagged(self) -> list[Found]:
        """Running jobs with our label."""
        return self.running()

    def _code(self) -> str:
        return f"lotse/{self.order.name}/code/bundle.zip"

    def _bucket(self) -> Bucket:
        return Bucket(self.access, self.order.entries["bucket"])


def _mounted(uri: str) -> str:
    """A folder of Cloud Storage as the container sees it."""
    return f"/gcs/{uri.removeprefix('gs://')}"


def _line(entry: dict[str, Any]) -> str:
    return str(entry.get("textPayload") or (entry.get("jsonPayload") or {}).get("message") or "")
