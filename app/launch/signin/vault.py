"""Pasted credentials: in the memory of this process, for some time, and nowhere else."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from app.errors import AppError

KEPT_SECONDS = 12 * 3600.0  # most tokens end sooner; a longer run asks for a new one


class Secret:
    """Values that must not be shown: its text tells nothing, and it cannot be written anywhere."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def get(self, name: str) -> str:
        """A value, empty where there is none."""
        return self._values.get(name, "")

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise AppError("A secret is never written anywhere.")


class Vault:
    """Secrets by launch; each is forgotten after some hours."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, Secret]] = {}

    def put(self, launch: str, secret: Secret, seconds: float = KEPT_SECONDS) -> None:
        """Keeps the secret of a launch, in place of an older one."""
        with self._lock:
            self._held[launch] = (time.monotonic() + seconds, secret)

    def get(self, launch: str) -> Secret | None:
        """The secret of a launch, None when there is none or its time is over."""
        with self._lock:
            self._forget_old()
            found = self._held.get(launch)
            return found[1] if found else None

    def drop(self, launch: str) -> None:
        """Forgets the secret of a launch."""
        with self._lock:
            self._held.pop(launch, None)

    def launches(self) -> set[str]:
        """The launches whose secret this process holds."""
        with self._lock:
            self._forget_old()
            return set(self._held)

    def _forget_old(self) -> None:
        now = time.monotonic()
        self._held = {launch: held for launch, held in self._held.items() if held[0] > now}

    def __repr__(self) -> str:
        return f"Vault({len(self._held)})"
