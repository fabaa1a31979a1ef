"""Small stand-ins for what a report is frozen with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.domain.catalogue import Price, PriceBook
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.domain.values import SourceRef
from tests.web.sample import decision

SOURCE = SourceRef(
    id="S1", title="Price list", url="https://example.org", checked="2026-11-20", grade="V", strength="VF"
)


def knowledge() -> Knowledge:
    """An empty knowledge base with the hash that the sample decision names."""
    empty: dict[str, dict[str, object]] = {name: {} for name in Knowledge.model_fields if name != "hash"}
    return Knowledge(**empty, hash=decision().knowledge_hash)  # type: ignore[arg-type]


def prices() -> PriceBook:
    """One price, with the hash that the sample decision names."""
    price = Price(key="x", label="X", amount=Decimal("1.10"), currency="EUR", unit="month", source=SOURCE)
    return PriceBook(
        as_of=date(2026, 11, 24), prices={"x": price}, fx={"USD": Decimal("1.16")}, fx_source=SOURCE,
        hash=decision().prices_hash,
    )  # fmt: skip


def sample_decision() -> Decision:
    """A decision with every part filled."""
    return decision()
