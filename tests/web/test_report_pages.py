"""Report pages of real decisions: examples and published cases, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.domain.decision import Decision, Duty
from app.domain.messages import Message
from app.knowledge import load_knowledge
from app.locales import formatter
from app.locales.catalogue import texts
from app.prices import price_book
from app.web.views.report import ReportPage, report_page
from tests.web.test_report_view import Visible, frame, html

AS_OF = date(2026, 11, 24)
KNOWLEDGE = load_knowledge()
CASES = [f"case:{name}" for name in list(KNOWLEDGE.cases)[:: max(1, len(KNOWLEDGE.cases) // 16)][:16]]
SETS = [f"example:{name}" for name in KNOWLEDGE.examples] + CASES
BLOCKS = {
    "de": ["Gesamtkosten über", "Die Optionen im Vergleich", "Nichts tun", "Wovon es am meisten abhängt", "Was die Empfehlung ändern würde", "Die nächsten drei Schritte", "Neu prüfen bis"],
    "en": ["Total cost over", "The options side by side", "Do nothing", "What it depends on most", "What would change the advice", "The next three steps", "Check again by"],
}  # fmt: skip
SCALE = re.compile(r"\d+\s?[–-]\s?\d+\s?%|\d+\s?%")


@cache
def answers_of(name: str) -> dict[str, Any]:
    kind, _, key = name.partition(":")
    return (KNOWLEDGE.examples if kind == "example" else KNOWLEDGE.cases)[key].answers


@cache
def decided(name: str) -> Decision:
    return decide(read_answers(answers_of(name)), KNOWLEDGE, price_book(KNOWLEDGE, AS_OF), AS_OF)


@cache
def page(name: str, language: str) -> ReportPage:
    return report_page(decided(name), frame(answers=answers_of(name)), KNOWLEDGE, formatter(language))


@cache
def shown(name: str, language: str) -> Visible:
    return Visible(html(page(name, language), language))


def test_there_are_enough_sets() -> None:
    assert len(SETS) >= 20
    assert len({decided(name).recommended.family for name in SETS}) >= 4


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", SETS)
def test_page_one_has_all_blocks_in_order(name: str, language: str) -> None:
    text = shown(name, language).text
    places = [text.index(block) for block in BLOCKS[language]]
    assert places == sorted(places)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", SETS)
def test_nothing_raw_is_shown(name: str, language: str) -> None:
    text = shown(name, language).text
    raw = re.findall(r".{30}(?:\bNone\b|\bnan\b|\bNaN\b|\binf\b|[{}]|Decimal\(|Infinity).{30}", text)
    assert not raw, raw
    own = text.split("Ähnliche veröffentlichte Fälle" if language == "de" else "Similar published cases")[0]
    identifiers = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", own)
    assert not identifiers, identifiers


@pytest.mark.parametrize("name", SETS)
def test_page_one_states_confidence_and_rounds(name: str) -> None:
    view = page(name, "de")
    assert SCALE.search(view.confidence.word)
    assert view.confidence.share.endswith("%")
    advice = view.options[0]
    assert advice.advice
    for amount in (advice.one_off, advice.monthly, advice.total):
        for number in re.findall(r"\d[\d.]*", amount.middle):
            assert len(number.replace(".", "").strip("0")) <= 2, amount


@pytest.mark.parametrize("name", SETS)
def test_every_sentence_has_its_german(name: str) -> None:
    german, models = texts("de").single, {model.label for model in KNOWLEDGE.models.values()}
    found = set(messages(decided(name))) - models
    missing = sorted(text for text in found if text not in german and re.search("[a-z]{3}", text))
    assert missing == []


def messages(part: Any) -> Iterator[str]:
    """Every gettext id in a decision: of messages, and of labels that are translated by themselves."""
    if isinstance(part, Message):
        yield part.message
        yield from (str(item.value) for item in part.values.values() if item.kind == "label")
    for name in ("label", "owner", "cadence", "confidence_word", "data_protection", "hosting_label"):
        if isinstance(getattr(part, name, None), str):
            yield getattr(part, name)
    if isinstance(part, Duty):
        yield part.norm
    if isinstance(part, (list, tuple)):
        for item in part:
            yield from messages(item)
    elif hasattr(type(part), "model_fields"):
        for name in type(part).model_fields:
            if name not in ("similar_cases", "values"):
                yield from messages(getattr(part, name))


@pytest.mark.parametrize("name", SETS)
def test_charts_agree_with_the_decision(name: str) -> None:
    decision, view = decided(name), page(name, "en")
    if "cost" in view.figures:
        shown_totals = [row[2] for row in view.figures["cost"].table.rows]
        feasible = [option for option in decision.options if option.feasible and option.cost]
        expected = sorted(
            formatter("en").money(option.cost.total.p50, option.cost.total.currency)
            for option in feasible
            if option.cost
        )
        assert sorted(shown_totals) == expected
    assert view.figures["probability"].table.rows[0][0] == view.options[0].label
