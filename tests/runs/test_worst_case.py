"""What a launch may cost at most: never less than the dearest known hour, in the currency of the launch."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.launch.control import controls
from app.launch.spec import LaunchSpec
from app.runs.worst_case import worst_case
from tests.runs.test_every_platform import book, drafted


def spec(**changes: object) -> LaunchSpec:
    return drafted("aws", "sagemaker_training", "5af0c3b2d1e4f697").spec.model_copy(update=changes)


@pytest.mark.parametrize("residency", ["world", "eu", "germany", "own_cloud", None])
@pytest.mark.parametrize("gpu", ["H100-SXM", "A100-80", "L4"])
def test_the_dearest_known_hour_counts_wherever_it_runs(residency: str | None, gpu: str) -> None:
    prices, info = book("."), controls("aws")["sagemaker_training"]
    worst = worst_case(spec(residency=residency, gpu=gpu, gpu_count=8, currency="USD"), info, prices)
    for place in ("rented", "rented_eu"):
        price = prices.get(f"gpu.{gpu}.{place}")
        assert price and price.currency == "USD"
        assert worst.hourly and worst.hourly >= 8 * max(price.amount, price.high or Decimal())
    assert worst.total == worst.hourly * 2


def test_two_launches_of_a_report_have_names_of_their_own() -> None:
    one, two = (drafted("aws", "sagemaker_training", launch) for launch in ("5af0c3b2d1e4f697", "5af0c3b3d1e4f697"))
    assert one.order.name != two.order.name
