"""What `/accuracy` shows: the stored scorecard in words, tables and charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.accuracy.agreement import CLASSES, NEITHER, scored_class
from app.accuracy.ladders import Ladder, ladders
from app.accuracy.measurements import HeldOut, held_out
from app.accuracy.scorecard import Agreement, Engine, Miss, Publication, Quantity, Scorecard
from app.domain.knowledge import Knowledge
from app.domain.quality import wilson
from app.domain.values import SourceRef
from app.locales import N_, Formatter
from app.web.charts.accuracy import calibration_figure, comparison_figure, factor, scatter_figure, short
from app.web.charts.spec import Figure
from app.web.views.names import FAMILIES
from app.web.views.pages import refs

HEADINGS = {"training": N_("Speed of training"), "memory": N_("Memory"), "serving": N_("Speed in operation")}
WITHOUT = {"source": N_("source"), "model": N_("model"), "gpu": "GPU"}
CLASS_NAMES = {**{name: FAMILIES[name] for name in CLASSES if name in FAMILIES}, NEITHER: N_("Neither, or continued pretraining")}  # fmt: skip


@dataclass(frozen=True)
class SourceRow:
    """One publication of measurements."""

    name: str
    source: Publication
    median: str
    ninth: str
    mlcommons: bool


@dataclass(frozen=True)
class QuantityPart:
    """One quantity: its figures as text, its plot, its sources."""

    quantity: Quantity
    heading: str
    fold: str
    pooled: str
    ninth: str
    figure: Figure
    sources: list[SourceRow]


@dataclass(frozen=True)
class HeldOutRow:
    """A quantity with constants fitted without the source, the model or the GPU of the measurement; figures as text."""

    heading: str
    without: str
    fold: str
    ninth: str
    coverage: float


@dataclass(frozen=True)
class ConfusionRow:
    """A published class and how often each class was advised: count, and whether it is the same."""

    name: str
    cells: list[tuple[int, bool]]


@dataclass(frozen=True)
class MissRow:
    """A published decision that the advice does not equal."""

    organisation: str
    task: str
    url: str
    published: str
    advised: str
    published_why: str
    miss: Miss


@dataclass(frozen=True)
class LadderRow:
    """A published order of decision with its figures and sources."""

    ladder: Ladder
    agreement: Agreement
    sources: list[SourceRef]


@dataclass(frozen=True)
class AccuracyPage:
    """`/accuracy`."""

    as_of: date
    knowledge_hash: str
    current: bool  # the knowledge has not changed since
    advice: Agreement
    advice_range: str  # 95 % interval of the share of equal decisions
    learned: Agreement
    learned_in_sample: Agreement
    engine: Engine
    classes: list[str]
    confusion: list[ConfusionRow]
    calibration: Figure
    comparison: Figure
    ladders: list[LadderRow]
    misses: list[MissRow]
    quantities: list[QuantityPart]
    held_out: list[HeldOutRow]


def accuracy_page(card: Scorecard, knowledge: Knowledge, formatter: Formatter) -> AccuracyPage:
    """The page in one language."""
    advice = card.agreement("engine")
    return AccuracyPage(
        as_of=date.fromisoformat(card.as_of), knowledge_hash=card.knowledge_hash, current=card.knowledge_hash == knowledge.hash,
        advice=advice, advice_range=_between(advice, formatter), learned=card.agreement("learned"), learned_in_sample=card.agreement("learned_in_sample"),
        engine=card.engine, classes=list(CLASS_NAMES.values()), confusion=_confusion(advice),
        calibration=calibration_figure(card, formatter), comparison=comparison_figure(card, formatter),
        ladders=[LadderRow(item, card.agreement(item.id), refs(knowledge, item.sources)) for item in ladders()],
        misses=[row for miss in card.engine.misses if (row := _miss(miss, knowledge))],
        quantities=[_quantity(item, formatter) for item in card.quantities],
        held_out=[_held_out(item, formatter) for item in held_out()],
    )  # fmt: skip


def _held_out(item: HeldOut, formatter: Formatter) -> HeldOutRow:
    folds = factor(formatter, item.fold_median_of_sources), factor(formatter, item.pooled_p90)
    return HeldOutRow(HEADINGS[item.quantity], WITHOUT[item.without], *folds, item.coverage)


def _between(item: Agreement, formatter: Formatter) -> str:
    low, high = wilson(item.exact, item.n)
    return formatter.t("{low} to {high}").format(low=formatter.percent(low), high=formatter.percent(high))


def _confusion(item: Agreement) -> list[ConfusionRow]:
    counts = {(left, right): count for left, right, count in item.confusion}
    return [
        ConfusionRow(name, [(counts.get((left, right), 0), left == right) for right in CLASSES])
        for left, name in CLASS_NAMES.items()
    ]


def _miss(miss: Miss, knowledge: Knowledge) -> MissRow | None:
    case = knowledge.cases.get(miss.case)
    if case is None:
        return None
    return MissRow(
        case.organisation, case.task, case.url, _family(miss.published), _family(miss.advised), case.why, miss
    )  # fmt: skip


def _family(name: str) -> str:
    return FAMILIES.get(name, CLASS_NAMES[scored_class(name)])


def _quantity(item: Quantity, formatter: Formatter) -> QuantityPart:
    return QuantityPart(
        item, HEADINGS[item.name], factor(formatter, item.fold_median_of_sources), factor(formatter, item.pooled_median),
        factor(formatter, item.pooled_p90), scatter_figure(item, formatter),
        [_source(source, formatter) for source in item.sources],
    )  # fmt: skip


def _source(source: Publication, formatter: Formatter) -> SourceRow:
    return SourceRow(
        short(source.url), source, factor(formatter, source.fold_median), factor(formatter, source.fold_p90),
        "mlcommons" in source.url,
    )  # fmt: skip
