"""What a report says about its prices, on the page, in the PDF and in its JSON."""

from datetime import date

import pytest

from app.domain.answers import read_answers
from app.domain.decide import decide
from app.domain.decision import Decision
from app.knowledge import load_knowledge
from app.locales import formatter
from app.prices import price_book
from app.web.views.names import Names
from app.web.views.report_prices import exchange_rates, stale_prices
from tests.user import User

KNOWLEDGE = load_knowledge()
ANSWERS = {"task_type": "document_qa", "requests_per_month": 10_000, "knowledge_pages": 500}


def decision(day: date, currency: str = "EUR") -> Decision:
    return decide(read_answers(ANSWERS | {"currency": currency}), KNOWLEDGE, price_book(KNOWLEDGE, day), day, draws=256)


def test_a_report_of_later_names_what_grew_old() -> None:
    names = Names(KNOWLEDGE, formatter("en"))
    soon, later = (stale_prices(decision(day), names) for day in (date(2026, 11, 24), date(2027, 3, 1)))
    assert len(soon.names) < len(later.names)
    assert "USD: Exchange rate for one EUR" in soon.names  # of 24 September 2026
    assert any("GPT" in name or "Claude" in name for name in later.names)  # chat prices are known by their model
    assert later.note == f"Last checked more than 30 days before this day: {len(later.names)} of the prices used"


@pytest.mark.parametrize(
    ("currency", "shown"), [("EUR", ["1 EUR = 1.1367 USD"]), ("CHF", ["1 EUR = 0.9409 CHF", "1 EUR = 1.1367 USD"])]
)
def test_rates_are_shown_with_their_day(currency: str, shown: list[str]) -> None:
    found = decision(date(2026, 11, 24), currency)
    pairs = list(exchange_rates(found, formatter("en")))
    assert [pair.value for pair in pairs] == shown
    assert {pair.name for pair in pairs} == {"Exchange rate of 24 September 2026"}
    assert [rate.per_eur for rate in found.exchange_rates][-1] == "1.1367"


def test_the_public_list_says_how_many_prices_are_old(user: User) -> None:
    page = user.client.get("/de/how-it-decides/prices").text
    assert "Preise wurden zuletzt vor mehr als 30 Tagen geprüft" in page
    assert "älter als 30 Tage" in page
