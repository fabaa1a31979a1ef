"""Training jobs in SageMaker: the pipeline code goes as a channel from the user's bucket, results go back into it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from app.launch.access import PlatformTrouble, if_there
from app.launch.control import ENDED, TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.aws.calls import Bucket, filled, operation, pages, tags
from app.launch.platforms.aws.checks import problems
from app.launch.states import moment, plain_word, state_of
from app.locales import N_

STATES: dict[str, State] = {
    "InProgress": "running", "Completed": "succeeded", "Failed": "failed", "Stopping": "cancelling", "Stopped": "cancelled",
}  # fmt: skip
BEFORE = {"Starting", "Pending", "LaunchingMLInstances", "PreparingTrainingStack", "Downloading", "DownloadingTrainingImage"}  # fmt: skip
LOG_GROUP, LOG_LINES = "/aws/sagemaker/TrainingJobs", 100
CODE = "/opt/ml/input/data/code"
RUN = """set -e
echo "{sha256}  {code}/bundle.zip" | sha256sum -c -
python3 -m zipfile -e {code}/bundle.zip /tmp/kit
cd /tmp/kit
cp {code}/config.json .
python3 -m pip install --quiet -r requirements.txt
{command}
"""


class Control(Base):
    """One training job. The definition holds the request and the files that go with the code."""

    uses_bundle: ClassVar[bool] = True

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """`request` is the body of CreateTrainingJob; `files` are uploaded beside the code: an argument holds 256 characters at most."""
        folder = "/opt/ml/input/data/training" if parts.entries.get("data") else None
        request = filled("training.json", parts, data_folder=folder, tags=tags(parts))
        if not folder:
            request["InputDataConfig"] = request["InputDataConfig"][:1]
        run = RUN.format(sha256=parts.bundle_sha256, code=CODE, command=parts.values["train_command"])
        return {"request": request, "files": {"run.sh": run, "config.json": json.dumps(parts.config, ensure_ascii=False)}}  # fmt: skip

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """By the vendor's service model."""
        return problems("sagemaker", "CreateTrainingJob", cls.request(definition))

    @classmethod
    def request(cls, definition: dict[str, Any]) -> dict[str, Any]:
        """The body of CreateTrainingJob."""
        found: dict[str, Any] = definition["request"]
        return found

    def find(self) -> Seen | None:
        """By its name, which is unique in account and region."""
        return self.status(self.order.name)

    def submit(self) -> Seen:
        """Uploads the code, then creates the job."""
        for name, content in self._uploads().items():
            self._bucket().put(f"{self._folder()}{name}", content)
        self._ask("CreateTrainingJob", self.request(self.order.definition))
        return Seen(handle=self.order.name, state="queued", said="Starting")

    def status(self, handle: str) -> Seen | None:
        """Its state; SageMaker answers ValidationException for a name that it does not know."""
        asked = {"TrainingJobName": handle}
        return if_there(lambda: _seen(self._ask("DescribeTrainingJob", asked)), "ValidationException")

    def logs(self, handle: str) -> list[str]:
        """The end of its log in CloudWatch; empty before there is one."""
        try:
            streams = self._ask("DescribeLogStreams", {"logGroupName": LOG_GROUP, "logStreamNamePrefix": f"{handle}/", "limit": 1}, "logs")["logStreams"]  # fmt: skip
            if not streams:
                return []
            asked = {"logGroupName": LOG_GROUP, "logStreamName": streams[0]["logStreamName"], "limit": LOG_LINES}
            return [str(row["message"]) for row in self._ask("GetLogEvents", asked, "logs")["events"]]
        except PlatformTrouble as trouble:
            if trouble.kind == "absent":
                return []
            raise

    def cancel(self, handle: str) -> None:
        """Stops it unless it stops or has ended already."""
        seen = self.status(handle)
        if seen and seen.state in ("queued", "running"):
            self._ask("StopTrainingJob", {"TrainingJobName": handle})

    def teardown(self, handle: str) -> bool:
        """Ends the job, then removes the code; results stay in the bucket."""
        self.cancel(handle)
        seen = self.status(handle)
        if seen and seen.state not in ENDED:
            return False
        for name in self._uploads():
            self._bucket().delete(f"{self._folder()}{name}")
        return not self._uploads() or self._bucket().empty(self._folder())

    def quota(self) -> Quota:
        """The limit of the account for this machine in training jobs."""
        machine = self.request(self.order.definition)["ResourceConfig"]["InstanceType"]
        for page in pages(self.access, self.order.region, "servicequotas", "ListServiceQuotas", {"ServiceCode": "sagemaker"}):  # fmt: skip
            for row in page["Quotas"]:
                if row["QuotaName"] == f"{machine} for training job usage":
                    return Quota(needed=1, free=row["Value"], why=N_("This is the limit of the account; what runs at the moment is not known."))  # fmt: skip
        return Quota(needed=1, free=None, why=N_("AWS lists no limit for this machine."))

    def tagged(self) -> list[Found]:
        """Running training jobs with our tag."""
        running = self._arns("sagemaker", "ListTrainingJobs", {"StatusEquals": "InProgress", "MaxResults": 100})
        asked = {"TagFilters": [{"Key": TAG}], "ResourceTypeFilters": ["sagemaker:training-job"]}
        found = pages(self.access, self.order.region, "tagging", "GetResources", asked)
        rows = [row for page in found for row in page["ResourceTagMappingList"] if row["ResourceARN"] in running]
        return [Found(handle=row["ResourceARN"].rpartition("/")[2], launch=tag["Value"], kind="training job") for row in rows for tag in row["Tags"] if tag["Key"] == TAG]  # fmt: skip

    def _arns(self, service: str, name: str, asked: dict[str, Any]) -> set[str]:
        answers = pages(self.access, self.order.region, service, name, asked)
        return {row["TrainingJobArn"] for page in answers for row in page["TrainingJobSummaries"]}

    def _uploads(self) -> dict[str, bytes]:
        texts: dict[str, str] = self.order.definition["files"]
        return {"bundle.zip": self.bundle, **{name: text.encode() for name, text in texts.items()}}

    def _folder(self) -> str:
        return f"lotse/{self.order.name}/code/"

    def _bucket(self) -> Bucket:
        return Bucket(self.access, self.order.region, self.order.entries["bucket"])

    def _ask(self, name: str, body: dict[str, Any], service: str = "sagemaker") -> Any:
        return operation(self.access, self.order.region, service, name, body)


def _seen(row: dict[str, Any]) -> Seen:
    status, detail = str(row["TrainingJobStatus"]), plain_word(row.get("SecondaryStatus"))
    waiting = status == "InProgress" and detail in BEFORE
    result = row.get("OutputModelPackageArn") or (row.get("ModelArtifacts") or {}).get("S3ModelArtifacts") or ""
    return Seen(
        handle=row["TrainingJobName"], state="queued" if waiting else state_of(status, STATES), said=detail or plain_word(status),
        started=moment(row.get("TrainingStartTime")), ended=moment(row.get("TrainingEndTime")), result=result[:400],
    )  # fmt: skip
