"""Serverless customisation in SageMaker: a training job without machine and without code of ours."""

from __future__ import annotations

from typing import Any, ClassVar

from app.launch.control import Parts, Quota
from app.launch.platforms.aws.calls import filled, tags
from app.launch.platforms.aws.training import Control as Training
from app.locales import N_


class Control(Training):
    """One customisation job; followed and ended like every training job."""

    uses_bundle: ClassVar[bool] = False

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body of CreateTrainingJob."""
        return filled("serverless.json", parts, tags=tags(parts))

    @classmethod
    def request(cls, definition: dict[str, Any]) -> dict[str, Any]:
        """The definition itself."""
        return definition

    def quota(self) -> Quota:
        """Not asked."""
        return Quota(needed=1, free=None, why=N_("The limits of serverless customisation are not asked; see Service Quotas in the console."))  # fmt: skip

    def _uploads(self) -> dict[str, bytes]:
        return {}
