"""What an option costs at a hosting: all components, their sums for each draw, and the published form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.domain.catalogue import ModelInfo
from app.domain.components import compliance, data, hosting, inference, labour, retrieval, training
from app.domain.components.lines import Bundle, Desk, PricedLine, total
from app.domain.components.profile import IN_EU, OWN_MACHINES, RETRIEVING, Way
from app.domain.components.settled import settled
from app.domain.components.shown import money, publish
from app.domain.decision import Cost, CostLine
from app.domain.draws import Array
from app.domain.situation import Situation
from app.domain.statistics import Amount

WORKING_DAYS_PER_WEEK = 5


@dataclass(frozen=True)
class OptionCosts:
    """Sums in the currency of the report and weeks to the first use, one number for each draw; every line behind them.

    Lines whose price is unknown are left out of the sums; `missing` names their price keys.
    """

    one_off: Array
    monthly: Array
    lines: tuple[PricedLine, ...]
    missing: tuple[str, ...]
    weeks: Array
    months: int

    @property
    def total(self) -> Array:
        """One-off and all months of the horizon."""
        return self.one_off + self.monthly * self.months

    def prepare(self, currency: str, published: dict[int, CostLine] | None = None) -> Cost:
        """The published form; `published` holds the lines that are ready (see `publish`)."""
        ready = publish(self.lines, currency) if published is None else published
        return Cost(
            one_off=money(self.one_off, currency), monthly=money(self.monthly, currency), total=money(self.total, currency),
            lines=[ready[id(line)] for line in self.lines if id(line) in ready],
        )  # fmt: skip


def option_costs(situation: Situation, option: str, place: str, model: ModelInfo | None) -> OptionCosts:
    """Everything counted, for an option at a hosting with a base model (None without one). Raises KeyError: a parameter is missing."""
    desk, way = Desk(situation), Way(option, place, model)
    parts = tuple(_parts(desk, way))
    count = situation.draws.count
    missing = tuple(dict.fromkeys(key for part in parts for key in part.missing))
    return OptionCosts(
        _array(total(part.one_off for part in parts), count), _array(total(part.monthly for part in parts), count),
        tuple(line for part in parts for line in part.lines), missing, weeks_to_value(situation, way), situation.horizon_months,
    )  # fmt: skip


def weeks_to_value(situation: Situation, way: Way) -> Array:
    """Weeks until the option is first used; own hardware has to be bought first.

    Never less than the stated team needs for the person-days of the work.
    """
    weeks = situation.parameter(f"weeks.{way.option}")
    if people := situation.facts.get("team_fte"):
        weeks = np.maximum(weeks, situation.parameter(f"effort.{way.option}") / (people * WORKING_DAYS_PER_WEEK))
    if way.hosting == "on_premises" and way.own_model:
        weeks = weeks + situation.parameter("weeks.on_premises")
    return weeks


def _parts(desk: Desk, way: Way) -> Iterator[Bundle]:
    """Lines that several options share are worked out once, under a key that names all they depend on."""
    yield settled(desk, ("work", *labour.depends(way)), labour.ANSWERS, lambda narrow: labour.work(narrow, way))
    yield settled(desk, "change", (), labour.change)
    yield settled(desk, "test cases", data.ANSWERS, data.test_cases)
    kind = ("compliance", *compliance.depends(way))
    yield settled(desk, kind, compliance.ANSWERS, lambda narrow: compliance.compliance_lines(narrow, way))
    yield desk.bundle("review", lambda: compliance.review_lines(desk))
    if way.model is not None:
        yield from _model_parts(desk, way)


def _model_parts(desk: Desk, way: Way) -> Iterator[Bundle]:
    """Running the model, by the token or on machines; retrieval; training."""
    if not way.own_model:
        priced = (way.reading, inference.price_prefix(desk, way))
        spent = desk.bundle(("tokens", *priced), lambda: inference.token_lines(desk, way))
        yield spent
        yield desk.bundle(
            ("residency", *priced, way.hosting in IN_EU), lambda: inference.residency(desk, way, spent.monthly)
        )
        yield desk.bundle(("test runs", *priced), lambda: inference.test_runs(desk, way, spent.monthly))
    if way.hosting != "on_premises":
        yield desk.bundle("egress", lambda: compliance.egress_lines(desk))
    if way.own_model or way.tuned:
        yield desk.bundle(("hosting", way.reading, way.model_id, way.hosting), lambda: hosting.hosting_lines(desk, way))
    if way.option in RETRIEVING:
        yield desk.bundle(
            ("retrieval", way.hosting in OWN_MACHINES, way.hosting in IN_EU),
            lambda: retrieval.retrieval_lines(desk, way),
        )
    if way.tuned:
        kind = way.option if way.option in training.APART else ""
        yield desk.bundle(("examples", kind), lambda: data.training_examples(desk, way))
        trained = desk.bundle(("training", kind, way.model_id, way.hosting), lambda: training.training_lines(desk, way))
        yield trained
        again = ("retraining", kind, way.model_id, way.hosting)
        yield desk.bundle(again, lambda: training.retraining_lines(desk, way, trained))


def _array(amount: Amount, count: int) -> Array:
    return amount if isinstance(amount, np.ndarray) else np.full(count, float(amount))
