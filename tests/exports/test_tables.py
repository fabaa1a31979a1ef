"""Spreadsheet and CSV: real numbers, no formulas, German and English separators, the same bytes."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.locales import formatter
from app.store.repository import Report
from app.web.csv import STYLES, csv_of
from app.web.spreadsheet import workbook_of
from app.web.tables import Tables, tables_of
from tests.exports.conftest import CREATED, HOSTILE_TITLE

LANGUAGES = ("de", "en")
FORMULAS = ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\rx", "\nx")


@pytest.fixture
def tables(report: Report, decision: Decision, knowledge: Knowledge) -> Tables:
    return tables_of(report, decision, knowledge, formatter("de"))


def opened(tables: Tables) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook_of(tables)))


def rows(tables: Tables, language: str) -> list[list[str]]:
    text = csv_of(tables, language).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=STYLES[language].columns))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_reads_back(report: Report, decision: Decision, knowledge: Knowledge, language: str) -> None:
    tables = tables_of(report, decision, knowledge, formatter(language))
    book = opened(tables)
    written = [tables.summary(), *tables.sheets()]
    assert book.sheetnames == [sheet.title for sheet in written]
    for sheet in written:
        page = book[sheet.title]
        assert [cell.value for cell in page[1]] == [column.label for column in sheet.columns]
        assert page.max_row == 1 + len(sheet.rows)
        for number, row in enumerate(sheet.rows, 2):
            for place, cell in enumerate(row, 1):
                assert same(page.cell(number, place).value, cell), (sheet.title, number, place)


def same(read: Any, written: Any) -> bool:
    if written is None or written == "":
        return read is None
    if isinstance(written, date):
        return isinstance(read, datetime) and read.date() == written
    if isinstance(written, int | float | Decimal):
        return isinstance(read, int | float) and read == pytest.approx(float(written))
    return bool(read.replace("\r", "") == written.replace("\r", "").replace("_x000D_", ""))


def test_numbers_are_numbers_with_formats(tables: Tables) -> None:
    page = opened(tables)[tables.options().title]
    heads = {cell.value.replace("\xa0", " "): cell.column for cell in page[1]}
    share = page.cell(2, heads["Wahrscheinlichkeit, die beste zu sein"])
    assert (share.data_type, share.number_format, share.value) == ("n", "0.0%", 0.72)
    total = page.cell(2, heads["Über 36 Monate, mittel"])
    assert (total.data_type, total.number_format, total.value) == ("n", "#,##0.00", 60_400)


def test_no_cell_is_a_formula(report: Report, decision: Decision, knowledge: Knowledge) -> None:
    for text in FORMULAS:
        report.answers = {**report.answers, "title": text, "organisation": text}
        tables = tables_of(report, decision, knowledge, formatter("de"))
        body = workbook_of(tables)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in sheets)
        answers = openpyxl.load_workbook(io.BytesIO(body))[tables.answers().title]
        found = [row[1] for row in answers.iter_rows() if row[2].value in ("title", "organisation")]
        assert len(found) == 2
        assert all(cell.data_type == "s" and cell.quotePrefix for cell in found), text


def test_a_negative_amount_stays_a_number(report: Report, decision: Decision, knowledge: Knowledge) -> None:
    first, *others = decision.options
    assert first.net_value
    loss = first.net_value.model_copy(update={"p10": Decimal("-5")})
    changed = decision.model_copy(update={"options": [first.model_copy(update={"net_value": loss}), *others]})
    tables = tables_of(report, changed, knowledge, formatter("de"))
    page = opened(tables)[tables.options().title]
    column = next(cell.column for cell in page[1] if cell.value == "Nettonutzen, niedrig")
    assert page.cell(2, column).value == -5
    assert rows(tables, "de")[1][column - 1] == "-5"
    assert "'-5" not in csv_of(tables, "de").decode()


def test_same_report_same_workbook(tables: Tables) -> None:
    first = workbook_of(tables)
    time.sleep(1.1)  # the time of writing must not get in
    assert workbook_of(tables) == first
    assert opened(tables).properties.created == CREATED.replace(tzinfo=None)


def test_workbook_is_set_up_for_reading_and_printing(tables: Tables) -> None:
    for page in opened(tables):
        assert page.freeze_panes is not None
        assert page.auto_filter.ref
        assert page.page_setup.paperSize == 9
        assert page.print_title_rows == "$1:$1"


def test_german_csv_opens_rightly(tables: Tables) -> None:
    body = csv_of(tables, "de")
    assert body.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in body
    table = rows(tables, "de")
    assert table[0][1] == "Option"
    assert "0,72" in table[1]
    assert "60400,00" in table[1]
    costs = next(number for number, row in enumerate(table) if not row)
    assert table[costs + 1][1] == "Zeile"
    assert "2,5" in table[costs + 3]


def test_english_csv_has_points(report: Report, decision: Decision, knowledge: Knowledge) -> None:
    table = rows(tables_of(report, decision, knowledge, formatter("en")), "en")
    assert table[0][0] == "Rank"
    assert "0.72" in table[1]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_texts_cannot_be_formulas(report: Report, decision: Decision, knowledge: Knowledge, text: str) -> None:
    first, *others = decision.options
    hostile = first.model_copy(update={"model_label": text})
    changed = decision.model_copy(update={"options": [hostile, *others]})
    table = rows(tables_of(report, changed, knowledge, formatter("de")), "de")
    assert f"'{text}" in table[1]


def test_answers_carry_their_keys(tables: Tables) -> None:
    found = {row[2]: row[1] for row in tables.answers().rows}
    assert found["title"] == HOSTILE_TITLE
    assert found["examples"].startswith("40")


def test_every_source_is_listed_once(tables: Tables) -> None:
    titles = [row[0] for row in tables.sources().rows]
    assert titles == ["A study <of> retrieval"]
