"""Every English text has a German one, placeholders agree, and nothing is translated twice."""

from __future__ import annotations

import re

import pytest

from app.domain.knowledge import Case
from app.knowledge import load_knowledge
from app.locales import extract, formatter
from app.locales.catalogue import texts, translate, translate_plural
from app.store.models import Base
from app.web.views.privacy import TABLES

NAMES = re.compile(r"(?<!\{)\{(\w+)\}")
INFORMAL = re.compile(r"\b(du|dein|deine|deinen|deiner|dir|dich)\b")


def test_extraction_finds_texts_of_all_kinds() -> None:
    found = extract.all_texts()
    assert {place.rpartition(".")[2] for place in found.values()} == {"html", "py", "yaml"}
    assert len(found) > 1500


def test_every_text_is_german() -> None:
    assert extract.missing("de") == {}


def test_nothing_is_translated_in_two_ways() -> None:
    assert extract.duplicates("de") == []


def test_translations_have_the_same_placeholders() -> None:
    wrong = [
        text for text, german in texts("de").single.items() if set(NAMES.findall(text)) != set(NAMES.findall(german))
    ]
    assert wrong == []


def test_german_says_sie() -> None:
    assert [text for text in texts("de").single.values() if INFORMAL.search(text)] == []


@pytest.mark.parametrize(("count", "text"), [(1, "{n} Woche"), (2, "{n} Wochen"), (0, "{n} Wochen")])
def test_plural_forms(count: int, text: str) -> None:
    assert translate_plural("de", "{n} week", "{n} weeks", count) == text


def test_an_unknown_text_stays_english() -> None:
    assert translate("de", "No such text") == "No such text"


def test_the_privacy_page_names_the_tables_that_exist() -> None:
    assert {item.table for item in TABLES} == set(Base.metadata.tables)


@pytest.mark.parametrize("case", load_knowledge().cases.values(), ids=lambda case: case.id)
def test_a_published_case_keeps_its_figures_in_german(case: Case) -> None:
    for text in (case.task, case.why, case.outcome):
        german = formatter("de").t(text)
        assert german != text or not re.search(r"[a-z]{4}", text)
        assert _figures(german) == _figures(text), text


def _figures(text: str) -> list[str]:
    """Every figure of a text, whatever its separators and thousands: "500k" and "500.000" are the same."""
    found = re.findall(r"\d[\d.,]*", text)
    return sorted(re.sub(r"[.,]", "", figure).rstrip("0") for figure in found)
