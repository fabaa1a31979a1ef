"""What a price source is: it fetches today's prices, and says what they are on a later day.

Each module of `app/prices/sources` holds one class derived from `Source`; it is found by being there.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, ClassVar, Literal, NamedTuple

import yaml

from app.domain.catalogue import Price
from app.domain.knowledge import Knowledge
from app.domain.messages import Frozen
from app.domain.values import SourceRef
from app.prices.web import Web

FOLDER = Path(__file__).with_name("sources")


class Context(NamedTuple):
    """What a source may use when it fetches."""

    web: Web
    knowledge: Knowledge
    today: date
    google_api_key: str | None = None


class Snapshot(Frozen):
    """What a source said: `since` the day on which it was first seen so, `checked` the last day. `data` is the source's own."""

    source: str
    since: date
    checked: date
    data: Any


class Quote(Frozen):
    """One price as a source states it; `title` where it has more to say than the name of the source."""

    key: str
    label: str
    subject: str = ""
    amount: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = "USD"
    unit: str
    region: str = ""
    tier: str = ""
    valid_from: date | None = None
    title: str = ""


class Source(ABC):
    """A public source of prices."""

    name: ClassVar[str]  # as on the command line; also the folder of its snapshots
    title: ClassVar[str]
    url: ClassVar[str]
    grade: ClassVar[Literal["V", "D"]] = "V"  # D: worked out from what the source states

    @abstractmethod
    def fetch(self, context: Context) -> Any:
        """Today's content as JSON data, as small as it may be. Raises SourceFailed or SourceSkipped."""

    def prices(self, snapshot: Snapshot, as_of: date, knowledge: Knowledge) -> Iterable[Price]:
        """The prices of a snapshot that hold on a day."""
        quotes = (Quote.model_validate(row) for row in snapshot.data)
        return [self._price(quote, snapshot) for quote in quotes if (quote.valid_from or snapshot.since) <= as_of]

    def _price(self, quote: Quote, snapshot: Snapshot) -> Price:
        source = SourceRef(
            title=quote.title or self.title, url=self.url, checked=snapshot.checked.isoformat(), grade=self.grade, strength="VF",
        )  # fmt: skip
        known = quote.model_dump(exclude={"title", "valid_from"})
        return Price(**known, valid_from=quote.valid_from or snapshot.since, source=source)


def as_data(quotes: Iterable[Quote]) -> list[dict[str, Any]]:
    """Quotes as JSON data, by key."""
    return [quote.model_dump(mode="json", exclude_defaults=True) for quote in sorted(quotes, key=lambda item: item.key)]


@cache
def all_sources() -> dict[str, Source]:
    """Every source by name."""
    found = [_source_in(import_module(f"app.prices.sources.{module.name}")) for module in iter_modules([str(FOLDER)])]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def _source_in(module: Any) -> Source:
    (kind,) = (item for item in vars(module).values() if inspect.isclass(item) and issubclass(item, Source) and item is not Source)  # fmt: skip
    made: Source = kind()
    return made


@cache
def table(name: str) -> Any:
    """The names a source uses, from `sources/<name>.yaml`: which machine has which GPU, which meter is which price."""
    return yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)
