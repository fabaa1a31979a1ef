"""Reading a scenario from an address, and answers in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.answers import KEYS
from app.domain.knowledge import Parameter, ParameterValue
from app.knowledge import load_knowledge
from app.locales import formatter
from app.locales.catalogue import texts
from app.web.scenario import (
    Scenario,
    base_values,
    parameter_questions,
    read_scenario,
    scenario_answers,
    scenario_knowledge,
)
from app.web.views.names import Names

DAY = date(2026, 11, 24)
PARAMETER = Parameter(
    id="tuning.drift", label="Drift", unit="share", values=[ParameterValue(valid_from=DAY, low=0.1, mode=0.2, high=0.4)],
    grade="A", strength="A", editable=True,
)  # fmt: skip
KNOWLEDGE = load_knowledge()
EDITABLE = KNOWLEDGE.model_copy(update={"parameters": {**KNOWLEDGE.parameters, PARAMETER.id: PARAMETER}})
ANSWERS: dict[str, Any] = {
    "task_type": "support_chat", "examples": 40, "target_success_rate": 0.8, "document_rights": True, "data_classes": ["internal", "personal"],
}  # fmt: skip


def read(language: str = "de", **query: str | list[str]) -> Scenario:
    given = {name.replace("__", "."): [text] if isinstance(text, str) else text for name, text in query.items()}
    return read_scenario(EDITABLE, base_values(ANSWERS, EDITABLE, DAY), given, formatter(language))


def test_nothing_named_changes_nothing() -> None:
    scenario = read()
    assert (scenario.changes, scenario.problems, scenario.query) == ({}, {}, {})


@pytest.mark.parametrize(
    ("language", "typed", "value"), [("de", "1.500", 1500), ("en", "1,500", 1500), ("de", "40", 40), ("de", "", None)]
)
def test_numbers_are_read_in_the_language_of_the_page(language: str, typed: str, value: int | None) -> None:
    scenario = read(language, examples=typed)
    assert scenario.values["examples"] == value
    assert scenario.changes == ({} if value == 40 else {"examples": value})


def test_shares_are_typed_as_per_cent() -> None:
    assert read(target_success_rate="90").changes == {"target_success_rate": 0.9}
    assert "target_success_rate" in read(target_success_rate="0,9").problems


def test_choices_may_be_taken_away_or_forgotten() -> None:
    assert read(data_classes=["", "internal"]).changes == {"data_classes": ["internal"]}
    assert read(data_classes=[""]).changes == {"data_classes": None}
    assert read(data_classes=["", "internal", "personal"]).changes == {}
    assert read(document_rights="unknown").changes == {"document_rights": None}
    assert read(document_rights="no").changes == {"document_rights": False}


def test_the_task_cannot_be_forgotten() -> None:
    assert "task_type" in read(task_type="").problems


def test_a_wrong_value_is_a_problem_and_keeps_the_base() -> None:
    scenario = read(examples="1.5")
    assert scenario.values["examples"] == 40
    assert "1,5" in scenario.problems["examples"]
    assert scenario.query == {"examples": ["1.5"]}


def test_unknown_names_in_the_address_are_ignored() -> None:
    assert read(nonsense="1", key="x").query == {}


def test_answers_of_a_scenario_are_complete_and_allowed() -> None:
    answers = scenario_answers(ANSWERS, read(examples="2.000", document_rights="unknown"), formatter("de"))
    assert answers
    assert (answers.examples, answers.document_rights, answers.target_success_rate) == (2000, None, 0.8)


def test_a_changed_parameter_becomes_exact_and_the_knowledge_another() -> None:
    scenario = read(**{"p.tuning.drift": "30"})
    changed = scenario_knowledge(EDITABLE, scenario)
    value = changed.parameters["tuning.drift"].on(DAY)
    assert (value.low, value.mode, value.high) == (0.3, 0.3, 0.3)
    assert changed.hash != EDITABLE.hash == scenario_knowledge(EDITABLE, read()).hash
    assert [item.id for item in parameter_questions(EDITABLE) if "drift" in item.id] == ["p.tuning.drift"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_answer_has_a_name_and_words(language: str) -> None:
    names = Names(KNOWLEDGE, formatter(language))
    for key in KEYS:
        assert "_" not in names.key(key), key
        question = names.question(key)
        if language == "de" and question:
            assert (question.short or question.text) in texts("de").single, key
        for choice in question.choices if question and question.kind != "shares" else ():
            said = names.answer(key, choice.value, "EUR")
            assert said == formatter(language).t(choice.label)


def test_answers_in_words() -> None:
    names = Names(KNOWLEDGE, formatter("de"))
    assert names.answer("examples", None, "EUR") == "weiß ich nicht"
    assert names.answer("target_success_rate", 0.855, "EUR") == "85,5\N{NO-BREAK SPACE}%"
    assert names.answer("document_rights", False, "EUR") == "nein"
    assert names.answer("examples", 1500, "EUR").startswith("1.500")
    assert "40\N{NO-BREAK SPACE}%" in names.answer("failure_causes", {"knowledge": 0.6, "format": 0.4}, "EUR")
    assert names.key("prior.something_else") == "Prior something else"
