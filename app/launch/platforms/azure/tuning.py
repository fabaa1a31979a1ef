"""Fine-tuning in Microsoft Foundry. A deployment of the tuned model costs by the hour, so the one of this launch is removed."""

from __future__ import annotations

from typing import Any

from app.launch.control import TAG, Found, Parts, Quota
from app.launch.platforms.azure.calls import COGNITIVE, Manager, account, template
from app.launch.tuning_jobs import TuningJobs, filled
from app.locales import N_


class Control(TuningJobs):
    """One fine-tuning job of an Azure OpenAI resource."""

    service = "cognitiveservices"

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body that creates the job; the Standard tier keeps the data in the region."""
        return filled(template("tuning.json"), parts)

    @property
    def base(self) -> str:
        """The address of the resource."""
        return f"https://{self.order.entries['resource']}.openai.azure.com/openai/v1"

    def teardown(self, handle: str) -> bool:
        """Ends the job and deletes the deployment that carries the launch's name; others of the model are the user's."""
        ended, path = super().teardown(handle), self._deployment
        if self._manager.row(path) is not None:
            self._manager.ask("DELETE", path)
        return ended and self._manager.row(path) is None

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("The quota for tuning is not asked; see Quota in Microsoft Foundry."))

    def tagged(self) -> list[Found]:
        """Running jobs with our tag, and deployments named after one of our jobs."""
        ours = {row["metadata"]["lotse"]: row["metadata"][TAG] for row in self.rows() if TAG in (row.get("metadata") or {})}  # fmt: skip
        ours[self.order.name] = self.order.launch
        deployed = [row["name"] for row in self._manager.rows(f"{account(self.order.entries)}/deployments")]
        found = [Found(handle=name, launch=ours[name], kind="deployment") for name in deployed if name in ours]
        return [*super().tagged(), *found]

    @property
    def _manager(self) -> Manager:
        return Manager(self.access, COGNITIVE)

    @property
    def _deployment(self) -> str:
        return f"{account(self.order.entries)}/deployments/{self.order.name}"
