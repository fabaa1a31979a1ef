"""The public pages: knowledge, imprint, privacy, and the files that browsers and robots ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web import static
from app.web.views.pages import SECTIONS


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("section", SECTIONS)
def test_each_part_of_the_knowledge_base_has_a_page(client: TestClient, language: str, section: str) -> None:
    answer = client.get(f"/{language}/how-it-decides/{section}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text


def test_every_rule_and_source_is_listed(client: TestClient) -> None:
    knowledge = client.app.state.services.knowledge  # type: ignore[attr-defined]
    rules, evidence = (client.get(f"/en/how-it-decides/{part}").text for part in ("rules", "evidence"))
    assert [rule for rule in knowledge.rules if f'id="{rule}"' not in rules] == []
    assert [item for item in knowledge.evidence if f'id="{item}"' not in evidence] == []


def test_an_unknown_part_is_not_found(client: TestClient) -> None:
    assert client.get("/en/how-it-decides/nothing").status_code == 404


def test_the_imprint_names_the_operator(make_settings: Callable[..., Settings]) -> None:
    named = make_settings(
        imprint_name="Muster <GmbH>", imprint_address="Hafen 1\n20457 Hamburg", imprint_email="a@example.org"
    )
    with TestClient(create_app(named)) as client:
        text = client.get("/de/imprint").text
        assert "Muster &lt;GmbH&gt;" in text
        assert "20457 Hamburg" in text
        assert "Contact: mailto:a@example.org" in client.get("/.well-known/security.txt").text


def test_without_an_operator_the_imprint_says_so(client: TestClient) -> None:
    assert "LOTSE_IMPRINT_NAME" in client.get("/de/imprint").text
    assert client.get("/.well-known/security.txt").status_code == 404


def test_privacy_names_every_table_with_its_days(client: TestClient) -> None:
    text = client.get("/en/privacy").text
    assert "share_link" in text
    assert "180 days after the last change" in text


def test_robots_stay_out_of_private_pages(client: TestClient) -> None:
    assert "Disallow: /r/" in client.get("/robots.txt").text
    assert client.get("/favicon.ico").content[:4] == b"\0\0\1\0"


def test_a_page_links_to_its_other_language(client: TestClient) -> None:
    text = client.get("/de/privacy").text
    assert 'hreflang="en" href="http://testserver/en/privacy"' in text
    assert "noindex" not in text


def test_static_files_are_kept_for_ever_only_under_their_stamp(client: TestClient) -> None:
    current = client.get(static.address("css/site.css"))
    assert "immutable" in current.headers["cache-control"]
    assert client.get("/static/old/css/site.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/old/../../pyproject.toml").status_code == 404
    with pytest.raises(KeyError):
        static.address("css/none.css")


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Diese Seite gibt es nicht"), ("en", "This page does not exist")]
)
def test_error_pages_speak_the_language(client: TestClient, language: str, words: str) -> None:
    answer = client.get(f"/{language}/nowhere")
    assert answer.status_code == 404
    assert words in answer.text
