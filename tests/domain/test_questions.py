"""The questions as data, and the walk through them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.answers import KEYS, Answers, read_answers
from app.domain.conditions import facts_of
from app.domain.entry import UNKNOWN, fields_of
from app.domain.knowledge import Question
from app.domain.questions import Course, abandoned, counted, in_order, is_shown, newly_open
from app.domain.ruled_out import ruled_out
from app.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
QUESTIONS = in_order(KNOWLEDGE.questions.values())
FIELDS = {item.id: item for question in QUESTIONS for item in fields_of(question)}
DAY = date(2026, 11, 24)


def test_every_answer_is_fed_by_exactly_one_question() -> None:
    assert sorted(key for question in QUESTIONS for key in question.keys) == sorted(KEYS)
    assert sorted(FIELDS) == sorted(KEYS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_question_is_complete(question: Question) -> None:
    assert question.text and question.why and question.short and question.group
    assert question.why.count(".") <= 1 and "http" not in question.why
    assert sorted(question.keys) == sorted(item.id for item in fields_of(question))
    assert question.optional == (question.id != "task_type")


def test_short_path_has_eight_questions_and_comes_first() -> None:
    assert [question.short_path for question in QUESTIONS[:9]] == [True] * 8 + [False]


def test_nobody_is_asked_more_than_22_pages() -> None:
    assert len(QUESTIONS) <= 22


def test_examples_skip_what_is_settled() -> None:
    """Fewer pages where other answers settle some: nobody without documents is asked about them."""
    pages = {name: Course.of(QUESTIONS, item.answers, {}).shown() for name, item in KNOWLEDGE.examples.items()}
    assert max(map(len, pages.values())) <= 22
    assert min(map(len, pages.values())) < len(QUESTIONS)


def test_conditions_look_only_back() -> None:
    order = {key: question.order for question in QUESTIONS for key in question.keys}
    for question in QUESTIONS:
        for name in facts_of(question.shown_when) if question.shown_when else ():
            assert order[name] < question.order, f"{question.id} depends on {name}"


@pytest.mark.parametrize("item", FIELDS.values(), ids=lambda item: item.id)
def test_every_choice_and_limit_is_a_valid_answer(item: Question) -> None:
    for given_value in _possible(item):
        answers = read_answers({"task_type": "other", item.id: given_value})
        assert getattr(answers, item.id) == given_value
    assert UNKNOWN not in [choice.value for choice in item.choices]


def _possible(item: Question) -> list[Any]:
    if item.kind in ("choice",):
        return [choice.value for choice in item.choices]
    if item.kind == "choices":
        return [[choice.value] for choice in item.choices]
    if item.kind == "shares":
        return [{str(choice.value): 1.0} for choice in item.choices]
    if item.kind in ("number", "money", "integer"):
        limits = [item.minimum, item.maximum]
        assert None not in limits
        return [int(limit or 0) if item.kind == "integer" else float(limit or 0) for limit in limits]
    return {"yes_no": [True, False], "share": [0.0, 1.0], "text": ["x" * 120], "country": ["DE", "EU"]}[item.kind]


def test_choices_cover_the_whole_contract() -> None:
    schema = Answers.model_json_schema()["properties"]
    for item in FIELDS.values():
        allowed = {value for value in _enums(schema[item.id]) if value is not None}
        if item.kind in ("choice", "choices") and allowed:
            assert {choice.value for choice in item.choices} == allowed


def _enums(schema: Any) -> list[Any]:
    if isinstance(schema, dict):
        return [*schema.get("enum", []), *(value for part in schema.values() for value in _enums(part))]
    return [value for part in schema for value in _enums(part)] if isinstance(schema, list) else []


def answer_sets() -> st.SearchStrategy[dict[str, Any]]:
    """Any partial answers, each value possible on its page."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(_possible(item)) for name, item in FIELDS.items()})


@settings(max_examples=150, deadline=None)
@given(wanted=answer_sets(), guided=st.lists(st.sampled_from(sorted(FIELDS)), max_size=3))
def test_every_walk_ends(wanted: dict[str, Any], guided: list[str]) -> None:
    """Answering what is asked, or not knowing it, comes to an end with each question asked at most once."""
    answers: dict[str, Any] = {}
    seen: dict[str, int] = {}
    asked: list[str] = []
    for version in range(1, len(QUESTIONS) + 2):
        course = Course.of(QUESTIONS, answers, seen)
        question = course.next(guided[version % len(guided)] if guided else None)
        if question is None:
            break
        progress = course.progress(question)
        assert 1 <= progress.number <= progress.total
        asked.append(question.id)
        answers |= {key: wanted[key] for key in question.keys if key in wanted}
        seen |= dict.fromkeys(question.keys, version)
    assert Course.of(QUESTIONS, answers, seen).next() is None
    assert len(asked) == len(set(asked))
    assert asked[: len(asked)] and asked[0] == "task_type"


@settings(max_examples=150, deadline=None)
@given(given_answers=answer_sets())
def test_abandoned_answers_do_not_count_but_are_known(given_answers: dict[str, Any]) -> None:
    counts = counted(QUESTIONS, given_answers)
    out = {key for question in abandoned(QUESTIONS, given_answers) for key in question.keys if key in given_answers}
    assert set(counts) | out == set(given_answers) and not set(counts) & out
    assert counted(QUESTIONS, counts) == counts
    assert all(is_shown(question, counts) for question in QUESTIONS if set(question.keys) & set(counts))


@settings(max_examples=100, deadline=None)
@given(given_answers=answer_sets())
def test_walking_back_reaches_the_beginning(given_answers: dict[str, Any]) -> None:
    seen = {key: place for place, key in enumerate(given_answers, 1)}
    course = Course.of(QUESTIONS, given_answers, seen)
    question, steps = (course.walked() or [None])[-1], 0
    while question is not None and steps <= len(QUESTIONS):
        question, steps = course.before(question), steps + 1
    assert steps == len(course.walked())


def test_settled_questions_are_skipped_and_come_back() -> None:
    none = {"task_type": "document_qa", "knowledge_size": "none", "citations": "required"}
    assert "citations" not in counted(QUESTIONS, none)
    assert [question.id for question in abandoned(QUESTIONS, none)] == ["documents"]
    much = none | {"knowledge_size": "large"}
    assert counted(QUESTIONS, much)["citations"] == "required"
    new = newly_open(QUESTIONS, none, much, dict.fromkeys(much, 1))
    assert new == []  # the page was answered before; it counts again
    unseen = newly_open(QUESTIONS, none, much, dict.fromkeys(("task_type", "knowledge_size"), 1))
    assert [question.id for question in unseen] == ["documents"]


def test_classified_data_settle_where_they_are_processed() -> None:
    course = Course.of(
        QUESTIONS, {"task_type": "extraction", "data_classes": ["classified"]}, {"task_type": 1, "data_classes": 2}
    )
    assert "residency" not in [question.id for question in course.shown()]


def test_the_most_valuable_question_comes_next_only_after_the_short_path() -> None:
    course = Course.of(QUESTIONS, {}, {})
    assert (question := course.next("latency")) and question.id == "task_type"
    short = {key: 1 for question in QUESTIONS if question.short_path for key in question.keys}
    course = Course.of(QUESTIONS, {"task_type": "extraction"}, short)
    assert (question := course.next("latency")) and question.id == "workload"


def test_ruled_out_names_options_places_and_the_reason() -> None:
    found = {
        item.id: item
        for item in ruled_out(Answers(task_type="document_qa", data_classes=["classified"]), KNOWLEDGE, DAY)
    }
    assert {"api_global", "api_eu", "cloud_tenant", "managed_tuning"} <= set(found)
    assert "on_premises" not in found and "rag" not in found
    assert found["api_global"].because.rule == "classified" and found["api_global"].because.sources


@settings(max_examples=100, deadline=None)
@given(given_answers=answer_sets())
def test_more_secrets_never_bring_anything_back(given_answers: dict[str, Any]) -> None:
    base = counted(QUESTIONS, {"task_type": "document_qa"} | given_answers | {"data_classes": ["internal"]})
    more = base | {"data_classes": ["internal", "classified"]}
    names = [{item.id for item in ruled_out(read_answers(answers), KNOWLEDGE, DAY)} for answers in (base, more)]
    assert names[0] <= names[1]


def test_every_example_is_complete_and_valid() -> None:
    assert len(KNOWLEDGE.examples) >= 6
    for example in KNOWLEDGE.examples.values():
        read_answers(example.answers)
        assert counted(QUESTIONS, example.answers) == example.answers, example.id
        seen = dict.fromkeys(example.answers, 1)
        assert not Course.of(QUESTIONS, example.answers, seen).open(short=True), example.id
