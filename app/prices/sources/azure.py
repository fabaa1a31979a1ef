"""Azure Retail Prices: GPU machines in all regions, and the hosting of tuned models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from app.domain.messages import label
from app.prices.source import Context, Quote, Source, as_data, table
from app.prices.web import SourceFailed

RENTED = str(label("Rented from Azure").value)
RENTED_EU = str(label("Rented from Azure, EU region").value)
HOSTING = str(label("Hosting of a deployed tuned model").value)
MOST_PAGES = 100  # of a hundred rows each
Item = dict[str, Any]


class Azure(Source):
    """The cheapest region of each GPU by the hour, and the dearest regional hosting of a tuned model by the hour."""

    name: ClassVar[str] = "azure"
    title: ClassVar[str] = "Azure Retail Prices"
    url: ClassVar[str] = "https://prices.azure.com/api/retail/prices"

    def fetch(self, context: Context) -> Any:
        """Machines, then the meters of tuned models. Raises SourceFailed."""
        names = table("azure")
        machines = " or ".join(f"armSkuName eq '{machine}'" for machine in names["machines"])
        rented = self._items(context, f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and ({machines})")  # fmt: skip
        tuned = self._items(context, names["tuned_models"])
        return as_data([*_rented(rented), *_hosting(tuned)])

    def _items(self, context: Context, wanted: str) -> list[Item]:
        found: list[Item] = []
        page = context.web.json(self.url, {"api-version": "2023-01-01-preview", "currencyCode": "USD", "$filter": wanted})  # fmt: skip
        for _ in range(MOST_PAGES):
            found += page["Items"]
            following = page["NextPageLink"]
            if not following:
                return found
            if urlsplit(following).hostname != urlsplit(self.url).hostname:
                raise SourceFailed("{title} leads to another host.", title=self.title)
            page = context.web.json(following)
        raise SourceFailed("{title} has more than {most} pages.", title=self.title, most=MOST_PAGES)


def _rented(items: list[Item]) -> Iterator[Quote]:
    """The cheapest offer of each GPU, anywhere and in EU regions; no Windows, nothing interruptible."""
    names, cheapest = table("azure"), dict[str, tuple[Decimal, Item]]()
    for item in items:
        machine, words = names["machines"].get(item["armSkuName"]), f"{item['productName']} {item['skuName']} {item['meterName']}"  # fmt: skip
        amount = Decimal(str(item["retailPrice"]))
        if (
            machine is None
            or item["unitOfMeasure"] != "1 Hour"
            or not amount
            or re.search(names["other_offers"], words)
        ):
            continue
        each = (amount / machine["count"]).quantize(Decimal("0.0001"))
        endings = ["azure", *(["azure_eu"] if item["armRegionName"] in names["eu_regions"] else [])]
        for key in (f"gpu.{machine['gpu']}.{ending}" for ending in endings):
            if key not in cheapest or each < cheapest[key][0]:
                cheapest[key] = each, item
    for key, (each, item) in cheapest.items():
        yield Quote(
            key=key, label=RENTED_EU if key.endswith("_eu") else RENTED, subject=key.split(".")[1], amount=each, unit="GPU-hour",
            region=item["armRegionName"], valid_from=_day(item), title=f"{Azure.title}: {item['armSkuName']}, {item['armRegionName']}",
        )  # fmt: skip


def _hosting(items: list[Item]) -> Iterator[Quote]:
    """Hosting by the hour: the dearest of the meters, for models differ little and nothing should come out too cheap."""
    pattern = re.compile(table("azure")["hosting_meters"])
    hours = [item for item in items if item["unitOfMeasure"] == "1 Hour" and pattern.search(item["meterName"])]
    if hours:
        item = max(hours, key=lambda item: Decimal(str(item["retailPrice"])))
        yield Quote(
            key="tuning.azure.hosting", label=HOSTING, amount=Decimal(str(item["retailPrice"])), unit="hour", region=item["armRegionName"],
            valid_from=_day(item), title=f"{Azure.title}: {item['meterName']}, {item['armRegionName']}",
        )  # fmt: skip


def _day(item: Item) -> date:
    return date.fromisoformat(item["effectiveStartDate"][:10])
