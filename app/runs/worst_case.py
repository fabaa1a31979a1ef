"""What a launch may cost at most within its caps: price times cap, machine by machine; and what it has cost so far."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Any

from app.domain.catalogue import Price, PriceBook
from app.domain.messages import Frozen
from app.launch.catalogue import catalogue
from app.launch.control import ENDED, ControlInfo
from app.launch.spec import LaunchSpec
from app.locales import N_
from app.store.models import Launch

CENT = Decimal("0.01")


class WorstLine(Frozen):
    """One part of the worst case. `amount` None: its price is not known."""

    label: str  # English gettext id
    quantity: float
    unit: str
    amount: Decimal | None


class WorstCase(Frozen):
    """The highest cost that the caps allow, in `currency`; `total` None when a price is missing. `hourly` is the price of an hour."""

    lines: list[WorstLine]
    total: Decimal | None
    hourly: Decimal | None
    currency: str


def worst_case(spec: LaunchSpec, info: ControlInfo, book: PriceBook) -> WorstCase:
    """The worst case of a launch: GPUs for the whole time cap at the highest known price, or the cap of a service that computes."""
    hours = spec.seconds / 3600
    hourly = _hourly(spec, book)
    if spec.gpu:
        gpus = WorstLine(label=N_("GPUs for the whole time cap"), quantity=hours * spec.gpu_count, unit="GPU-hour", amount=_times(hourly, hours))  # fmt: skip
        return _summed([gpus], hourly, spec.currency)
    if spec.training:
        factor = Decimal(str(catalogue().caps["price_factor"]))
        amount = spec.cost.p90 * factor if spec.cost else None
        run = WorstLine(label=N_("Tuning as a service: the report's high estimate with its reserve; larger files cost more"), quantity=1, unit=N_("run"), amount=amount)  # fmt: skip
        return _summed([run], None, spec.currency)
    machine = WorstLine(label=N_("Machine without a GPU for the whole time cap"), quantity=hours, unit=N_("hour"), amount=None)  # fmt: skip
    return _summed([machine], None, spec.currency)


def _summed(lines: list[WorstLine], hourly: Decimal | None, currency: str) -> WorstCase:
    amounts = [line.amount for line in lines if line.amount is not None]
    total = sum(amounts, Decimal()).quantize(CENT, ROUND_UP) if len(amounts) == len(lines) else None
    return WorstCase(lines=lines, total=total, hourly=hourly, currency=currency)


def _hourly(spec: LaunchSpec, book: PriceBook) -> Decimal | None:
    """The highest known price of an hour of all GPUs of the launch, in its currency; of all places, since some are cheap in Europe."""
    known = [book.get(f"gpu.{spec.gpu}.{place}") for place in ("rented", "rented_eu")]
    prices = [_highest(price) / book.fx[price.currency] for price in known if price and price.currency in book.fx]
    if not prices or spec.currency not in book.fx:
        return None
    return (max(prices) * book.fx[spec.currency] * spec.gpu_count).quantize(CENT, ROUND_UP)


def _highest(price: Price) -> Decimal:
    return max(price.amount, price.high or price.amount)


def _times(hourly: Decimal | None, hours: float) -> Decimal | None:
    return (hourly * Decimal(str(hours))).quantize(CENT, ROUND_UP) if hourly is not None else None


def as_stored(worst: WorstCase, limit: Decimal, estimate: Any, book: PriceBook) -> dict[str, Any]:
    """The money of a launch as its row keeps it. `rates`: what one unit of a currency is in that of the launch, on the day of the order."""
    rates = {name: str(book.fx[worst.currency] / rate) for name, rate in book.fx.items()}
    return {"worst": worst.model_dump(mode="json"), "limit": str(limit), "estimate": estimate, "rates": rates}


def cost_so_far(launch: Launch, now: datetime) -> Decimal | None:
    """What the platform states, else time used at the highest price of an hour: never more than is known. None when neither is known."""
    if launch.cost is not None:
        return Decimal(launch.cost)
    hourly = WorstCase.model_validate(launch.money["worst"]).hourly
    if hourly is None or launch.started_at is None:
        return None if launch.started_at else Decimal()
    standing = launch.state in ENDED and launch.ended_at is None
    end = now if standing or launch.ended_at is None else launch.ended_at
    return (hourly * Decimal(str(max(0.0, (end - launch.started_at).total_seconds() / 3600)))).quantize(CENT, ROUND_UP)
