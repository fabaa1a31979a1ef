"""Numbers, money, dates and sentences as German and English readers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.domain.messages import Message, label, value
from app.domain.values import MoneyRange, Range
from app.locales import formatter

DE, EN = formatter("de"), formatter("en")
SPACE = "\N{NO-BREAK SPACE}"


def money(low: str, high: str, currency: str = "EUR") -> MoneyRange:
    """A range around nothing in particular."""
    return MoneyRange(p10=Decimal(low), p50=Decimal(low), p90=Decimal(high), currency=currency)


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [
        ("48137.42", "48.000 €", "€48,000"),
        ("-48137.42", "−48.000 €", "−€48,000"),
        ("0", "0 €", "€0"),
        ("3.4567", "3,50 €", "€3.50"),
        ("0.0123", "0,012 €", "€0.012"),
        ("1234567", "1.200.000 €", "€1,200,000"),
        (None, "–", "–"),
    ],
)
def test_money_has_two_significant_digits(amount: str | None, german: str, english: str) -> None:
    assert DE.money(amount, "EUR") == german.replace(" ", SPACE)
    assert EN.money(amount, "EUR") == english


def test_exact_money_keeps_the_digits_of_unit_prices() -> None:
    assert DE.money_exact("48137.42", "EUR") == f"48.137,42{SPACE}€"
    assert EN.money_exact("0.00000125", "USD") == f"US${SPACE}0.00000125"


@pytest.mark.parametrize(
    ("low", "high", "german", "english"),
    [
        ("41234", "57111", "41.000 bis 57.000 €", "€41,000 to 57,000"),
        ("10", "10", "10 €", "€10"),
        ("-4100", "5200", "−4.100 bis 5.200 €", "−€4,100 to 5,200"),
    ],
)
def test_ranges_name_the_unit_once(low: str, high: str, german: str, english: str) -> None:
    assert DE.money_range(money(low, high)) == german.replace(" ", SPACE)
    assert EN.money_range(money(low, high)) == english.replace(" ", SPACE)


def test_shares_weeks_and_months() -> None:
    assert DE.percent(0.625, 1) == f"62,5{SPACE}%"
    assert DE.percent_range(Range(p10=0.62, p50=0.7, p90=0.714)) == f"62{SPACE}bis{SPACE}71{SPACE}%"
    assert EN.weeks_range(Range(p10=5.6, p50=8, p90=12.2)) == f"6{SPACE}to{SPACE}12{SPACE}weeks"
    assert DE.weeks_range(Range(p10=1, p50=1, p90=1)) == f"1{SPACE}Woche"
    assert DE.months(36) == f"36{SPACE}Monate"


def test_days_and_moments() -> None:
    assert DE.date("2026-11-24") == "24. November 2026"
    assert EN.date("2026-11-24") == "24 November 2026"
    assert DE.date("soon") == "soon"
    assert DE.moment(datetime(2026, 11, 24, 14, 5, tzinfo=UTC)) == "24. November 2026, 14:05 Uhr"


def test_a_message_speaks_with_its_values() -> None:
    message = Message(
        message="{low} to {high}", values={"low": label("assumption"), "high": value("money", 48137, 57000, "EUR")}
    )
    assert DE.say(message) == f"Annahme bis 48.000{SPACE}bis{SPACE}57.000{SPACE}€"
    assert EN.say(message) == f"assumption to €48,000{SPACE}to{SPACE}57,000"


def test_a_missing_value_stays_visible_instead_of_failing() -> None:
    assert DE.say(Message.model_construct(message="{nothing} here", values={})) == "{nothing} here"
