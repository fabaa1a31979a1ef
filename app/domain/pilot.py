"""A pilot's results update the success rate of an option: Beta prior from the model's draws, binomial data, Beta posterior.

The prior has the mean and the spread of the model's draws; its weight a + b is how many test cases the model counts for. The updated
draws keep the order of the model's, so an option that is good in a draw stays good in it (Iman, Conover 1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field, model_validator

from app.domain.draws import Array
from app.domain.messages import Frozen, Message
from app.domain.values import OptionId, Range

LEAST_WEIGHT = 1.0  # a model that knows nothing still counts for one case, so that the posterior is always proper
SPREADS = 9.0  # standard deviations around the mean that hold all of the distribution that matters
PIECES = 4000
MOST_CASES = 1_000_000


class PilotResult(Frozen):
    """How often an option was right in a test of the user's own."""

    option: OptionId
    cases: int = Field(ge=1, le=MOST_CASES)
    successes: int = Field(ge=0, le=MOST_CASES)

    @model_validator(mode="after")
    def _not_more_than_all(self) -> PilotResult:
        if self.successes > self.cases:
            raise ValueError(
                f"{self.successes} successes in {self.cases} cases: there cannot be more successes than cases"
            )
        return self


class Evidence(Frozen):
    """All results of the user's own that a decision rests on, one for an option at most."""

    results: tuple[PilotResult, ...] = ()

    @model_validator(mode="after")
    def _each_option_once(self) -> Evidence:
        names = [result.option for result in self.results]
        if len(set(names)) < len(names):
            raise ValueError("each option may stand there once; add its results up")
        return self

    def of(self, option: str) -> PilotResult | None:
        """The result of an option."""
        return next((result for result in self.results if result.option == option), None)


NO_EVIDENCE = Evidence()


class PilotUpdate(Message):
    """What a pilot changed: the success rate before and after, and the weights of both sides in cases."""

    option: OptionId
    cases: int
    successes: int
    prior_weight: float
    before: Range
    after: Range


@dataclass(frozen=True)
class Beta:
    """A distribution of a success rate: `a` successes and `b` failures, imagined or counted."""

    a: float
    b: float

    @property
    def weight(self) -> float:
        """As many cases does it count for."""
        return self.a + self.b

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / self.weight

    @property
    def spread(self) -> float:
        """The standard deviation."""
        return float(np.sqrt(self.mean * (1 - self.mean) / (self.weight + 1)))

    def after(self, result: PilotResult) -> Beta:
        """The posterior."""
        return Beta(self.a + result.successes, self.b + result.cases - result.successes)

    def quantiles(self, shares: Array) -> Array:
        """The rates below which these shares lie, by summing the density over a fine grid around the mean."""
        low, high = max(self.mean - SPREADS * self.spread, 0.0), min(self.mean + SPREADS * self.spread, 1.0)
        middles = low + (np.arange(PIECES) + 0.5) * (high - low) / PIECES
        logs = (self.a - 1) * np.log(middles) + (self.b - 1) * np.log1p(-middles)
        summed = np.cumsum(np.exp(logs - logs.max()))
        edges = np.linspace(low, high, PIECES + 1)
        return np.interp(shares, np.append(0.0, summed / summed[-1]), edges)


def prior_of(success: Array, most_weight: float) -> Beta:
    """The Beta distribution with mean and variance of the draws, counting for at most so many cases."""
    mean = float(np.clip(success.mean(), 0.005, 0.995))
    variance = float(success.var())
    weight = mean * (1 - mean) / variance - 1 if variance > 0 else most_weight
    weight = float(np.clip(weight, LEAST_WEIGHT, most_weight))
    return Beta(mean * weight, (1 - mean) * weight)


def updated(success: Array, result: PilotResult, most_weight: float) -> Array:
    """The draws of the success rate with the pilot's result taken in; their order stays."""
    posterior = prior_of(success, most_weight).after(result)
    order = np.argsort(success, kind="stable")
    ranks = np.empty(success.size)
    ranks[order] = np.arange(success.size)
    return posterior.quantiles((ranks + 0.5) / success.size)
