"""axe finds nothing on any kind of page, in both languages and themes, wide and narrow; nothing overflows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.conftest import LiveServer
from tests.e2e.places import LONG_LISTS, PUBLIC, make_link, number_question, open_example, private_pages

pytestmark = pytest.mark.slow
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
AXE = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, one line each."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [f"{item['id']}: {json.dumps([node['target'] for node in item['nodes']][:3])}" for item in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def problems(page: Page) -> list[str]:
    """Everything wrong with the page as it is now, with its address (without tokens)."""
    place = page.url.partition("://")[2].partition("/")[2]
    found = violations(page) + ([f"{overflow(page)} px too wide"] if overflow(page) > 0 else [])
    return [f"{place}: {item}" for item in found]


# Each language in each theme, each at one width: eight runs would find the same at twice the time.
@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("de", 1280, "light"), ("de", 390, "dark"), ("en", 390, "light"), ("en", 1280, "dark")],
)
def test_axe_finds_nothing(open_context: Any, live_server: LiveServer, language: str, width: int, theme: str) -> None:
    context: BrowserContext = open_context(width, theme)
    case = open_example(context, language)
    page = context.new_page()
    found = []
    # The long lists repeat few parts hundreds of times: two runs are enough for them.
    lists = LONG_LISTS if (language, width, theme) in (("de", 1280, "light"), ("en", 1280, "dark")) else []
    for address in PUBLIC + lists + private_pages(case, live_server.services.knowledge):
        answer = page.goto(address if address.startswith("/api") else f"/{language}{address}")
        assert answer is not None
        if answer.status >= 400 and address != "/no-such-page":
            found.append(f"{address}: status {answer.status}")
        found += problems(page)
    page.goto(f"/{language}/a/{case.token}/{number_question(live_server.services.knowledge)}")
    page.locator("main input.input").first.fill("viele")
    page.locator("main form button[type=submit]").first.click()
    assert page.locator("#errors").is_visible()
    found += problems(page)
    page.goto(make_link(page, case))
    found += problems(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_overflows_at_320_pixels(open_context: Any, live_server: LiveServer, language: str) -> None:
    context: BrowserContext = open_context(320)
    case = open_example(context, language)
    page = context.new_page()
    wide = []
    for address in PUBLIC + LONG_LISTS + private_pages(case, live_server.services.knowledge):
        page.goto(address if address.startswith("/api") else f"/{language}{address}")
        if overflow(page) > 0:
            wide.append(f"{address}: {overflow(page)} px")
    assert not wide, "\n".join(wide)


STATES: dict[str, dict[str, Any]] = {
    "print": {},
    "forced colours": {"forced_colors": "active"},
    "zoom of 400 %": {"device_scale_factor": 4},
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_other_states(open_context: Any, live_server: LiveServer, state: str) -> None:
    """On paper, in the colours of the system, and at 400 %, which leaves 320 of 1280 pixels."""
    context: BrowserContext = open_context(320 if "zoom" in state else 1280, **STATES[state])
    case = open_example(context, "de")
    page = context.new_page()
    page.emulate_media(media="print" if state == "print" else "screen")
    found = []
    addresses = [item for item in private_pages(case, live_server.services.knowledge) if "/launch/" not in item]
    for address in [*PUBLIC, *addresses]:
        page.goto(address if address.startswith("/api") else f"/de{address}")
        found += problems(page)
    assert not found, "\n".join(found)
