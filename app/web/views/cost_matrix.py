"""The middle amounts of all options in one table: lines down, options across."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.report_parts import CostTable


@dataclass(frozen=True)
class MatrixRow:
    """One cost line with its middle amount for each option; empty where an option has no such line."""

    label: str
    timing: str
    amounts: tuple[str, ...]


@dataclass(frozen=True)
class CostMatrix:
    """All cost lines of all feasible options, and their sums."""

    options: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    sums: tuple[MatrixRow, ...]


def cost_matrix(tables: tuple[CostTable, ...]) -> CostMatrix:
    """The lines in the order in which the options name them, those of the advice first."""
    amounts = [{(row.timing, row.label): row.amounts[1] for row in table.rows} for table in tables]
    lines = sorted({line: None for found in amounts for line in found}, key=lambda line: _first(tables, line[0]))
    rows = (
        MatrixRow(label, timing, tuple(found.get((timing, label), "") for found in amounts)) for timing, label in lines
    )
    sums = ([table.sums[place] for table in tables] for place in range(len(tables[0].sums) if tables else 0))
    return CostMatrix(
        tuple(table.option for table in tables), tuple(rows),
        tuple(MatrixRow(same[0][0], "", tuple(item[2] for item in same)) for same in sums),
    )  # fmt: skip


def _first(tables: tuple[CostTable, ...], timing: str) -> int:
    """One-off lines before monthly ones: the place at which the timing first appears."""
    return list(dict.fromkeys(row.timing for table in tables for row in table.rows)).index(timing)
