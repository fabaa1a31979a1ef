"""Numbers of a report that a launch needs: hours, tokens, GPU and cost of one training run, cost of a month of operation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from app.domain.decision import CostLine, OptionResult
from app.domain.knowledge import Knowledge
from app.domain.values import MoneyRange
from app.launch.catalogue import catalogue

GPU_KEY = re.compile(r"^gpu\.([A-Za-z0-9-]+)\.")
MILLION = 1e6
LONGEST_HOURS = 24 * 28
RUNNING = ("inference", "hosting", "retrieval")


@dataclass(frozen=True)
class Figures:
    """The figures of an option. The report counts `trials` trainings until one is good; a launch is one of them."""

    result: OptionResult
    trials: float

    def whole(self) -> bool:
        """Whether all weights are trained, on several GPUs."""
        return self.result.option == "continued_pretraining"

    @property
    def runs(self) -> float:
        """Runs that the report's training lines hold; training all weights is too dear to repeat."""
        return 1.0 if self.whole() else self.trials

    def cost(self) -> MoneyRange | None:
        """Cost of one training run; None where its price is unknown."""
        return self._sum(_is_training, self.runs)

    def month(self) -> MoneyRange | None:
        """Cost of one month of operation, without labour; None where its prices are unknown."""
        return self._sum(lambda line: line.timing == "monthly" and line.group in RUNNING, 1)

    def tokens(self) -> int | None:
        """Tokens of one run over all epochs, where the report prices it by tokens."""
        found = [line.quantity.p50 for line in self._training() if line.quantity and "1M tokens" in line.unit]
        return round(sum(found) * MILLION / self.runs) or None

    def hours(self, gpus: int, slower: float) -> int:
        """Hard stop in whole hours: the high estimate of GPU-hours per GPU, stretched for a slower GPU, with its reserve."""
        caps = catalogue().caps
        found = [line.quantity.p90 for line in self._training() if line.quantity and line.unit == "GPU-hour"]
        if not found:
            return int(caps["hours_default"])
        return min(LONGEST_HOURS, max(1, ceil(sum(found) / self.runs / gpus * slower * caps["hours_factor"])))

    def gpu(self) -> str | None:
        """The GPU with which the report reckons the training."""
        keys = [GPU_KEY.match(line.price_key or "") for line in self._training()]
        return next((found.group(1) for found in keys if found), None)

    def _training(self) -> list[CostLine]:
        return [line for line in self._lines() if _is_training(line)]

    def _lines(self) -> list[CostLine]:
        return self.result.cost.lines if self.result.cost else []

    def _sum(self, belongs: Callable[[CostLine], bool], parts: float) -> MoneyRange | None:
        amounts = [line.amount for line in self._lines() if line.amount and belongs(line)]
        if not amounts:
            return None
        divisor = Decimal(str(parts))
        total = {name: _cents(sum(getattr(item, name) for item in amounts) / divisor) for name in ("p10", "p50", "p90")}
        return MoneyRange.model_validate({**total, "currency": amounts[0].currency})


def _is_training(line: CostLine) -> bool:
    return line.group == "training" and line.timing == "one_off"


def runs_until_good(knowledge: Knowledge, day: date) -> float:
    """How many trainings the report counts until one is good enough."""
    parameter = knowledge.parameters.get("training.runs")
    return max(1.0, parameter.on(day).mode) if parameter else 1.0


def cost_cap(estimate: MoneyRange | None) -> int | None:
    """What the time cap and the price cap of an hour allow together, in whole units of the report's currency."""
    caps = catalogue().caps
    worst = float(estimate.p90) * caps["hours_factor"] * caps["price_factor"] if estimate else 0
    return max(int(caps["cost_least"]), ceil(worst)) if estimate else None


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
