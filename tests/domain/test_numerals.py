"""Numbers as people type them: one clear meaning or a refusal that shows the readings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import NumberFormatError, parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from app.domain.numerals import Unreadable, parse_number, write_number

# text, value in German, value in English; a text is a piece of the refusal that must be said
TABLE = [
    ("0", 0, 0), ("7", 7, 7), ("007", 7, 7), ("1500", 1500, 1500), ("+5", 5, 5), ("-5", -5, -5), ("−5", -5, -5), ("- 5", -5, -5),
    ("1.500", 1500, "1.5"), ("1,500", "1.5", 1500), ("1.5", "1,5 or 1500?", "1.5"), ("1,5", "1.5", "1.5 or 1500?"),
    ("2.75", "2,75 or 2750?", "2.75"), ("2,75", "2.75", "2.75 or 2750?"), ("12.3456", "12,3456 or 123456?", "12.3456"),
    ("0.5", "mean 0,5?", "0.5"), ("0,5", "0.5", "mean 0.5?"), ("0.500", "mean 0,500?", "0.5"), (",5", "0.5", "mean 0.5?"),
    (".5", "mean 0,5?", "0.5"), ("1.234.567", 1234567, "mean 1,234,567?"), ("1,234,567", "mean 1.234.567?", 1234567),
    ("1.500,50", "1500.5", "mean 1,500.5?"), ("1,500.50", "mean 1.500,5?", "1500.5"), ("12.34.56", "not a number", "not a number"),
    ("1 500", 1500, 1500), ("1\u00a0500", 1500, 1500), ("1\u202f500", 1500, 1500), ("1\u2009500", 1500, 1500), ("1 50", "not a number", "not a number"),
    ("1 500 000", 1500000, 1500000), ("1’500", 1500, 1500), ("1'500", 1500, 1500), ("1’234.50", "1234.5", "1234.5"), ("1’234,50", "1234.5", "1234.5"),
    ("  42 ", 42, 42), ("\u200b42\ufeff", 42, 42), ("42\u00ad", 42, 42), ("10k", "10.000", "10,000"), ("2 Mio.", "2.000.000", "2,000,000"),
    ("10-20", "more than one number", "more than one number"), ("10 bis 20", "more than one number", "more than one number"),
    ("ca. 5", "not a number", "not a number"), ("1e5", "not a number", "not a number"), ("NaN", "not a number", "not a number"),
    ("inf", "not a number", "not a number"), ("٣", "not a number", "not a number"), ("½", "not a number", "not a number"),
    ("zwölf", "not a number", "not a number"), ("", "not a number", "not a number"), ("--5", "not a number", "not a number"),
    ("1.", "not a number", "not a number"), ("9" * 41, "too long", "too long"), ("<b>5</b>", "not a number", "not a number"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("row", TABLE, ids=[row[0].strip()[:12] or "empty" for row in TABLE])
def test_reads_strictly(row: tuple[str, object, object], language: str) -> None:
    text, expected = row[0], row[1] if language == "de" else row[2]
    if isinstance(expected, int) or (
        isinstance(expected, str) and expected.replace(".", "").isdigit() and "k" not in text and "Mio" not in text
    ):
        assert parse_number(text, language) == Decimal(str(expected))
        return
    with pytest.raises(Unreadable) as refused:
        parse_number(text, language)
    assert str(expected) in refused.value.message.says


@pytest.mark.parametrize("language", ["de", "en"])
@given(text=st.text(alphabet="0123456789.,", min_size=1, max_size=12))
def test_agrees_with_locale_data(language: str, text: str) -> None:
    """Whatever we accept, the locale data read as the same number; a leading point or comma is our only addition."""
    try:
        ours = parse_number(text, language)
    except Unreadable:
        return
    try:
        theirs = parse_decimal(text, locale=language, strict=True)
    except NumberFormatError:
        assert text[0] in ".," or text.startswith("0")
        return
    assert ours == theirs


@pytest.mark.parametrize("language", ["de", "en"])
@given(number=st.decimals(min_value=0, max_value=10**15, places=3))
def test_written_numbers_are_read_back(language: str, number: Decimal) -> None:
    assert parse_number(write_number(number, language), language) == number


@given(text=st.text(max_size=60), language=st.sampled_from(["de", "en"]))
def test_never_fails_otherwise(text: str, language: str) -> None:
    try:
        assert parse_number(text, language).is_finite()
    except Unreadable as refused:
        assert refused.message.says
