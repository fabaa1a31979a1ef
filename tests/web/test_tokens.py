"""The page that counts tokens: without JavaScript, in both languages, and without keeping anything."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.store.models import Base
from app.web.services import Services
from tests.user import User

GERMAN = "Bitte fügen Sie alle Belege bei, aus denen sich Art und Höhe des Schadens ergeben."


def send(client: TestClient, page: str = "de", **fields: str):  # type: ignore[no-untyped-def]
    return client.post(f"/{page}/tokens", data=fields, headers={"Sec-Fetch-Site": "same-origin"})


def test_a_pasted_text_is_counted_and_stays_in_the_field(client: TestClient) -> None:
    answer = send(client, sample=GERMAN, language="de")
    assert answer.status_code == 200
    assert "Token Ihres Textes" in answer.text
    assert "gezählt" in answer.text
    assert f">{GERMAN}</textarea>" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_words_are_estimated_with_their_sources(client: TestClient) -> None:
    answer = send(client, "en", amount="1,000", unit="words", language="en")
    assert "about 1,200" in answer.text
    assert "estimated, 1,100 to 1,500" in answer.text
    assert "Measured for Lotse" in answer.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Fügen Sie einen Text ein"),
        ({"amount": "drei"}, "Geben Sie eine Zahl"),
        ({"amount": "-3"}, "Geben Sie eine Zahl"),
        ({"amount": "1e99"}, "Geben Sie eine Zahl"),
        ({"sample": "a b " * 12_000}, "Höchstens 40"),
        ({"sample": "a" * 30_000}, "ein Wort mit mehr als"),
    ],
)
def test_what_is_wrong_is_named_at_its_field(client: TestClient, fields: dict[str, str], says: str) -> None:
    answer = send(client, **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_what_was_pasted_is_shown_as_text_only(client: TestClient) -> None:
    answer = send(client, sample="</textarea><script>alert(1)</script>")
    assert "<script>alert" not in answer.text


def test_unknown_choices_fall_back(client: TestClient) -> None:
    assert send(client, amount="300", unit="miles", language="xx").status_code == 200


def test_another_site_cannot_send_the_form(client: TestClient) -> None:
    assert client.post("/de/tokens", data={"sample": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_nothing_is_stored(client: TestClient, services: Services) -> None:
    def rows() -> int:
        with services.database.session(False) as session:
            return sum(
                session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
            )

    before = rows()
    send(client, sample=GERMAN)
    assert rows() == before


def test_the_form_works_as_it_stands_on_the_page(user: User) -> None:
    page = user.client.get("/de/tokens")
    assert page.status_code == 200
    assert 'method="post" action="/de/tokens"' in page.text
