"""What `/how-it-decides/sizes` shows: constants of the estimates, classes of software, shapes of models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.knowledge import Knowledge
from app.domain.sizing.items import Constant, ModelArchitecture, SizingTable, Stack
from app.domain.sizing.stacks import UNKNOWN
from app.domain.values import SourceRef
from app.locales import N_

TABLES = {
    "training": N_("Speed of training"),
    "memory": N_("Memory on the accelerator"),
    "serving": N_("Speed of answering"),
    "width": N_("Width of the bands"),
}
KINDS = {"training": N_("Training"), "serving": N_("Answering")}
TRAITS = {
    "tuned": N_("tuned by the vendor of the accelerator"),
    "plain": N_("one step at a time"),
    "recompute": N_("recomputes activations"),
    "launches": N_("uncompiled, layer by layer"),
    "pads": N_("pads examples, does not pack them"),
    "gathers": N_("collects sharded weights in each pass"),
    "sharded": N_("shards frozen weights, too"),
    "splits": N_("divides the layers among the GPUs"),
}
FITTED = N_("fitted")
UNSHARDED = N_("keeps the whole model on each GPU")


@dataclass(frozen=True)
class ConstantTable:
    """The constants of one kind of estimate under their title."""

    title: str
    table: SizingTable

    @staticmethod
    def basis(constant: Constant) -> str:
        """How a value came about: moved by measurements, untouched by them, or never fitted."""
        if constant.value != constant.prior:
            return FITTED
        return N_("unchanged by the fit") if constant.spread else N_("set, not fitted")


@dataclass(frozen=True)
class StackRow:
    """A class of software: what for, and what is assumed of it unless the request says otherwise."""

    stack: Stack
    kind: str
    traits: list[str]
    usual: bool  # taken when no word of any class is found


@dataclass(frozen=True)
class SizesPage:
    """Every number and class behind sizes and speeds; `groups` names the tables of the page with their rows."""

    tables: list[ConstantTable]
    stacks: list[StackRow]
    architectures: list[ModelArchitecture]
    measured: list[ModelArchitecture]  # those with a task of MLPerf Inference

    @property
    def constants(self) -> int:
        """How many constants there are."""
        return sum(len(item.table.constants) for item in self.tables)

    @property
    def fitted(self) -> int:
        """How many of them measurements have moved."""
        return sum(item.basis(constant) == FITTED for item in self.tables for constant in item.table.constants)

    @property
    def groups(self) -> list[tuple[str, Sequence[object]]]:
        """Title and rows of each table in the order of the page."""
        return [
            *((item.title, item.table.constants) for item in self.tables),
            (N_("Classes of software"), self.stacks),
            (N_("Shapes of models"), self.architectures),
            (N_("Tasks of MLPerf Inference"), self.measured),
        ]

    @staticmethod
    def repository(source: SourceRef) -> str:
        """What a link to a source of a shape says: the name of the model there, else the title."""
        return source.title.removeprefix("Model configuration: ")


def sizes_page(knowledge: Knowledge) -> SizesPage:
    """All of it, software in the order in which it is tried, models by name."""
    stacks = sorted(knowledge.stacks.values(), key=lambda stack: (list(KINDS).index(stack.kind), stack.order))
    shapes = sorted(knowledge.architectures.values(), key=lambda shape: shape.id)
    return SizesPage(
        [ConstantTable(title, knowledge.sizing[name]) for name, title in TABLES.items()],
        [StackRow(stack, KINDS[stack.kind], traits(stack), stack.id == UNKNOWN[stack.kind]) for stack in stacks],
        shapes,
        [shape for shape in shapes if shape.workload],
    )


def traits(stack: Stack) -> list[str]:
    """What is assumed of software of this class, in words."""
    found = [words for name, words in TRAITS.items() if getattr(stack, name)]
    return [*found, *([] if stack.shards else [UNSHARDED])]


def entries(knowledge: Knowledge) -> int:
    """How many constants, classes and shapes there are."""
    constants = sum(len(table.constants) for table in knowledge.sizing.values())
    return constants + len(knowledge.stacks) + len(knowledge.architectures)
