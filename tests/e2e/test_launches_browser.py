"""A launch in a real browser: progress without reload and without JavaScript, and axe in every state of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from app.store.repository import create_assessment, freeze_report
from app.web.services import Services
from tests.conftest import LiveServer
from tests.e2e.test_accessibility import problems
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.sample import DAY, PERSONAS, full_decision
from tests.launch.toy_platform import OPTION, PLATFORM, SECRET, answer, toy_platform

pytestmark = pytest.mark.slow
PATIENCE = 30_000  # milliseconds: the platform is looked at every five seconds


@pytest.fixture
def cloud(live_server: LiveServer, tmp_path: Path) -> Iterator[Cloud]:
    """The toy platform behind the running program."""
    endpoints = cast("dict[str, str]", live_server.services.desk.rules.endpoints)
    with running(answer) as found, toy_platform(tmp_path / "platforms"):
        found.script = ("queued", *["running"] * 30)
        endpoints["toy"] = found.url
        yield found
        del endpoints["toy"]


def new_report(services: Services) -> str:
    """The path of a report whose options can all be launched."""
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", PERSONAS["support"])
        freeze_report(session, assessment, full_decision(), services.knowledge, services.book(DAY))
    return f"/r/{token}~1"


def fill(page: Page) -> None:
    """Chooses the pasted token and fills in the form."""
    page.locator("#mode-token").check()
    page.locator("#entry-project").fill("my-project")
    page.locator("#secret-token").fill(SECRET)
    page.locator("main form button[type=submit]").click()


@pytest.mark.parametrize(("language", "width", "theme"), [("de", 390, "dark"), ("en", 1280, "light")])
def test_a_launch_from_form_to_removal(open_context: Any, live_server: LiveServer, cloud: Cloud, language: str, width: int, theme: str) -> None:  # fmt: skip
    report, found = new_report(live_server.services), []
    page: Page = open_context(width, theme).new_page()
    page.goto(f"/{language}{report}/launch/{PLATFORM}?option={OPTION}")
    found += problems(page)
    page.locator("a[href*='/start?']").click()
    expect(page.locator(".mode--token")).to_be_hidden()  # only what belongs to the chosen way to sign in
    found += problems(page)
    page.locator("#limit").fill("1")
    page.locator("#mode-token").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#errors")).to_be_visible()
    found += problems(page)
    page.locator("#limit").fill("100")
    fill(page)
    page.wait_for_url(re.compile(r"/launches/"))
    found += problems(page)
    page.locator("form[action$=approve] button").click()
    page.evaluate("window.marker = 1")
    expect(page.locator("#progress [aria-current]")).to_have_text(re.compile("Runs|Läuft"), timeout=PATIENCE)
    page.locator("form[action$=remove] button").focus()
    page.wait_for_timeout(6000)
    assert page.evaluate("window.marker === 1"), "the page was reloaded"
    assert page.evaluate("document.activeElement.closest('form')?.action.endsWith('/remove')"), "the focus was lost"
    found += problems(page)
    page.locator("form[action$=log] button").click()
    expect(page.locator("pre").first).to_contain_text("step 1 of")
    found += problems(page)
    page.locator("form[action$=remove] button").click()
    expect(page.locator("#progress:not([hx-get])")).to_be_visible(timeout=PATIENCE)
    found += problems(page)
    page.locator("a.back-link").click()
    found += problems(page)
    assert cloud.things == {}
    assert not found, "\n".join(found)


def test_a_launch_without_javascript(open_context: Any, live_server: LiveServer, cloud: Cloud) -> None:
    page: Page = open_context(java_script_enabled=False).new_page()
    page.goto(f"/en{new_report(live_server.services)}/launch/{PLATFORM}/start?option={OPTION}")
    fill(page)
    page.locator("form[action$=approve] button").click()
    page.wait_for_timeout(8000)
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1
    page.get_by_role("link", name="Reload").click()
    assert "Waits for a machine" in page.locator("#progress").inner_text()
    page.locator("form[action$=remove] button").click()
    for _ in range(20):
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="All launches").click()
        if "Everything removed" in page.locator("main table").inner_text():
            break
        page.locator("main table a").click()
    assert "Everything removed" in page.locator("main table").inner_text()
    assert cloud.things == {}
