"""The AWS price list of Amazon Bedrock: training and storage of tuned models. GPUs of AWS come with SkyPilot's catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app.prices.source import Context, Quote, Source, as_data, table

Product = dict[str, Any]


class Aws(Source):
    """Prices on demand of the region where Amazon's models are tuned."""

    name: ClassVar[str] = "aws"
    title: ClassVar[str] = "AWS price list, Amazon Bedrock"
    url: ClassVar[str] = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current"

    def fetch(self, context: Context) -> Any:
        """The meters that have a key of ours. Raises SourceFailed."""
        region = table("aws")["region"]
        offer = context.web.json(f"{self.url}/{region}/index.json")
        found = [
            quote for product in offer["products"].values() for quote in _quotes(product, offer["terms"]["OnDemand"])
        ]
        return as_data({quote.key: quote for quote in found}.values())


def _quotes(product: Product, terms: dict[str, Any]) -> Iterator[Quote]:
    usage = product["attributes"].get("usagetype", "")
    for meter in table("aws")["meters"]:
        if re.search(meter["usagetype"], usage):
            yield from _priced(meter, usage, product["attributes"].get("regionCode", ""), terms.get(product["sku"], {}))


def _priced(meter: dict[str, str], usage: str, region: str, terms: dict[str, Any]) -> Iterator[Quote]:
    """The first price of the term, in the unit of the key. Raises KeyError for a unit that is not known."""
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            factor = Decimal(table("aws")["units"][meter["unit"]][dimension["unit"].lower()])
            yield Quote(
                key=meter["key"], label=meter["label"], subject=meter.get("subject", ""), unit=meter["unit"], region=region,
                amount=(Decimal(dimension["pricePerUnit"]["USD"]) * factor).normalize(), valid_from=date.fromisoformat(term["effectiveDate"][:10]),
                title=f"{Aws.title}: {usage}",
            )  # fmt: skip
            return
