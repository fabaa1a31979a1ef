"""Fine-tuning at OpenAI itself: nothing that it creates costs anything by standing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.launch.control import Parts, Quota
from app.launch.tuning_jobs import TuningJobs, filled
from app.locales import N_

TEMPLATE = Path(__file__).parent / "kit" / "here" / "tuning.json"


class Control(TuningJobs):
    """One fine-tuning job of a project."""

    service = "openai"

    @classmethod
    def definition(cls, parts: Parts) -> dict[str, Any]:
        """The body that creates the job."""
        return filled(json.loads(TEMPLATE.read_text(encoding="utf-8")), parts)

    @property
    def base(self) -> str:
        """The address of the project: the world's or Europe's."""
        return f"https://{self.order.entries['host']}/v1"

    def quota(self) -> Quota:
        """OpenAI has no interface for it."""
        return Quota(needed=1, free=None, why=N_("OpenAI cannot be asked for the limits of a project; see its settings."))  # fmt: skip
