"""Tables as CSV that a spreadsheet opens rightly by a double click: separators of the reader's language, texts that cannot be formulas."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from app.web.tables import FORMULA_SIGNS, Cell, Sheet, Tables

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # tells Excel that it is UTF-8


@dataclass(frozen=True)
class Style:
    """How a language separates columns and decimals."""

    columns: str
    decimals: str


STYLES = {"de": Style(";", ","), "en": Style(",", ".")}


def csv_of(tables: Tables, language: str) -> bytes:
    """The options and every cost line; two blocks with their own headings, and an empty line between them."""
    style, buffer = STYLES.get(language, STYLES["en"]), StringIO()
    writer = csv.writer(buffer, delimiter=style.columns, lineterminator="\r\n")
    for position, sheet in enumerate((tables.options(), tables.costs())):
        if position:
            writer.writerow([])
        _write(writer, sheet, style)
    return (BYTE_ORDER_MARK + buffer.getvalue()).encode()


def _write(writer: Any, sheet: Sheet, style: Style) -> None:
    writer.writerow([guarded(column.label) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_text(cell, style) for cell in row])


def _text(cell: Cell, style: Style) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    exact = cell if isinstance(cell, Decimal) else Decimal(f"{cell:.10g}")  # ten digits: no noise of binary fractions
    return format(exact, "f").replace(".", style.decimals)


def guarded(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
