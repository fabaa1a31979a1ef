"""Ways through the pages that several tests share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from app.domain.knowledge import Knowledge

TEXTS = {
    "de": {"begin": "Beginnen", "unsure": "Weiß ich nicht", "continue": "Weiter", "enough": "Genug"},
    "en": {"begin": "Begin", "unsure": "I don’t know", "continue": "Continue", "enough": "Enough"},
}
PUBLIC = [
    "/",
    "/how-it-decides",
    "/accuracy",
    "/imprint",
    "/privacy",
    "/accessibility",
    "/tokens",
    "/no-such-page",
    "/api/v1/docs",
]
LONG_LISTS = [
    f"/how-it-decides/{part}"
    for part in ("rules", "parameters", "evidence", "prices", "platforms", "law", "models", "sizes")
]


@dataclass(frozen=True)
class Case:
    """An assessment with a report, and its token."""

    language: str
    token: str

    @property
    def report(self) -> str:
        """Address of the report."""
        return f"/{self.language}/r/{self.token}~1"


def open_example(context: BrowserContext, language: str) -> Case:
    """Opens the first example of the start page."""
    page = context.new_page()
    page.goto(f"/{language}/")
    page.locator("ul.examples button").first.click()
    page.wait_for_url(re.compile(r"/r/"))
    found = re.search(r"/r/([^~/?]+)~1", page.url)
    assert found, page.url
    page.close()
    return Case(language, found[1])


def one_question_of_each_kind(knowledge: Knowledge) -> list[str]:
    """The first question of each kind."""
    kinds: dict[str, str] = {}
    for question in knowledge.questions.values():
        kinds.setdefault(question.kind, question.id)
    return list(kinds.values())


def number_question(knowledge: Knowledge) -> str:
    """A question that is answered with one number."""
    return next(item.id for item in knowledge.questions.values() if item.kind in ("number", "integer"))


def private_pages(case: Case, knowledge: Knowledge) -> list[str]:
    """Every kind of page of an assessment."""
    asked = [f"/a/{case.token}/{item}" for item in one_question_of_each_kind(knowledge)]
    about = [f"/a/{case.token}/{item}" for item in ("check", "expected", "save", "delete")]
    report = case.report.removeprefix(f"/{case.language}")
    launch = [f"{report}/launch", *(f"{report}/launch/{name}" for name in knowledge.platforms)]
    return [
        *asked,
        *about,
        report,
        f"{report}/versions",
        f"{report}/what-if",
        f"{report}/share",
        f"{report}/pilot",
        f"{report}/launches",
        *launch,
    ]


def make_link(page: Page, case: Case) -> str:
    """Makes a share link and returns its address."""
    page.goto(f"{case.report}/share")
    page.locator("main form button[type=submit]").first.click()
    return page.locator("main input[readonly], main textarea[readonly]").first.input_value()
