"""On SQLite only one transaction writes at a time, so a session begins to write as late as it can."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, SelectBase
from sqlalchemy.orm import Session


class LateWriting(Session):
    """Reads on a reader's connection until the first lock or change; from then on everything runs on the writer's.

    What was read before may be stale by then: whoever changes a row reads it again with a lock first, as on PostgreSQL.
    """

    def __init__(self, reader: Engine, writer: Engine) -> None:
        super().__init__(expire_on_commit=False)
        self._reader, self._writer, self._writes = reader, writer, False

    def get_bind(self, mapper: Any = None, *, clause: Any = None, **_: Any) -> Engine:
        """The engine for a statement."""
        self._writes = self._writes or self._flushing or _writes(clause)
        return self._writer if self._writes else self._reader


def _writes(clause: Any) -> bool:
    """Everything but a plain query: changes, locks, and statements given as text."""
    return not isinstance(clause, SelectBase) or getattr(clause, "_for_update_arg", None) is not None
