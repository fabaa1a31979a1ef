"""The report as a workbook (XLSX): numbers are numbers, texts are never formulas, the same report gives the same bytes."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.web.tables import FORMULA_SIGNS, Cell, Column, Kind, Sheet, Tables

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The program that opens the file shows separators as its user is used to.
NUMBER_FORMATS: dict[Kind, str] = {
    "money": "#,##0.00", "price": "#,##0.00######", "percent": "0.0%", "number": "#,##0.0#######", "count": "#,##0",
    "date": "yyyy-mm-dd",
}  # fmt: skip
WIDTHS: dict[Kind, int] = {
    "wide": 60, "text": 24, "money": 15, "price": 13, "percent": 11, "number": 13, "count": 8, "date": 12,
}  # fmt: skip
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}  # fmt: skip
ACCENT, HAIRLINE = "#17507F", "#CBC8C0"
LONGEST_CELL = 32_000


def workbook_of(tables: Tables) -> bytes:
    """All sheets, the summary first."""
    buffer = BytesIO()
    book = Workbook(buffer, OPTIONS)
    created = tables.report.created_at.replace(tzinfo=None)
    book.set_properties({"title": "Lotse", "author": "Lotse", "created": created})
    writer = _Writer(book)
    for sheet in (tables.summary(), *tables.sheets()):
        writer.add(sheet)
    book.close()
    return buffer.getvalue()


class _Writer:
    """Writes sheets into one workbook with common looks."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top", "bottom": 4, "bottom_color": HAIRLINE}
        self.heading = book.add_format({**base, "bold": True, "font_color": ACCENT, "text_wrap": True, "bottom": 2, "bottom_color": ACCENT})  # fmt: skip
        self.looks: dict[Kind, Format] = {
            kind: book.add_format({**base, "text_wrap": kind == "wide", "num_format": NUMBER_FORMATS.get(kind, "@")})
            for kind in WIDTHS
        }
        # The apostrophe of spreadsheets: such a text stays a text when somebody edits the cell or saves it as CSV.
        self.guarded = book.add_format({**base, "text_wrap": True, "num_format": "@", "quote_prefix": True})

    def add(self, sheet: Sheet) -> None:
        """One table with frozen headings, filter, widths and page setup."""
        page = self.book.add_worksheet(_sheet_name(sheet.title))
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, _width(column, sheet, place))
            page.write_string(0, place, column.label, self.heading)
        for number, row in enumerate(sheet.rows, 1):
            for place, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
                self._write(page, number, place, column.kind, cell)
        self._set_up(page, sheet)

    def _write(self, page: Worksheet, row: int, place: int, kind: Kind, cell: Cell) -> None:
        look = self.looks[kind]
        if cell is None or cell == "":
            page.write_blank(row, place, None, look)
        elif isinstance(cell, str):
            text = cell[:LONGEST_CELL]
            page.write_string(row, place, text, self.guarded if text.startswith(FORMULA_SIGNS) else look)
        elif isinstance(cell, date):
            page.write_datetime(row, place, cell, look)
        else:
            whole = kind == "number" and float(cell).is_integer()
            page.write_number(row, place, float(cell), self.looks["count"] if whole else look)

    def _set_up(self, page: Worksheet, sheet: Sheet) -> None:
        last_row, last_column = max(len(sheet.rows), 1), len(sheet.columns) - 1
        page.freeze_panes(1, 2 if len(sheet.columns) > 4 else 0)
        page.autofilter(0, 0, last_row, last_column)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.hide_gridlines(2)
        page.set_footer("&L&A&R&P / &N")


def _sheet_name(title: str) -> str:
    # Excel allows 31 characters and none of []:*?/\.
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:31]


def _width(column: Column, sheet: Sheet, place: int) -> float:
    if column.kind not in ("text", "wide"):
        return WIDTHS[column.kind]
    longest = max((len(str(row[place] or "")) for row in sheet.rows), default=0)
    return max(10.0, min(WIDTHS[column.kind], 1.1 * max(longest, len(column.label) * 0.6)))
