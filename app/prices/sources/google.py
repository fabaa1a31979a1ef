"""Google's billing catalogue: GPUs by the hour, without the machine around them. Needs an API key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app.domain.messages import label
from app.prices.source import Context, Quote, Source, as_data, table
from app.prices.web import SourceFailed, SourceSkipped

ALONE = str(label("Google Cloud, the GPU without its machine").value)
ALONE_EU = str(label("Google Cloud, the GPU without its machine, EU region").value)
MOST_PAGES = 40  # of 5,000 items each
NANO = Decimal("0.000000001")
Sku = dict[str, Any]


class Google(Source):
    """The cheapest region of each GPU on demand. The processor and the memory of the machine are billed apart."""

    name: ClassVar[str] = "google"
    title: ClassVar[str] = "Google Cloud Billing Catalog"
    url: ClassVar[str] = "https://cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus"

    def fetch(self, context: Context) -> Any:
        """All items of Compute Engine, page by page; the key travels in a header. Raises SourceFailed, SourceSkipped."""
        if not context.google_api_key:
            raise SourceSkipped("{title} needs an API key: set LOTSE_GOOGLE_API_KEY.", title=self.title)
        cheapest: dict[str, Quote] = {}
        for quote in (quote for sku in self._skus(context) for quote in _quotes(sku)):
            if quote.key not in cheapest or quote.amount < cheapest[quote.key].amount:
                cheapest[quote.key] = quote
        return as_data(cheapest.values())

    def _skus(self, context: Context) -> Iterator[Sku]:
        parameters = {"currencyCode": "USD", "pageSize": "5000"}
        for _ in range(MOST_PAGES):
            page = context.web.json(self.url, parameters, {"X-Goog-Api-Key": context.google_api_key or ""})
            yield from page["skus"]
            if not page.get("nextPageToken"):
                return
            parameters["pageToken"] = page["nextPageToken"]
        raise SourceFailed("{title} has more than {most} pages.", title=self.title, most=MOST_PAGES)


def _quotes(sku: Sku) -> Iterator[Quote]:
    names = table("google")
    found = re.match(names["gpu_items"], sku["description"])
    gpu = names["gpus"].get(found["gpu"]) if found else None
    if gpu is None or sku["category"]["usageType"] != "OnDemand":
        return
    price = sku["pricingInfo"][-1]
    expression = price["pricingExpression"]
    rate = expression["tieredRates"][-1]["unitPrice"]
    amount = Decimal(rate.get("units", "0")) + Decimal(rate.get("nanos", 0)) * NANO
    if expression["usageUnit"] != "h" or not amount:
        return
    regions = sku["serviceRegions"]
    in_eu = [region for region in regions if region in names["eu_regions"]]
    for ending, name, region in (("google", ALONE, regions[:1]), ("google_eu", ALONE_EU, in_eu[:1])):
        if region:
            yield Quote(
                key=f"gpu.{gpu}.{ending}", label=name, subject=gpu, amount=amount.normalize(), unit="GPU-hour", region=region[0],
                valid_from=date.fromisoformat(price["effectiveTime"][:10]), title=f"{Google.title}: {sku['description']}",
            )  # fmt: skip
