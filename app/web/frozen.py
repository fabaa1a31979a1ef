"""What frozen reports consist of: read or made once, for versions never change."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from app.domain.catalogue import PriceBook
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.store.repository import Report, ReportAccess, knowledge_of, prices_of
from app.web.services import Services

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """The values used last, by key; each is made once, even when several threads ask for it at the same moment."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, Future[Kept]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], Kept]) -> Kept:
        """The value of a key, made if it is not there. What `make` raises is raised, and not kept."""
        with self._lock:
            future, new = self._values.get(key), False
            if future is None:
                future, new = Future(), True
                self._values[key] = future
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        if new:
            self._make(key, future, make)
        return future.result()

    def _make(self, key: str, future: Future[Kept], make: Callable[[], Kept]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            with self._lock:
                self._values.pop(key, None)
            future.set_exception(error)
            raise


_decisions: Recent[Decision] = Recent(64)
_knowledge: Recent[Knowledge] = Recent(4)
_prices: Recent[PriceBook] = Recent(8)


def decision_of(report: Report) -> Decision:
    """The decision of a report, from its published JSON text."""
    return _decisions.get(report.decision_sha256, lambda: Decision.from_json(json.loads(report.decision_json)))


@dataclass(frozen=True)
class Version:
    """One version of a report, as somebody has access to it."""

    access: ReportAccess

    @property
    def report(self) -> Report:
        """The version that is looked at."""
        return self.access.report

    @property
    def decision(self) -> Decision:
        """Its decision."""
        return decision_of(self.report)


def knowledge_for(session: Session, services: Services, report: Report) -> Knowledge:
    """The knowledge base of its day: what is made from it comes out the same years later."""
    if services.knowledge.hash == report.knowledge_hash:
        return services.knowledge
    return _knowledge.get(report.knowledge_hash, lambda: knowledge_of(session, report))


def prices_for(session: Session, services: Services, report: Report) -> PriceBook:
    """The prices it was decided with."""
    book = services.book(report.as_of)
    if book.hash == report.prices_hash:
        return book
    return _prices.get(report.prices_hash, lambda: prices_of(session, report))
