"""Contradictions between answers: each says when it holds, and its examples are its tests."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.answers import KEYS, read_answers
from app.domain.contradictions import contradictions
from app.domain.knowledge import Contradiction
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
DAY = date(2026, 11, 24)


@pytest.mark.parametrize("item", KNOWLEDGE.contradictions.values(), ids=lambda item: item.id)
def test_it_fires_as_its_examples_say(item: Contradiction) -> None:
    assert {example.fires for example in item.examples} == {True, False}
    for example in item.examples:
        found = contradictions(read_answers(example.answers), KNOWLEDGE, DAY)
        assert (item.says in [one.says for one in found]) == example.fires, example.answers


@pytest.mark.parametrize("item", KNOWLEDGE.contradictions.values(), ids=lambda item: item.id)
def test_it_names_answers_that_were_given(item: Contradiction) -> None:
    for example in item.examples:
        for found in contradictions(read_answers(example.answers), KNOWLEDGE, DAY):
            assert found.answers
            assert set(found.answers) <= set(example.answers) & set(KEYS)


def test_the_examples_of_the_start_page_go_together() -> None:
    for example in KNOWLEDGE.examples.values():
        assert contradictions(read_answers(example.answers), KNOWLEDGE, DAY) == [], example.id
