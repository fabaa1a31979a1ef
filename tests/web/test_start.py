"""The start page and its examples."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from app.knowledge import load_knowledge
from app.locales import LANGUAGES, formatter
from tests.user import User

EXAMPLES = sorted(load_knowledge().examples)


def test_says_what_to_expect(user: User) -> None:
    user.open("/en/").sees(
        "Eight questions, about five minutes", "Free of charge, without an account", "What to have at hand"
    )
    assert not user.client.cookies


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_language_of_the_page(client: TestClient, language: str) -> None:
    texts, page = formatter(language), client.get(f"/{language}/").text
    for example in load_knowledge().examples.values():
        assert texts.t(example.title) in page and texts.t(example.summary) in page
    assert language == "en" or not re.search(r">[^<]*\b(the|and|your)\b[^<]*<", page.split("<main")[1])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_opens_its_report_with_one_click(user: User, name: str) -> None:
    user.open("/de/")
    form = next(form for form in user.page.forms if form.fields.get("example") == [name])
    answer = user.client.post("/de/a", data=form.fields, follow_redirects=False)
    again = user.client.post("/de/a", data=form.fields, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"].endswith("~1")
    assert again.headers["location"] == answer.headers["location"], "a double click opens the same report"
    token = answer.headers["location"].split("/r/")[1].split("~")[0]
    title = formatter("de").t(load_knowledge().examples[name].title)
    user.open(f"/de/a/{token}/check").sees(title)


def test_an_unknown_example_is_not_found(client: TestClient) -> None:
    assert client.post("/en/a", data={"key": "k", "example": "nobody"}).status_code == 404
