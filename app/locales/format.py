"""Numbers, money, dates and sentences in the reader's language, from Babel's locale data.

Estimates are rounded to two significant digits; exact amounts have their own method. Spaces inside a figure never break.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from app.locales.catalogue import N_, translate, translate_plural

Number = int | float | Decimal
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = {
    "tokens": (N_("{n} token"), N_("{n} tokens")),
    "hours": (N_("{n} hour"), N_("{n} hours")),
    "weeks": (N_("{n} week"), N_("{n} weeks")),
    "months": (N_("{n} month"), N_("{n} months")),
}
TERRITORY = {"de": "de_DE", "en": "en_GB"}


class _Range(Protocol):
    @property
    def p10(self) -> Any: ...
    @property
    def p90(self) -> Any: ...


def significant(amount: Number, digits: int = 2) -> Decimal:
    """Rounded to so many significant digits: 48137.42 -> 48000, 3.4567 -> 3.5."""
    exact = Decimal(str(amount))
    return Decimal(format(+Decimal(f"{exact:.{digits - 1}e}"), "f")) if exact else Decimal(0)


class Formatter:
    """Everything a page, file or kit needs to speak one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(TERRITORY.get(language, language))

    def t(self, text: str | None, **values: Any) -> str:
        """Translates an English id; `values` fill its {names}."""
        translated = translate(self.language, text) if text else ""
        return translated.format(**values) if values else translated

    def n(self, singular: str, plural: str, count: int, **values: Any) -> str:
        """The singular or plural form with {n} and other {names} filled in."""
        return translate_plural(self.language, singular, plural, count).format(**{"n": self.count(count), **values})

    def say(self, message: Any) -> str:
        """A Message as a sentence; a plain text is translated; nothing becomes an empty text."""
        if message is None or isinstance(message, str):
            return self.t(message)
        filled = {name: self.value(item) for name, item in message.values.items()}
        return translate(self.language, message.message).format_map(_Gentle(filled))

    def value(self, item: Any) -> str:
        """One typed value of a Message, or a range of two."""
        if item.kind == "label":
            return self.t(str(item.value))
        if item.kind == "date":
            return self.date(str(item.value))
        if isinstance(item.value, str):
            return item.value
        return self._number(item.kind, item.value, item.high, item.unit)

    def _number(self, kind: str, low: Number, high: Number | None, unit: str) -> str:
        if kind == "money":
            return self.money_between(low, low if high is None else high, unit)
        if kind == "percent":
            return self._percent_between(low, low if high is None else high)
        text = self._between(self.plain(low), self.plain(low if high is None else high))
        return self._with_unit(kind, text, low if high is None else high) if kind in UNITS else text

    def _with_unit(self, kind: str, text: str, amount: Number) -> str:
        singular, plural = UNITS[kind]
        count = 1 if text == self.plain(1) else max(2, int(amount))
        return translate_plural(self.language, singular, plural, count).format(n=text).replace(" ", NO_BREAK)

    def _between(self, low: str, high: str) -> str:
        return low if low == high else self.t("{low} to {high}").format(low=low, high=high).replace(" ", NO_BREAK)

    def number(self, amount: Number | None, digits: int = 2) -> str:
        """A decimal number with at most so many digits after the point; a dash for nothing."""
        if amount is None:
            return "–"
        return _minus(format_decimal(_clean(amount, digits), _pattern(digits), locale=self.locale))

    def count(self, amount: Number | None) -> str:
        """A whole number with grouping."""
        return self.number(amount, 0)

    def plain(self, amount: Number) -> str:
        """A number as in a sentence: whole from 100 on, else at most two digits after the point."""
        return self.number(amount, 0 if abs(float(amount)) >= 100 else 2)

    def money(self, amount: Number | str | None, currency: str) -> str:
        """An estimated amount, two significant digits: "48.000 €"; a dash for an unknown one."""
        return "–" if amount is None else self._currency(significant(_decimal(amount)), currency)

    def money_exact(self, amount: Number | str | None, currency: str) -> str:
        """An amount to the cent, or with all digits that a unit price has; a whole amount without cents."""
        if amount is None:
            return "–"
        exact = _decimal(amount)
        digits = max(2, min(8, -int(exact.normalize().as_tuple().exponent))) if exact % 1 else 0
        return self._currency(exact, currency, digits)

    def money_whole(self, amount: Number | str | None, currency: str) -> str:
        """An amount without cents, from ten on; below that to the cent. For tables whose lines add up."""
        if amount is None:
            return "–"
        exact = _decimal(amount)
        return self._currency(round(exact, 0 if abs(exact) >= 10 else 2), currency)

    def money_range(self, amounts: Any, currency: str | None = None) -> str:
        """10th to 90th percentile of a MoneyRange with one unit: "41.000 bis 57.000 €"; a dash for nothing."""
        return "–" if amounts is None else self.money_between(amounts.p10, amounts.p90, currency or amounts.currency)

    def money_between(self, low: Number | str, high: Number | str, currency: str) -> str:
        """An estimated range with one unit."""
        first, last = significant(_decimal(low)), significant(_decimal(high))
        if first == last:
            return self._currency(last, currency)
        before = self.locale.currency_formats["standard"].pattern.startswith("¤")
        texts = (
            (self._currency(first, currency), self.number(last))
            if before
            else (self.number(first), self._currency(last, currency))
        )
        return self._between(*texts)

    def _currency(self, amount: Decimal, currency: str, digits: int | None = None) -> str:
        if digits is None:
            digits = 0 if amount == amount.to_integral_value() else max(2, -int(amount.normalize().as_tuple().exponent))
        pattern = self.locale.currency_formats["standard"].pattern.split(";")[0].replace(".00", _places(digits))
        symbol = get_currency_symbol(currency, locale=self.locale)
        text = format_currency(amount, currency, pattern, locale=self.locale, currency_digits=False)
        gap = symbol + NO_BREAK if text.lstrip("-").startswith(symbol) and len(symbol) > 1 else symbol
        return _minus(text.replace(symbol, gap, 1))

    def currency(self, code: str) -> str:
        """The sign of a currency: "€"."""
        return get_currency_symbol(code, locale=self.locale)

    def percent(self, share: Number | None, digits: int = 0) -> str:
        """A share from 0 to 1 as per cent; a dash for nothing."""
        if share is None:
            return "–"
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0" + _places(digits, "#"), 1)
        return _minus(format_percent(_clean(share, digits + 2), pattern, locale=self.locale))

    def percent_range(self, shares: _Range | None) -> str:
        """10th to 90th percentile of a Range of shares: "62 bis 71 %"."""
        return "–" if shares is None else self._percent_between(shares.p10, shares.p90)

    def _percent_between(self, low: Number, high: Number) -> str:
        first, last = round(float(low) * 100), round(float(high) * 100)
        return self.percent(high) if first == last else self._between(self.count(first), self.percent(high))

    def tokens(self, amount: Number) -> str:
        """A number of tokens, two significant digits."""
        return self._with_unit("tokens", self.plain(significant(amount)), significant(amount))

    def hours(self, amount: Number) -> str:
        """A number of hours, two significant digits."""
        return self._with_unit("hours", self.plain(significant(amount)), significant(amount))

    def weeks(self, amount: Number) -> str:
        """A number of whole weeks."""
        return self._with_unit("weeks", self.count(amount), amount)

    def weeks_range(self, weeks: _Range | None) -> str:
        """10th to 90th percentile in whole weeks: "6 bis 12 Wochen"; a dash for nothing."""
        if weeks is None:
            return "–"
        return self._with_unit("weeks", self._between(self.count(weeks.p10), self.count(weeks.p90)), weeks.p90)

    def months(self, amount: Number) -> str:
        """A number of months."""
        return self._with_unit("months", self.plain(amount), amount)

    def date(self, day: date | str | None) -> str:
        """A day in words: "24. November 2026"; a text that is no ISO date stays as it is."""
        if isinstance(day, str):
            try:
                day = datetime.fromisoformat(day)
            except ValueError:
                return str(day)
        return "–" if day is None else format_date(day, "long", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """Day and time: "24. November 2026, 14:05"."""
        return format_datetime(moment, self.t("d MMMM y, HH:mm"), locale=self.locale)

    def words(self, items: Mapping[str, Any]) -> dict[str, str]:
        """Each value of a mapping translated."""
        return {key: self.t(str(text)) for key, text in items.items()}


class _Gentle(dict[str, str]):
    """Keeps an unknown {name} visible instead of failing."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def _decimal(amount: Number | str) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))


def _clean(amount: Number, digits: int) -> Decimal:
    rounded = round(_decimal(amount), digits)
    return rounded if rounded else Decimal(0)  # no "-0"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _places(digits: int, sign: str = "0") -> str:
    return "." + sign * digits if digits else ""


def _pattern(digits: int) -> str:
    return "#,##0" + _places(digits, "#")


@cache
def formatter(language: str) -> Formatter:
    """The formatter of a language, made once."""
    return Formatter(language)
