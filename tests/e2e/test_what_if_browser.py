"""What if in a real browser: typing moves the result, the address follows, errors stand at the field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.store.repository import create_assessment, freeze_report
from tests.conftest import LiveServer

DAY = date(2026, 11, 24)
ANSWERS: dict[str, Any] = {"task_type": "support_chat", "examples": 40, "requests_per_month": 8000, "residency": "eu"}


@pytest.fixture
def what_if(live_server: LiveServer, open_context: Any) -> Page:
    """The what-if page of a new report, in German."""
    services = live_server.services
    decision = decide(read_answers(ANSWERS), services.knowledge, services.book(DAY), DAY)
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", ANSWERS)
        freeze_report(session, assessment, decision, services.knowledge, services.book(DAY))
    page: Page = open_context().new_page()
    page.goto(f"/de/r/{token}~1/what-if")
    return page


def test_typing_moves_the_result_and_the_address_without_losing_the_place(what_if: Page) -> None:
    asked: list[str] = []
    what_if.on("request", lambda request: asked.append(request.url))
    what_if.locator("#examples").fill("")
    what_if.locator("#examples").press_sequentially("1500", delay=30)
    expect(what_if.locator("#result")).to_contain_text("40 Beispiele → 1.500 Beispiele")
    expect(what_if.locator("#announcement")).to_contain_text("Die Empfehlung")
    assert what_if.url.endswith("/what-if?examples=1500")
    assert len(asked) <= 3  # debounced: not one for each key
    assert what_if.evaluate("document.activeElement.id") == "examples"


def test_a_wrong_number_is_said_at_the_field_and_goes_away(what_if: Page) -> None:
    what_if.locator("#examples").fill("1.5")
    expect(what_if.locator("#examples-error")).to_contain_text("1500")
    what_if.locator("#examples").fill("900")
    expect(what_if.locator("#examples-error")).to_be_empty()


def test_step_buttons_move_the_first_digit(what_if: Page) -> None:
    what_if.locator("#requests_per_month").fill("9.000")
    what_if.locator("[data-for=requests_per_month] [data-step='1']").click()
    expect(what_if.locator("#requests_per_month")).to_have_value("10.000")
    expect(what_if.locator("#result")).to_contain_text("10.000 Anfragen")
