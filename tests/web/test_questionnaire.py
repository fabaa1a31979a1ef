"""The questionnaire as people walk it: fill in, continue, go back, change, come back later, in two windows at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from app.domain.entry import fields_of, has_unknown_box
from app.domain.knowledge import Question
from app.knowledge import load_knowledge
from app.locales import LANGUAGES, formatter
from app.web.services import Services
from tests.user import User

QUESTIONS = sorted(load_knowledge().questions.values(), key=lambda question: question.order)
SHORT = [
    {"task_type": "document_qa"}, {"target_success_rate": "85 %"}, {"data_classes": ["internal", "personal"]}, {"residency": "eu"},
    {"prompting_tried": "partial"}, {"knowledge_size": "medium", "knowledge_pages": "1,500"}, {"examples": "250"},
    {"requests_per_month": "6,000", "input_tokens": "800", "output_tokens": ""},
]  # fmt: skip


def begin(user: User, language: str = "en") -> User:
    return user.open(f"/{language}/").submit({"en": "Begin", "de": "Beginnen"}[language])


def walk_short_path(user: User) -> User:
    begin(user)
    for fields in SHORT:
        user.submit("Continue", **fields)
    return user


def token_of(user: User) -> str:
    return urlsplit(user.address).path.split("/a/")[1].split("/")[0]


def question_of(user: User) -> str:
    return urlsplit(user.address).path.rpartition("/")[2]


def stored(services: Services, user: User) -> dict[str, Any]:
    from app.store.repository import assessment_by_token

    with services.database.new_session(False) as session:
        return dict(assessment_by_token(session, token_of(user)).answers)


def test_the_short_path_leads_to_the_check_page(user: User, services: Services) -> None:
    begin(user)
    for number, fields in enumerate(SHORT, 1):
        user.sees(f"Question {number} of at most 8")
        user.submit("Continue", **fields)
    assert question_of(user) == "check"
    user.sees(
        "85%",
        "Pages of company knowledge: 1,500 pages",
        "Requests per month: 6,000 requests",
        "Only in the European Union",
    )
    assert stored(services, user) == {
        "task_type": "document_qa", "target_success_rate": 0.85, "data_classes": ["internal", "personal"], "residency": "eu",
        "prompting_tried": "partial", "knowledge_size": "medium", "knowledge_pages": 1500, "examples": 250,
        "requests_per_month": 6000.0, "input_tokens": 800.0,
    }  # fmt: skip


def test_no_cookie_and_nothing_indexed(user: User) -> None:
    walk_short_path(user)
    assert not user.client.cookies
    assert user.response is not None and "noindex" in user.response.text


def test_resuming_opens_the_first_open_question(user: User) -> None:
    begin(user).submit("Continue", task_type="code")
    user.open(f"/de/a/{token_of(user)}")
    assert question_of(user) == "target_success_rate"


def test_not_knowing_is_an_answer(user: User, services: Services) -> None:
    begin(user).submit("Continue", task_type="other")
    user.submit("Continue", unknown="yes")
    assert question_of(user) == "data_classes"
    user.submit("Continue", data_classes="unknown")
    assert stored(services, user) == {"task_type": "other"}
    user.follow("Back").follow("Back")
    assert question_of(user) == "target_success_rate" and user.form("Continue").fields["unknown"] == ["yes"]


def test_going_back_loses_nothing(user: User) -> None:
    walk_short_path(user).follow("Back")
    assert question_of(user) == "volume" and user.form("Continue").fields["requests_per_month"] == ["6,000"]
    user.follow("Back")
    assert user.form("Continue").fields["examples"] == ["250"]


def test_the_language_never_changes_a_number(user: User, services: Services) -> None:
    walk_short_path(user)
    before = stored(services, user)
    user.open(f"/de/a/{token_of(user)}/volume").submit("Weiter")
    assert stored(services, user) == before


@pytest.mark.parametrize("place", range(len(SHORT)))
def test_after_a_change_straight_back_to_the_check_page(user: User, place: int) -> None:
    walk_short_path(user)
    question = [item for item in QUESTIONS if item.short_path][place]
    user.open(f"/en/a/{token_of(user)}/{question.id}?from=check").submit("Save and return")
    assert question_of(user) == "check"


def test_a_change_that_brings_up_questions_leads_to_them_and_back(user: User) -> None:
    walk_short_path(user)
    user.open(f"/en/a/{token_of(user)}/knowledge_size?from=check").submit(
        "Save and return", knowledge_size="none", knowledge_pages=""
    )
    assert question_of(user) == "check"
    user.open(f"/en/a/{token_of(user)}/knowledge_size?from=check").submit("Save and return", knowledge_size="large")
    assert question_of(user) == "documents"
    assert (
        question_of(user.submit("Save and return", **_unknown_everywhere("documents") | {"knowledge_change": "daily"}))
        == "check"
    )


def test_answers_of_an_abandoned_branch_are_kept_and_not_counted(user: User, services: Services) -> None:
    walk_short_path(user)
    address = f"/en/a/{token_of(user)}"
    user.open(f"{address}/documents?from=check").submit(
        "Save and return", **_unknown_everywhere("documents") | {"citations": "required"}
    )
    user.open(f"{address}/knowledge_size?from=check").submit(
        "Save and return", knowledge_size="none", knowledge_pages=""
    )
    user.sees("Kept, but not counted", "Yes, always")
    assert stored(services, user)["citations"] == "required"
    user.submit("Show the result")
    with services.database.new_session(False) as session:
        from app.store.repository import assessment_by_token, reports_of

        (report,) = reports_of(session, assessment_by_token(session, token_of_report(user)))
        assert "citations" not in report.answers and report.answers["knowledge_size"] == "none"


def token_of_report(user: User) -> str:
    return urlsplit(user.address).path.split("/r/")[1].split("~")[0]


def test_more_precise_goes_on_until_everything_is_asked(user: User) -> None:
    walk_short_path(user).follow("Answer this question")
    asked = []
    while question_of(user) != "check":
        asked.append(question_of(user))
        assert len(asked) <= len(QUESTIONS)
        user.submit("Continue", **_unknown_everywhere(asked[-1]))
    assert len(asked) == len(set(asked)) > 10
    user.misses("Answer this question", "open question")


def _unknown_everywhere(question_id: str) -> dict[str, str]:
    question = next(item for item in QUESTIONS if item.id == question_id)
    if has_unknown_box(question):
        return {"unknown": "yes"}
    return {
        item.id: "unknown"
        for item in fields_of(question)
        if item.kind in ("choice", "choices", "yes_no") and not item.compact
    }


def test_the_margin_shows_what_is_ruled_out_from_the_fourth_question(user: User) -> None:
    begin(user).submit("Continue", task_type="document_qa").submit("Continue", unknown="yes")
    user.misses("Ruled out so far")
    user.submit("Continue", data_classes="classified")
    user.sees("Ruled out so far", "Classified data stay on your own premises.")


def test_a_settled_question_leads_on(user: User) -> None:
    begin(user).submit("Continue", task_type="document_qa").submit("Continue", unknown="yes").submit(
        "Continue", data_classes="classified"
    )
    assert question_of(user) == "prompting_tried"
    user.open(f"/en/a/{token_of(user)}/residency")
    assert question_of(user) == "prompting_tried"


def bad_inputs(question: Question) -> list[dict[str, Any]]:
    """An empty page, and for each field something wrong and something too long."""
    found: list[dict[str, Any]] = (
        [{}] if has_unknown_box(question) or question.fields or question.kind != "text" else []
    )
    for item in fields_of(question):
        name = f"{item.id}.{item.choices[0].value}" if item.kind == "shares" else item.id
        found += [{name: "x" * 300}] if item.kind == "text" else [{name: "zwei drei"}, {name: "1" * 300}]
        if item.kind in ("number", "integer", "share", "money", "shares"):
            found += [{name: "-1"}, {name: "1.5.2"}]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wrong_input_is_explained_where_it_is(client: TestClient, language: str) -> None:
    home = open_all_questions(client, language)
    for question in QUESTIONS:
        for entered in bad_inputs(question):
            answer = client.post(f"{home}/{question.id}", data={"version": "1", "key": "k", **entered})
            assert answer.status_code == 422, (question.id, entered)
            check_error_page(unescape(answer.text), question, entered, language)


def check_error_page(page: str, question: Question, entered: dict[str, Any], language: str) -> None:
    """The five points: title, summary with the focus, links to the fields, the same words there, what was typed."""
    texts = formatter(language)
    assert f"<title>{texts.t('Error:')} {texts.t(question.text)}" in page
    summary = re.search(r'<div class="error-summary"[^>]* autofocus>(.*?)</div>', page, re.DOTALL)
    assert summary and f"<h2>{texts.t('Please correct this')}</h2>" in summary[1]
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary[1])
    assert links
    for name, says in links:
        assert f'id="{name}"' in page and f'id="{name}-error"' in page
        assert page.count(says) == 2, "the same words in the summary and at the field"
        assert language != "de" or not re.search(r"\b(please|the|is not)\b", says.lower()), says
    choosing = {item.id for item in fields_of(question) if item.kind in ("choice", "choices", "yes_no", "country")}
    for name, value in entered.items():  # what cannot be chosen cannot be shown as chosen
        assert name in choosing or f'name="{name}" value="{value}"' in page


def open_all_questions(client: TestClient, language: str) -> str:
    """An assessment whose answers show every question."""
    made = client.post(f"/{language}/a", data={"key": "all"}, follow_redirects=False).headers["location"]
    for page, data in (
        ("task_type", {"task_type": "document_qa"}),
        ("prompting_tried", {"prompting_tried": "partial"}),
    ):
        assert client.post(f"{made}/{page}", data={"version": "9", **data}, follow_redirects=False).status_code == 303
    return made


def test_ambiguous_numbers_show_both_readings(client: TestClient) -> None:
    for language, typed, says in (
        ("de", "1.5", "„1.5“ ist im Deutschen mehrdeutig. Meinen Sie 1,5 oder 1500?"),
        ("en", "1,5", "“1,5” is ambiguous in English. Do you mean 1.5 or 1500?"),
    ):
        home = open_all_questions(client, language)
        assert says in unescape(client.post(f"{home}/volume", data={"version": "9", "requests_per_month": typed}).text)


def test_every_page_has_its_own_heading(client: TestClient) -> None:
    for language in LANGUAGES:
        home = open_all_questions(client, language)
        pages = [client.get(f"{home}/{question.id}").text for question in QUESTIONS]
        pages += [client.get(f"{home}/{name}").text for name in ("check", "expected", "save", "delete")] + [
            client.get(f"/{language}/").text
        ]
        headings = [re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL) for page in pages]
        assert all(len(found) == 1 for found in headings)
        assert len({found[0] for found in headings}) == len(pages)
        assert all(
            "Weiß ich nicht" in page or "I don’t know" in unescape(page) for page in pages[1 : len(QUESTIONS) - 1]
        )


def test_the_same_form_twice_has_one_effect(client: TestClient, services: Services) -> None:
    home = open_all_questions(client, "en")
    form = {"version": "3", "key": "same", "examples": "40"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: client.post(f"{home}/examples", data=form, follow_redirects=False), range(50))
        )
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, answers[0].headers["location"])
    }


def test_fifty_reports_at_once_are_one(client: TestClient) -> None:
    home = open_all_questions(client, "en")
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: client.post(f"{home}/report", data={"key": "once"}, follow_redirects=False), range(50))
        )
    assert {answer.headers["location"].rpartition("~")[2] for answer in answers} == {"1"}
    assert (
        client.post(f"{home}/report", data={"key": "again"}, follow_redirects=False).headers["location"].endswith("~2")
    )


def test_two_windows_show_both_answers_and_lose_none(client: TestClient, services: Services) -> None:
    mine, theirs = User(client), User(client)
    walk_short_path(mine)
    address = f"/en/a/{token_of(mine)}/volume?from=check"
    mine.open(address)
    theirs.open(address).submit("Save and return", requests_per_month="7,000")
    mine.submit("Save and return", expect=409, requests_per_month="9,000", output_tokens="50")
    mine.sees("This was changed in the meantime", "9,000 requests", "7,000 requests")
    mine.submit("Save this choice", **{"keep.requests_per_month": "theirs"})
    found = stored(services, mine)
    assert (found["requests_per_month"], found["output_tokens"]) == (7000.0, 50.0)
    mine.open(address)
    theirs.open(address).submit("Save and return", requests_per_month="7,500")
    mine.submit("Save and return", expect=409, requests_per_month="9,500").submit("Save this choice")
    assert stored(services, mine)["requests_per_month"] == 9500.0


def test_windows_on_different_questions_do_not_disturb_each_other(client: TestClient, services: Services) -> None:
    mine, theirs = User(client), User(client)
    walk_short_path(mine)
    mine.open(f"/en/a/{token_of(mine)}/examples?from=check")
    theirs.open(f"/en/a/{token_of(mine)}/residency?from=check").submit("Save and return", residency="germany")
    mine.submit("Save and return", examples="900")
    assert (stored(services, mine)["examples"], stored(services, mine)["residency"]) == (900, "germany")


def test_expecting_before_seeing(user: User, services: Services) -> None:
    walk_short_path(user)
    token = token_of(user)
    user.follow("First note what you expect").submit("Show the result", expect=422).sees("Please choose an answer.")
    user.submit("Show the result", expected="rag")
    assert f"/r/{token}~1" in user.address
    from app.store.repository import assessment_by_token

    with services.database.new_session(False) as session:
        assert assessment_by_token(session, token).expected == "rag"


def test_the_link_to_continue_and_deleting(user: User) -> None:
    walk_short_path(user).follow("Continue later")
    link = re.search(r'value="(http[^"]+/a/[^"]+)"', user.response.text if user.response else "")
    assert link and link[1].endswith(token_of(user))
    address = user.address
    user.follow("Delete this assessment").sees("deleted at once and for good").submit("Delete for good").sees(
        "The assessment is deleted"
    )
    user.open(address, expect=404)


def test_without_a_task_there_is_no_report(client: TestClient) -> None:
    home = client.post("/en/a", data={"key": "empty"}, follow_redirects=False).headers["location"]
    answer = client.post(f"{home}/report", data={"key": "r"}, follow_redirects=False)
    assert answer.headers["location"].endswith("/task_type?from=check")


@pytest.mark.parametrize(
    "address", ["/en/a/unknown-token", "/en/a/unknown-token/check", "/en/a/unknown-token/task_type"]
)
def test_unknown_assessments_are_not_found(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_unknown_questions_are_not_found(client: TestClient) -> None:
    assert client.get(f"{open_all_questions(client, 'en')}/weather").status_code == 404


def test_what_people_type_is_never_markup(client: TestClient) -> None:
    home = open_all_questions(client, "en")
    client.post(f"{home}/sector", data={"version": "9", "sector": "none", "title": "<svg onload=alert(1)>{{7*7}}"})
    for page in ("sector", "check", "save", "delete"):
        text = client.get(f"{home}/{page}").text
        assert "<svg onload" not in text and "{{7*7}}" in text


def test_answers_that_do_not_go_together_are_named_and_block_nothing(user: User) -> None:
    walk_short_path(user)
    address = f"/en/a/{token_of(user)}"
    user.misses("they do not go together")
    user.open(f"{address}/task_type?from=check").submit("Save and return", task_type="classification")
    user.open(f"{address}/volume?from=check").submit("Save and return", output_tokens="400")
    user.sees("they do not go together", "A category has a few tokens")
    user.submit("Show the result")
    assert "/r/" in user.address
