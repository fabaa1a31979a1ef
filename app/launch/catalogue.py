"""Names and first settings of the kits, from `catalogue.yaml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from app.domain.messages import Frozen


class GpuRow(Frozen):
    """A usual GPU for models up to a size."""

    up_to_b: float
    gpu: str
    count: int


class Catalogue(Frozen):
    """The whole file. `settings`: training method -> first values; `hub`: model id -> repository; `packages`: pinned versions."""

    checked: date
    settings: dict[str, dict[str, Any]]
    retrieval: dict[str, int]
    prompt: dict[str, int]
    evaluation: dict[str, float]
    preferences: dict[str, float]
    monitoring: dict[str, float]
    caps: dict[str, float]
    grade: Literal["V", "W", "K", "D", "A"]
    gpu_by_params: list[GpuRow]
    packages: dict[str, list[str]]
    gpus_for_full_tuning: int
    hub: dict[str, str]


@cache
def catalogue() -> Catalogue:
    """The file, read once."""
    path = Path(__file__).with_name("catalogue.yaml")
    return Catalogue.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
