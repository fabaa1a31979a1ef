"""The report's view and templates on a hand-made decision: complete, strict, safe, in both languages."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from app.domain.knowledge import Knowledge
from app.knowledge import load_knowledge
from app.locales import formatter
from app.web.charts.plain_drivers import plain
from app.web.rendering import environment, render_text
from app.web.views.cost_matrix import cost_matrix
from app.web.views.report import Frame, ReportPage, check_again, report_page
from tests.web.sample import decision

EMPTY = Knowledge(**{name: {} for name in Knowledge.model_fields if name != "hash"}, hash="0" * 64)
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}<img src=x onerror=alert(1)>'
ANSWERS = {
    "title": "Kundendienst",
    "organisation": "Muster & Söhne",
    "residency": "eu",
    "examples": 40,
    "document_rights": True,
}
STATUSES = ("recommended", "close_call", "not_ready", "target_unreachable")


def frame(**changes: Any) -> Frame:
    given = {
        "base": "/r/x~1",
        "number": 1,
        "public_id": "abcdefghijkl",
        "created": date(2026, 11, 24),
        "answers": ANSWERS,
        "author": True,
        "may_download": True,
        "newest": 1,
        "newest_base": "/r/x~1",
        "edit": "/a/x/check",
        "key": "k",
    }
    return Frame(**{**given, **changes})


def page(status: str = "recommended", language: str = "de", **changes: Any) -> ReportPage:
    return report_page(decision(status), frame(**changes), EMPTY, formatter(language))


def html(view: ReportPage, language: str = "de") -> str:
    return render_text(language, "report/page.html", {"page": view, "path": "/r/x", "query": "", "origin": ""})


class Visible(HTMLParser):
    """Text, headings and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._skip = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._skip += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_template_of_the_report_compiles(language: str) -> None:
    jinja = environment(language)
    names = [name for name in jinja.list_templates() if name.startswith(("report/", "what_if/"))]
    assert len(names) >= 10
    for name in names:
        jinja.get_template(name)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_a_whole_page(status: str, language: str) -> None:
    shown = Visible(html(page(status, language), language))
    for raw in ("None", "nan", "{", "}", "knowledge_change", "api_eu", "fresh-knowledge", "rag_tuning"):
        assert raw not in shown.text, raw
    ids = [attrs["id"] for _, attrs in shown.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attrs in shown.tags:
        assert "style" not in attrs, tag
        assert not any(name.startswith("on") for name in attrs), tag


def test_links_within_the_page_lead_somewhere() -> None:
    shown = Visible(html(page()))
    ids = {attrs["id"] for _, attrs in shown.tags if attrs.get("id")}
    targets = {
        str(attrs["href"])[1:] for tag, attrs in shown.tags if tag == "a" and str(attrs.get("href")).startswith("#")
    }
    assert targets - ids == set()


@pytest.mark.parametrize(("language", "heads"), [
    ("de", ["Gesamtkosten", "Optionen im Vergleich", "Wovon es am meisten abhängt", "Was die Empfehlung ändern würde", "Die nächsten drei Schritte", "Neu prüfen bis"]),
    ("en", ["Total cost", "The options side by side", "What it depends on most", "What would change the advice", "The next three steps", "Check again by"]),
])  # fmt: skip
def test_page_one_has_its_blocks_in_order(language: str, heads: list[str]) -> None:
    text = Visible(html(page(language=language), language)).text
    places = [text.index(head) for head in heads]
    assert places == sorted(places)


def test_close_call_and_bad_news_are_headed_as_such() -> None:
    assert page("close_call").verdict == "Kein klarer Sieger"
    assert page("recommended").verdict == ""
    heading = re.search(r"<h1.*?</h1>", html(page("not_ready")), re.DOTALL)
    assert heading
    assert "Noch nicht so weit" in heading[0]


def test_options_stand_in_order_and_excluded_ones_say_why() -> None:
    rows = page(language="en").options
    assert [row.label for row in rows] == [
        "Retrieval (RAG)",
        "Prompt engineering",
        "Retrieval and fine-tuning",
        "Without a language model",
        "Do nothing",
        "Managed fine-tuning",
    ]
    assert [row.advice for row in rows] == [True, *[False] * 5]
    assert rows[-1].reasons[0].text == "Personal data must stay in the EU."
    assert rows[0].total.middle == "€60,000"
    assert rows[0].total.spread.endswith("79,000")


def test_page_one_rounds_and_the_cost_lines_add_up() -> None:
    view = page()
    assert view.key_figures[0].amount.middle == "60.000\N{NO-BREAK SPACE}€"
    line = view.details.costs[0].rows[0]
    assert line.amounts == tuple(f"{amount}\N{NO-BREAK SPACE}€" for amount in ("19.600", "28.000", "39.200"))
    assert view.details.costs[0].rows[2].amounts[1] == "Preis unbekannt"
    assert view.details.costs[0].missing


def test_sources_are_numbered_once_and_only_web_links_become_links() -> None:
    base = decision()
    bad = base.duties[0].model_copy(
        update={
            "sources": [base.duties[0].sources[0].model_copy(update={"title": "Bad", "url": "javascript:alert(1)"})]
        }
    )
    view = report_page(base.model_copy(update={"duties": [bad]}), frame(), EMPTY, formatter("en"))
    assert [source.number for source in view.details.sources] == [1, 2]
    assert view.details.sources[1].url == ""
    assert "javascript:" not in html(view, "en")


def test_hostile_texts_are_shown_as_text() -> None:
    text = html(page(answers={"title": HOSTILE, "organisation": HOSTILE}))
    shown = Visible(text)
    assert "<script>alert" not in text
    assert not [tag for tag, _ in shown.tags if tag == "img"]
    assert "49" not in page(answers={"title": "{{ 7*7 }}"}).title


def test_a_viewer_gets_no_way_to_what_only_the_author_may() -> None:
    text = html(page(author=False, may_download=False, edit="", key="", newest_base=""))
    for part in ("/share", "/what-if", "/launch", "/reprice", "/versions", "/check", ".pdf", ".xlsx"):
        assert part not in text, part
    assert ".pdf" in html(page(author=False, may_download=True, edit="", key=""))


def test_an_expectation_is_compared_with_the_advice() -> None:
    assert "dieselbe" in page(expected="rag").expectation
    assert "weicht ab" in page(expected="prompting").expectation
    assert page().expectation == ""


def test_the_report_is_to_be_checked_again_before_the_next_duty_starts() -> None:
    base = decision()
    assert check_again(base) == date(2027, 2, 22)
    soon = base.duties[0].model_copy(update={"applies_from": "2027-01-06"})
    assert check_again(base.model_copy(update={"duties": [soon]})) == date(2027, 1, 6)


def test_the_view_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        page().title = "x"  # type: ignore[misc]


def test_a_reason_stands_once_with_all_that_it_rules_out() -> None:
    rows = page(language="en").details.excluded
    texts = [row.reason.text for row in rows]
    assert len(texts) == len(set(texts))
    assert all(row.options or row.places for row in rows)


def test_drivers_are_said_in_plain_words() -> None:
    base, texts = decision(), formatter("en")
    driver = base.drivers[0].model_copy(
        update={"key": "effect.tuning.behaviour.labels", "low": -0.1, "high": 0.55, "unit": "share"}
    )
    assert plain(driver, base, texts) == (
        "How much training with your examples helps against mistakes in tone or category", "from 10% more to 55% fewer",
    )  # fmt: skip
    factor = driver.model_copy(update={"key": "model.errors.small", "low": 1.1, "high": 1.5, "unit": "factor"})
    assert plain(factor, base, texts).spread == "10% more to 50% more"
    unknown = driver.model_copy(
        update={"key": "egress.per_request", "label": "Data", "low": 2.0, "high": 100.0, "unit": "kB"}
    )
    assert plain(unknown, base, texts) == ("Data", "2 to 100 kB")


def test_no_driver_needs_the_words_of_the_engine() -> None:
    """Whatever an approach does to mistakes, and how good an approach is, has plain words."""
    base = decision()
    for key, parameter in load_knowledge().parameters.items():
        if key.split(".")[0] in ("effect", "success", "floor", "narrow", "tone"):
            driver = base.drivers[0].model_copy(update={"key": key, "label": parameter.label, "unit": parameter.unit})
            assert plain(driver, base, formatter("en")).name != parameter.label, key


def test_the_cost_matrix_holds_every_line_of_every_option() -> None:
    tables = page().details.costs
    matrix = cost_matrix(tables)
    assert matrix.options == tuple(table.option for table in tables)
    cells = [amount for row in matrix.rows for amount in row.amounts if amount]
    assert sorted(cells) == sorted(row.amounts[1] for table in tables for row in table.rows)
    assert [row.amounts for row in matrix.sums] == [
        tuple(table.sums[place][2] for table in tables) for place in range(len(tables[0].sums))
    ]
