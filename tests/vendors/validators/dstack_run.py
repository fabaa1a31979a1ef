"""dstack's run configurations, by its own parser."""

from __future__ import annotations

import yaml
from dstack._internal.core.models.configurations import parse_run_configuration


def check(_kind: str, text: str) -> str:
    """Raises what the parser refuses."""
    parse_run_configuration(yaml.load(text, Loader=yaml.CSafeLoader))
    return ""
