"""Supervised tuning of Gemini models; the platform puts the tuned model behind an endpoint, which is removed at teardown."""

from __future__ import annotations

from typing import Any

from app.launch.access import PlatformTrouble
from app.launch.control import TAG, Found, Parts, Quota
from app.launch.platforms.google.calls import Jobs, filled
from app.locales import N_

UNDER_WAY = "FAILED_PRECONDITION"  # google.rpc.Code: the system is not in a state for it; from memory for endpoints


class Control(Jobs):
    """One tuning job."""

    kind = "tuningJobs"

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body that creates the job; int64 fields are texts in JSON."""
        epochs = str(parts.values["training_epochs"])
        return filled("tuning.json", parts, epochs_text=epochs, validation=parts.entries.get("validation"))

    @classmethod
    def problems(cls, definition: dict[str, Any]) -> list[str]:
        """What the interface requires."""
        return [] if definition.get("baseModel") else ["baseModel is missing"]

    def teardown(self, handle: str) -> bool:
        """Ends the job, takes the model off its endpoint and deletes the endpoint; the model stays."""
        if not self.ended(handle):
            return False
        job = self.row(handle) or {}
        endpoint = (job.get("tunedModel") or {}).get("endpoint")
        return not endpoint or self._removed(endpoint)

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("Google's quota for tuning is not asked; see IAM, Quotas in the console."))  # fmt: skip

    def tagged(self) -> list[Found]:
        """Running jobs with our label, and endpoints of those that have ended."""
        return [*self.running(), *self._endpoints()]

    def _removed(self, endpoint: str) -> bool:
        """Both calls only begin: the endpoint is gone when Google no longer knows it."""
        found = self.row(endpoint)
        if found is None:
            return True
        deployed = found.get("deployedModels", [])
        for model in deployed:
            self._begin("POST", f"{endpoint}:undeployModel", {"deployedModelId": model["id"]})
        if not deployed:
            self._begin("DELETE", endpoint)
        return self.row(endpoint) is None

    def _begin(self, method: str, path: str, body: Any = None) -> None:
        """One step of a removal; no trouble when it is under way already or done."""
        try:
            self.ask(method, path, body)
        except PlatformTrouble as trouble:
            if trouble.kind != "absent" and trouble.reason != UNDER_WAY:
                raise

    def _endpoints(self) -> list[Found]:
        ours = [row for row in self.rows() if TAG in (row.get("labels") or {})]
        places = [(row, (row.get("tunedModel") or {}).get("endpoint")) for row in ours]
        return [Found(handle=row["name"], launch=row["labels"][TAG], kind="endpoint") for row, place in places if place and self.row(place)]  # fmt: skip
