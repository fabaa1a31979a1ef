"""Fine-tuning jobs at OpenAI, by the types of its own library, which are made to refuse fields they do not know."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

from openai.types.fine_tuning import job_create_params
from pydantic import ConfigDict, TypeAdapter

AZURE_TIERS = {"standard", "globalStandard", "developerTier"}  # trainingType, Azure's only addition


@cache
def adapter() -> TypeAdapter[Any]:
    """The type of the request. A typed dictionary without a setting lets unknown fields pass."""
    modules = [module for name, module in sys.modules.items() if name.startswith("openai.types.fine_tuning")]
    for found in (item for module in modules for item in vars(module).values()):
        if isinstance(found, type) and hasattr(found, "__total__"):
            found.__pydantic_config__ = ConfigDict(extra="forbid")
    return TypeAdapter(job_create_params.JobCreateParams)


def check(kind: str, text: str) -> str:
    """Raises what pydantic finds."""
    body = json.loads(text)
    if kind == "azure_openai_job" and (given := body.pop("trainingType", "")) not in AZURE_TIERS:
        return f"trainingType: {given!r} is unknown"
    adapter().validate_python(body)
    return ""
