"""What frozen reports consist of, read once."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from app.domain.decision import Decision

Kept = TypeVar("Kept")


@lru_cache(maxsize=64)
def read_decision(text: str) -> Decision:
    """The decision of a report from its published JSON text; versions never change, so it is kept."""
    return Decision.from_json(json.loads(text))


class Recent(Generic[Kept]):
    """The last few values by key: what old reports were made with, read from the store once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, Kept] = OrderedDict()

    def get(self, key: str, make: Callable[[], Kept]) -> Kept:
        """The value of a key, made if it is not there."""
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = make()
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
