"""The euro reference rates of the European Central Bank: XML of the last working day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from xml.etree import ElementTree

from app.domain.messages import label
from app.prices.source import Context, Quote, Source, as_data
from app.prices.web import SourceFailed

NAME = str(label("Exchange rate for one EUR").value)
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
CURRENCIES = ("USD", "GBP", "CHF")


class ExchangeRates(Source):
    """Units of a currency for one euro."""

    name: ClassVar[str] = "exchange_rates"
    title: ClassVar[str] = "European Central Bank, euro reference rates"
    url: ClassVar[str] = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

    def fetch(self, context: Context) -> Any:
        """The rates of the currencies of a report. Raises SourceFailed."""
        text = context.web.text(self.url)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise SourceFailed("{title} holds entities, which it never did.", title=self.title)
        cubes = list(ElementTree.fromstring(text).iter(CUBE))  # noqa: S314 -- entities are refused above
        day = max(date.fromisoformat(cube.attrib["time"]) for cube in cubes if "time" in cube.attrib)
        rates = {cube.attrib["currency"]: cube.attrib["rate"] for cube in cubes if "currency" in cube.attrib}
        return as_data(_quote(currency, Decimal(rates[currency]), day) for currency in CURRENCIES)


def _quote(currency: str, rate: Decimal, day: date) -> Quote:
    if not rate > 0:
        raise ValueError(f"{currency} {rate}")
    return Quote(
        key=f"fx.{currency.lower()}",
        label=NAME,
        subject=currency,
        amount=rate,
        currency=currency,
        unit="EUR",
        valid_from=day,
    )
