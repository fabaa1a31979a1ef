"""The whole way in a real browser: with the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.places import TEXTS, Case, make_link, open_example

pytestmark = pytest.mark.slow
MOST_QUESTIONS = 40
FOCUSED = """() => {
  const item = document.activeElement, style = getComputedStyle(item), box = item.getBoundingClientRect();
  const label = item.matches('.choice input') ? getComputedStyle(item.nextElementSibling) : style;
  return {tag: item.tagName, visible: label.outlineStyle !== 'none' && parseFloat(label.outlineWidth) >= 2,
          inside: box.bottom > 0 && box.top < innerHeight, text: (item.innerText || item.value || item.name || '').trim()};
}"""


def answer_all(page: Page, language: str) -> None:
    """Answers each question with the first choice, or with "I don't know", until the check page."""
    for _ in range(MOST_QUESTIONS):
        if page.url.rstrip("/").endswith("/check"):
            return
        choices = page.locator("main fieldset input")
        unsure = page.locator("main input#unknown")
        if unsure.count():
            unsure.check()
        elif choices.count():
            choices.first.check()
        page.locator("main form button.button--primary").first.click()
        enough = page.get_by_role("link", name=TEXTS[language]["enough"])
        if enough.count():
            enough.click()
    raise AssertionError(f"no end of questions at {page.url}")


def walk(page: Page, language: str) -> Case:
    """Start, questions, check, report."""
    page.goto(f"/{language}/")
    page.get_by_role("button", name=TEXTS[language]["begin"], exact=True).click()
    answer_all(page, language)
    page.locator("main form[action$='/report'] button").first.click()
    page.wait_for_url(re.compile(r"/r/|/expected"))
    if "/expected" in page.url:
        page.locator("main form button.button--primary").first.click()
    page.wait_for_url(re.compile(r"/r/[^/]+$"))
    found = re.search(r"/r/([^~/?]+)~1", page.url)
    assert found, page.url
    return Case(language, found[1])


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_whole_way_without_javascript(open_context: Any, language: str) -> None:
    page = open_context(java_script_enabled=False).new_page()
    case = walk(page, language)
    assert page.locator("h1").count() == 1
    page.goto(f"{case.report}/what-if")
    page.locator("main form button[type=submit]").first.click()
    assert page.locator("h1").is_visible()
    with page.expect_download() as download:
        page.goto(case.report)
        page.locator("a[href$='.pdf']").first.click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    viewer = open_context(java_script_enabled=False).new_page()
    viewer.goto(make_link(page, case))
    viewer.locator("main form button[type=submit]").first.click()
    viewer.wait_for_url(re.compile(r"/r/[\w-]{22}$"))
    page.goto(f"/{language}/a/{case.token}/delete")
    page.locator("main form button[type=submit]").first.click()
    gone = page.goto(case.report)
    assert gone is not None
    assert gone.status == 404


def press_until(page: Page, wanted: str, key: str = "Tab", most: int = 120) -> None:
    """Moves the focus until an element fits the selector; each stop shows its focus and lies in the window."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue
        stop = page.evaluate(FOCUSED)
        assert stop["visible"], f"no visible focus on {stop} at {page.url}"
        assert stop["inside"], f"focus outside the window on {stop} at {page.url}"
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached with {key} at {page.url}")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_whole_way_with_the_keyboard(open_context: Any, language: str) -> None:
    page = open_context().new_page()
    page.goto(f"/{language}/")
    press_until(page, "form.start__begin button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/a/"))
    for _ in range(MOST_QUESTIONS):
        before = page.url
        if before.endswith("/check"):
            break
        press_until(page, "main #unknown" if page.locator("#unknown").count() else "main .choice input")
        page.keyboard.press("Space")
        press_until(page, "main button.button--primary")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        enough = page.locator(".asking__actions a.button--quiet")
        if enough.count():
            press_until(page, ".asking__actions a.button--quiet")
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(r"/check$"))
    press_until(page, "form[action$='/report'] button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/r/[^/]+$|/expected"))
    assert page.locator("h1").count() == 1


def test_small_targets_are_large_enough(open_context: Any) -> None:
    context = open_context(390)
    case = open_example(context, "de")
    page = context.new_page()
    for address in ("/de/", f"/de/a/{case.token}/check", case.report, f"{case.report}/what-if", f"{case.report}/share"):
        page.goto(address)
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, .button, summary, select, input:not([type=hidden]), nav a')]
              .filter(item => item.offsetParent && !item.closest('p, li p'))
              .map(item => [item.tagName, item.textContent.trim().slice(0, 30), item.getBoundingClientRect()])
              .filter(([, , box]) => box.width > 1 && (box.width < 24 || box.height < 24) && !(box.width >= 20 && box.height >= 20))
              .map(([tag, text]) => tag + ' ' + text)"""
        )
        assert not small, f"{address.partition('/r/')[0]}: {small}"
