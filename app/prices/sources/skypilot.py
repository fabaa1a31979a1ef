"""SkyPilot's catalogues of rented GPUs: one CSV for each seller, list prices of whole machines by region."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from statistics import median, quantiles
from typing import Any, ClassVar

from app.domain.messages import label
from app.prices.source import Context, Quote, Source, as_data, table
from app.prices.web import SourceFailed

# ending of the key -> label, column of the price, whether only regions in the EU count
KINDS = {
    "rented": (str(label("Rented").value), "Price", False),
    "rented_eu": (str(label("Rented, EU region").value), "Price", True),
    "spot": (str(label("Rented, interruptible").value), "SpotPrice", False),
}
Offers = dict[tuple[str, str], dict[str, list[Decimal]]]  # GPU and kind -> seller -> prices of one GPU


class SkyPilot(Source):
    """The market price of a GPU-hour: the median over the sellers of each one's cheapest offer."""

    name: ClassVar[str] = "skypilot"
    title: ClassVar[str] = "SkyPilot's catalogues of GPU clouds"
    url: ClassVar[str] = "https://github.com/skypilot-org/skypilot-catalog"
    grade = "D"

    def fetch(self, context: Context) -> Any:
        """The market prices of our GPUs. A seller whose list is missing is left out; without any it raises SourceFailed."""
        names, offers = table("skypilot"), defaultdict[tuple[str, str], dict[str, list[Decimal]]](dict)
        read = [seller for seller, path in names["sellers"].items() if self._read(context, seller, path, offers)]
        if len(read) < names["fewest_sellers"]:
            raise SourceFailed("Only {count} of the sellers' lists could be read.", count=len(read))
        return as_data(_quote(gpu, kind, sellers) for (gpu, kind), sellers in offers.items())

    def _read(self, context: Context, seller: str, path: str, offers: Offers) -> bool:
        try:
            text = context.web.text(f"{table('skypilot')['address']}/{path}")
        except SourceFailed:
            return False
        for gpu, kind, amount in _offers(text):
            offers[gpu, kind].setdefault(seller, []).append(amount)
        return True


def _offers(text: str) -> Iterator[tuple[str, str, Decimal]]:
    """GPU, kind and price of one GPU-hour of every row with a price."""
    names = table("skypilot")
    in_eu, outside = re.compile(names["eu_regions"]), set(names["not_in_the_eu"])
    for row in csv.DictReader(io.StringIO(text)):
        gpu, count = names["gpus"].get(row["AcceleratorName"]), Decimal(row["AcceleratorCount"] or 0)
        eu = bool(in_eu.match(row["Region"])) and row["Region"] not in outside
        for kind, (_, column, only_eu) in KINDS.items():
            if gpu and count >= 1 and row[column] and Decimal(row[column]) > 0 and (eu or not only_eu):
                yield gpu, kind, Decimal(row[column]) / count


def _quote(gpu: str, kind: str, sellers: dict[str, list[Decimal]]) -> Quote:
    cheapest = sorted(min(prices) for prices in sellers.values())
    middle = _rounded(median(cheapest))
    high = quantiles(cheapest, n=4, method="inclusive")[2] if len(cheapest) > 1 else middle
    listed = ", ".join(sorted(sellers))
    return Quote(
        key=f"gpu.{gpu}.{kind}", label=KINDS[kind][0], subject=gpu, amount=middle, low=_rounded(cheapest[0]), high=_rounded(high),
        unit="GPU-hour", region="eu" if KINDS[kind][2] else "world", tier="spot" if kind == "spot" else "",
        title=f"Median of the list prices of {len(sellers)} sellers: {listed} (cheapest offer of each; upper end: third quartile)",
    )  # fmt: skip


def _rounded(amount: Decimal | float) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.0001"))
