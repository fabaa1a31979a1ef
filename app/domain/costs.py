"""What an option costs at a hosting: all components, their sums for each draw, and the published form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from app.domain.catalogue import ModelInfo
from app.domain.components import compliance, data, inference, labour, machines, retrieval, training
from app.domain.components.lines import Amount, Bundle, Desk, PricedLine
from app.domain.components.profile import OWN_MACHINES, RETRIEVING, Way
from app.domain.decision import Cost, CostLine
from app.domain.draws import Array
from app.domain.situation import Situation
from app.domain.values import MoneyRange, Range

CENT = Decimal("0.01")


@dataclass(frozen=True)
class OptionCosts:
    """Sums in the currency of the report and weeks to the first use, one number for each draw; every line behind them."""

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

    def prepare(self, currency: str) -> Cost:
        """The published form."""
        return Cost(
            one_off=money(self.one_off, currency), monthly=money(self.monthly, currency), total=money(self.total, currency),
            lines=[_line(line, currency) for line in self.lines if not _is_nothing(line)],
        )  # fmt: skip


def option_costs(situation: Situation, option: str, hosting: str, model: ModelInfo | None) -> OptionCosts:
    """Everything counted (product levels, "Everything counted")."""
    desk, way = Desk(situation), Way(option, hosting, model)
    parts = _parts(desk, way)
    count = situation.draws.count
    missing = tuple(dict.fromkeys(key for part in parts for key in part.missing))
    return OptionCosts(
        _array(sum(part.one_off for part in parts), count), _array(sum(part.monthly for part in parts), count),
        tuple(line for part in parts for line in part.lines), missing, weeks_to_value(situation, way), situation.horizon_months,
    )  # fmt: skip


def _parts(desk: Desk, way: Way) -> list[Bundle]:
    own = way.hosting in OWN_MACHINES
    work = desk.bundle(
        ("building", way.option, way.tuned, way.own_model, way.hosting), lambda: labour.building(desk, way)
    )
    parts = [
        work,
        desk.bundle(
            ("optimism", way.option, way.tuned, way.own_model, way.hosting), lambda: labour.optimism(desk, work.one_off)
        ),
        desk.bundle("change", lambda: labour.change(desk)),
        desk.bundle(("operating", way.option, way.hosting, way.own_model), lambda: labour.operating(desk, way)),
        desk.bundle("test cases", lambda: data.test_cases(desk)),
        desk.bundle(("compliance", way.key), lambda: compliance.compliance_lines(desk, way)),
        desk.bundle("review", lambda: compliance.review_lines(desk)),
        desk.bundle(("exit", way.key), lambda: labour.leaving(desk, way, work.one_off)),
    ]
    if way.model is not None:
        parts += _model_parts(desk, way)
        parts += [] if own else [desk.bundle("egress", lambda: compliance.egress_lines(desk))]
    if way.option in RETRIEVING:
        parts.append(desk.bundle(("retrieval", way.hosting), lambda: retrieval.retrieval_lines(desk, way)))
    if way.tuned:
        parts.append(desk.bundle(("examples", way.option), lambda: data.training_examples(desk, way)))
        parts.append(desk.bundle(("training", way.key), lambda: training.training_lines(desk, way)))
    return parts


def _model_parts(desk: Desk, way: Way) -> list[Bundle]:
    """Running the model: by the token, or on machines."""
    if way.own_model:
        return [desk.bundle(("machines", way.key), lambda: machines.machine_lines(desk, way))]
    spent = desk.bundle(("tokens", way.key), lambda: inference.token_lines(desk, way))
    return [
        spent,
        desk.bundle(("residency", way.key), lambda: inference.residency(desk, way, spent.monthly)),
        desk.bundle(("test runs", way.key), lambda: inference.test_runs(desk, way, spent.monthly)),
    ]


def weeks_to_value(situation: Situation, way: Way) -> Array:
    """Weeks until the option is first used; own hardware has to be bought first."""
    weeks = situation.parameter(f"weeks.{way.option}")
    if way.hosting == "on_premises" and way.model is not None:
        weeks = weeks + situation.parameter("weeks.on_premises")
    return weeks


def _array(amount: Amount, count: int) -> Array:
    return np.broadcast_to(np.asarray(amount, dtype=np.float64), (count,))


def percentiles(values: Amount) -> tuple[float, float, float]:
    """10th, 50th, 90th percentile."""
    if isinstance(values, float | int):
        return float(values), float(values), float(values)
    if values.ndim == 0 or values.strides == (0,):
        point = float(values.flat[0])
        return point, point, point
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return float(low), float(middle), float(high)


def money(values: Amount, currency: str) -> MoneyRange:
    """An amount to the cent."""
    low, middle, high = (Decimal(f"{value:.2f}") for value in percentiles(values))
    return MoneyRange.model_construct(p10=low, p50=middle, p90=high, currency=currency)


def shown(values: Amount, digits: int = 6) -> Range:
    """A range, rounded so that the last bits of floating point never show."""
    low, middle, high = (float(f"{value:.{digits}g}") for value in percentiles(values))
    return Range.model_construct(p10=low, p50=middle, p90=high)


def _is_nothing(line: PricedLine) -> bool:
    return line.amount is not None and not np.any(line.amount)


def _line(line: PricedLine, currency: str) -> CostLine:
    price = line.price
    return CostLine.model_construct(
        key=line.key, label=line.label, group=line.group, timing=line.timing, quantity=shown(line.quantity), unit=line.unit,
        unit_price=str(price.amount) if price else None, unit_currency=price.currency if price else None, price_key=line.price_key,
        amount=None if line.amount is None else money(line.amount, currency),
        sources=[*line.sources, *([price.source] if price else [])],
    )  # fmt: skip
