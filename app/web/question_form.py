"""From questions and stored answers to the fields of a form and to words; and from the language of a page to how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale

from app.domain.entry import CURRENCIES, UNKNOWN, Form, Manner, fields_of, has_unknown_box
from app.domain.knowledge import Question
from app.domain.numerals import write_number
from app.locales import N_, Formatter, formatter, translate_plural
from app.web.views.questionnaire import ChoiceView, FieldView

DONT_KNOW, YES, NO = N_("I don’t know"), N_("Yes"), N_("No")
NO_NAME = N_("Without a name")
FIRST_COUNTRIES = ("DE", "AT", "CH", "EU")
NOT_A_COUNTRY = {"EZ", "QO", "UN", "XA", "XB", "XK", "ZZ"}
UNITS = {
    "pages": (N_("{n} page"), N_("{n} pages")),
    "examples": (N_("{n} example"), N_("{n} examples")),
    "requests": (N_("{n} request"), N_("{n} requests")),
    "tokens": (N_("{n} token"), N_("{n} tokens")),
    "cases": (N_("{n} case"), N_("{n} cases")),
    "people": (N_("{n} full-time person"), N_("{n} full-time people")),
    "minutes": (N_("{n} minute"), N_("{n} minutes")),
    "weeks": (N_("{n} week"), N_("{n} weeks")),
    "months": (N_("{n} month"), N_("{n} months")),
    "times": (N_("{n} times"), N_("{n} times")),
}
LOOKS = {"choice": "rows", "yes_no": "rows", "choices": "boxes", "country": "list", "text": "text"}


def manner_of(language: str, answers: Mapping[str, Any], form: Form | None = None) -> Manner:
    """How a form in this language is read; a currency chosen on the same page counts at once."""
    chosen = next(iter((form or {}).get("currency", [])), "")
    currency = chosen if chosen in CURRENCIES else str(answers.get("currency") or "EUR")
    return Manner(language, currency, formatter(language).t, frozenset(code for code, _ in countries(language)))


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """Code and name of every country in the language, the likely ones first."""
    names = {
        code: name for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_A_COUNTRY
    }  # fmt: skip
    rest = sorted((code for code in names if code not in FIRST_COUNTRIES), key=lambda code: _sort_key(names[code]))
    return [(code, names[code]) for code in (*FIRST_COUNTRIES, *rest)]


def _sort_key(name: str) -> str:
    return name.casefold().translate(str.maketrans("äöüåçéÅ", "aouaceA"))


def field_views(
    question: Question, answers: Mapping[str, Any], manner: Manner, *, seen: bool, form: Form | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[FieldView]:  # fmt: skip
    """The fields of a page, filled with what was just entered or else with the stored answers."""
    made = _Maker(manner, answers, seen, form, errors or {})
    return [view for item in fields_of(question) for view in made.views(item, alone=not question.fields)]


class _Maker:
    """Builds fields for one page."""

    def __init__(
        self, manner: Manner, answers: Mapping[str, Any], seen: bool, form: Form | None, errors: Mapping[str, str]
    ) -> None:
        self.manner, self.answers, self.seen, self.form, self.errors = manner, answers, seen, form, errors
        self.texts = formatter(manner.language)

    def views(self, item: Question, alone: bool) -> list[FieldView]:
        if item.kind == "shares":
            return [self._share_of_cause(item, str(choice.value), choice.label) for choice in item.choices]
        look = "list" if item.compact else LOOKS.get(item.kind, "number")
        stored = self.answers.get(item.id)
        return [
            FieldView(
                name=item.id, look=look, label=self.texts.t(item.text), hint="" if alone else self.texts.t(item.help),
                unit=self._unit(item), decimal=item.kind != "integer", optional=not alone and look in ("number", "text"),
                choices=self._choices(item), value=self._value(item, stored), selected=self._selected(item, stored),
                error=self.errors.get(item.id, ""), empty=self.texts.t(DONT_KNOW) if item.optional else "",
            )
        ]  # fmt: skip

    def _share_of_cause(self, item: Question, cause: str, label: str) -> FieldView:
        name, stored = f"{item.id}.{cause}", (self.answers.get(item.id) or {}).get(cause)
        typed = _first(self.form, name) if self.form is not None else _as_typed(stored, "share", self.manner.language)
        return FieldView(
            name=name, look="number", label=self.texts.t(label), unit="%", value=typed, error=self.errors.get(name, "")
        )

    def _unit(self, item: Question) -> str:
        return self.manner.currency if item.kind == "money" else self.texts.t(item.unit)

    def _choices(self, item: Question) -> list[ChoiceView]:
        if item.kind == "country":
            return [ChoiceView(code, name) for code, name in countries(self.manner.language)]
        rows = [ChoiceView(str(row.value), self.texts.t(row.label), self.texts.t(row.hint)) for row in item.choices]
        if item.kind == "yes_no":
            rows = [ChoiceView("yes", self.texts.t(YES)), ChoiceView("no", self.texts.t(NO))]
        if item.kind in ("choice", "choices", "yes_no") and item.optional and not item.compact:
            rows.append(ChoiceView(UNKNOWN, self.texts.t(DONT_KNOW)))
        return rows

    def _value(self, item: Question, stored: Any) -> str:
        if self.form is not None:
            return _first(self.form, item.id)
        return _as_typed(stored, item.kind, self.manner.language)

    def _selected(self, item: Question, stored: Any) -> list[str]:
        if self.form is not None:
            return list(self.form.get(item.id, []))
        if stored is None and item.compact and not item.optional:
            return [str(item.choices[0].value)]
        if stored is None:
            return [UNKNOWN] if self.seen else []
        if isinstance(stored, bool):
            return ["yes" if stored else "no"]
        return [str(value) for value in stored] if isinstance(stored, list) else [str(stored)]


def _first(form: Form | None, name: str) -> str:
    return next(iter((form or {}).get(name, [])), "")


def _as_typed(stored: Any, kind: str, language: str) -> str:
    if stored is None or isinstance(stored, (bool, list, dict)):
        return ""
    if isinstance(stored, str):
        return stored
    exact = Decimal(repr(stored))
    return write_number(exact * 100 if kind == "share" else exact, language)


def unknown_label(question: Question, texts: Formatter) -> str:
    """The label of the last box of the page, empty where each field offers its own."""
    if not has_unknown_box(question):
        return ""
    return texts.t(NO_NAME if all(item.kind == "text" for item in fields_of(question)) else DONT_KNOW)


def in_words(item: Question, stored: Any, texts: Formatter, currency: str) -> str:
    """An answer with its unit, as a person would say it: "1.500 Anfragen", "85 %", "Nur in Deutschland"."""
    if stored is None:
        return texts.t(DONT_KNOW)
    if isinstance(stored, dict):
        labels = {str(choice.value): texts.t(choice.label) for choice in item.choices}
        return ", ".join(f"{labels[cause]}: {texts.percent(share)}" for cause, share in stored.items() if share)
    if isinstance(stored, bool):
        return texts.t(YES if stored else NO)
    if item.kind in ("choice", "choices"):
        return _labels(item, stored if isinstance(stored, list) else [stored], texts)
    if item.kind == "country":
        return dict(countries(texts.language)).get(stored, str(stored))
    return stored if isinstance(stored, str) else _amount(item, stored, texts, currency)


def _labels(item: Question, stored: Sequence[Any], texts: Formatter) -> str:
    return ", ".join(texts.t(choice.label) for choice in item.choices if choice.value in stored)


def _amount(item: Question, stored: float, texts: Formatter, currency: str) -> str:
    if item.kind == "share":
        return texts.percent(stored, 2)
    if item.kind == "money":
        return texts.money_exact(stored, currency)
    number = texts.number(stored, 4)
    singular, plural = UNITS.get(item.unit, ("{n}", "{n}"))
    return translate_plural(texts.language, singular, plural, 1 if stored == 1 else 2).format(n=number)
