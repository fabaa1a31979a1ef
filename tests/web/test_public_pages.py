"""The public pages: knowledge, imprint, privacy, and the files that browsers and robots ask for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.domain.sizing.items import Constant
from app.locales import formatter
from app.main import create_app
from app.settings import Settings
from app.web import static
from app.web.views.pages import SECTIONS
from app.web.views.sizes import ConstantTable


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


def test_every_constant_class_and_shape_behind_sizes_is_listed(client: TestClient) -> None:
    knowledge = client.app.state.services.knowledge  # type: ignore[attr-defined]
    text = client.get("/en/how-it-decides/sizes").text
    constants = [f"{table.id}.{item.key}" for table in knowledge.sizing.values() for item in table.constants]
    named = [
        *constants,
        *(f"stack-{item}" for item in knowledge.stacks),
        *(f"shape-{item}" for item in knowledge.architectures),
    ]
    assert [item for item in named if f'id="{item}"' not in text] == []
    assert f"{len(named)} entries" in client.get("/en/how-it-decides").text


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_constant_stands_with_its_value_unit_and_start(client: TestClient, language: str) -> None:
    tables = client.app.state.services.knowledge.sizing  # type: ignore[attr-defined]
    item = next(item for item in tables["memory"].constants if item.key == "rank.trainer")
    text, show = client.get(f"/{language}/how-it-decides/sizes").text, formatter(language)
    row = text.partition('id="memory.rank.trainer"')[2].partition("</tr>")[0]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
    basis = {"de": "angepasst", "en": "fitted"}[language]
    assert cells == [
        show.number(item.value, 5), show.t(item.unit), show.number(item.prior, 5), show.percent(item.spread), basis,
    ]  # fmt: skip
    assert f'href="/{language}/accuracy#sizes"' in text


def test_a_shape_stands_with_everything_it_is_made_of(client: TestClient) -> None:
    text = client.get("/en/how-it-decides/sizes").text
    row = text.partition('id="shape-deepseek-v3"')[2].partition("</tr>")[0].replace("&nbsp;", " ")
    parts = [
        "671",
        "37 active",
        ">61<",
        "7,168",
        "128 × 192",
        "18,432",
        "129,280",
        "8 / 256 × 2,048",
        "576 values kept",
    ]
    parts += ["shared expert 2,048 wide", "experts in 58 layers"]
    assert [part for part in parts if part not in row] == []


def test_the_class_for_unknown_software_is_named(client: TestClient) -> None:
    text = client.get("/en/how-it-decides/sizes").text
    named = [row for row in text.split("<tr ")[1:] if "taken when no class is recognised" in row.partition("</tr>")[0]]
    assert [row.split('"')[1] for row in named] == ["stack-unknown", "stack-paged"]


@pytest.mark.parametrize(
    ("value", "spread", "words"), [(2, 0.1, "fitted"), (1, 0.1, "unchanged by the fit"), (1, 0, "set, not fitted")]
)
def test_the_page_tells_fitted_values_from_those_that_were_set(value: float, spread: float, words: str) -> None:
    constant = Constant(key="key", value=value, prior=1, spread=spread, unit="factor", says="")
    assert ConstantTable.basis(constant) == words


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
