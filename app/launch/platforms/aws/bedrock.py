"""Model customisation in Amazon Bedrock over its REST interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from app.launch.access import if_there
from app.launch.control import ENDED, TAG, Found, Parts, Quota, Seen, State
from app.launch.control import Control as Base
from app.launch.platforms.aws.calls import filled, send, tags
from app.launch.platforms.aws.checks import problems
from app.launch.states import moment, plain_word, state_of
from app.locales import N_

# Addresses and states from the service model of Bedrock in botocore 1.44.8, read on 2026-11-28.
JOBS = "/model-customization-jobs"
STATES: dict[str, State] = {
    "InProgress": "running", "Completed": "succeeded", "Failed": "failed", "Stopping": "cancelling", "Stopped": "cancelled",
}  # fmt: skip


class Control(Base):
    """One customisation job; found by its name, which is unique in account and region."""

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of CreateModelCustomizationJob."""
        given = parts.entries.get("validation")
        validators = {"validators": [{"s3Uri": given}]} if given else None
        return filled("bedrock.json", parts, tags=tags(parts, "key", "value"), validators=validators)

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """By the vendor's service model."""
        return problems("bedrock", "CreateModelCustomizationJob", definition)

    def find(self) -> Seen | None:
        """By its name."""
        return self.status(self.order.name)

    def submit(self) -> Seen:
        """Creates the job; `clientRequestToken` keeps a repetition from starting a second one."""
        self._call("POST", JOBS, self.order.definition)
        return Seen(handle=self.order.name, state="running", said="InProgress")

    def status(self, handle: str) -> Seen | None:
        """Its state."""
        return if_there(lambda: _seen(self._call("GET", f"{JOBS}/{quote(handle, safe='')}")))

    def logs(self, handle: str) -> list[str]:
        """None: Bedrock writes metrics into the bucket, no log."""
        return []

    def cancel(self, handle: str) -> None:
        """Stops it unless it stops or has ended already."""
        seen = self.status(handle)
        if seen and seen.state in ("queued", "running"):
            self._call("POST", f"{JOBS}/{quote(handle, safe='')}/stop")

    def teardown(self, handle: str) -> bool:
        """Ends the job. The tuned model is the result and stays."""
        self.cancel(handle)
        seen = self.status(handle)
        return seen is None or seen.state in ENDED

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("The limits of model customisation are not asked; see Service Quotas in the console."))  # fmt: skip

    def tagged(self) -> list[Found]:
        """Running jobs with our tag."""
        running = list(self._running())
        return [Found(handle=row["jobName"], launch=launch, kind="customisation job") for row in running if (launch := self._tag(row["jobArn"]))]  # fmt: skip

    def _running(self) -> Iterator[dict[str, Any]]:
        following = ""
        while True:
            query = {"statusEquals": "InProgress", "maxResults": 100, **({"nextToken": following} if following else {})}
            answer = self._call("GET", f"{JOBS}?{urlencode(query)}")
            yield from answer.get("modelCustomizationJobSummaries", [])
            following = answer.get("nextToken") or ""
            if not following:
                return

    def _tag(self, arn: str) -> str:
        rows = self._call("POST", "/listTagsForResource", {"resourceARN": arn})["tags"]
        return next((row["value"] for row in rows if row["key"] == TAG), "")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        region = self.order.region
        return send(self.access, method, f"https://bedrock.{region}.amazonaws.com{path}", "bedrock", region, json=body)


def _seen(row: dict[str, Any]) -> Seen:
    status = plain_word(row["status"])
    return Seen(
        handle=row["jobName"], state=state_of(status, STATES), said=status, started=moment(row.get("creationTime")),
        ended=moment(row.get("endTime")), result=(row.get("outputModelArn") or "")[:400],
    )  # fmt: skip
