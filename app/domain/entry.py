"""From the raw form of one question to typed changes of the answers, or problems that name field, value and mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.knowledge import Question
from app.domain.messages import Message, Value
from app.domain.numerals import Unreadable, clean, parse_number, refuse, shorten, write_number

UNKNOWN = "unknown"  # the value of "I don't know", and the name of the box that says so for a whole page
LONGEST_TEXT = 120
PERCENT = ("%", "percent", "per cent", "prozent")
CURRENCIES = {"EUR": ("€", "eur", "euro"), "USD": ("$", "usd", "us$"), "CHF": ("chf", "fr."), "GBP": ("£", "gbp")}

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of the form."""

    field: str
    given: str
    message: Message


@dataclass(frozen=True)
class Entry:
    """Either changes (answer key -> value, None for "don't know") or problems."""

    changes: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Manner:
    """How the page was written: its language, the currency of the amounts, and unit words in that language."""

    language: str
    currency: str = "EUR"
    units: Callable[[str], str] = str  # an English unit -> the unit on the page
    countries: frozenset[str] = frozenset()  # codes that the page offers


def fields_of(question: Question) -> list[Question]:
    """The fields of a page: those of a group, else the question itself."""
    return question.fields or [question]


def read_form(question: Question, form: Form, manner: Manner) -> Entry:
    """Reads every field of the page. Nothing is guessed; one problem per field at most."""
    fields = fields_of(question)
    filled = [item for item in fields if any(clean(text) for text in _texts(item, form))]
    if UNKNOWN in form:
        return _page_unknown(question, filled, form)
    if not filled and has_unknown_box(question):
        return Entry(problems=[_problem(fields[0], "", "Please enter at least one value, or tick the last box.")])
    entry = Entry()
    for item in fields:
        _read_field(item, form, manner, entry)
    return Entry(problems=entry.problems) if entry.problems else entry


def has_unknown_box(question: Question) -> bool:
    """Whether the page ends with one box "I don't know" for all its fields: none of them has its own."""
    return question.optional and not any(_asks_itself(item) for item in fields_of(question))


def _asks_itself(item: Question) -> bool:
    return item.kind in ("choice", "choices", "yes_no") and not item.compact


def _page_unknown(question: Question, filled: list[Question], form: Form) -> Entry:
    if filled:
        text = "You entered a value and ticked the last box as well. Please keep only one of them."
        return Entry(problems=[_problem(filled[0], _texts(filled[0], form)[0], text)])
    return Entry(changes=dict.fromkeys(question.keys))


def _texts(item: Question, form: Form) -> list[str]:
    if item.kind == "shares":
        return [text for choice in item.choices for text in form.get(f"{item.id}.{choice.value}", [])]
    return list(form.get(item.id, []))


def _read_field(item: Question, form: Form, manner: Manner, entry: Entry) -> None:
    try:
        entry.changes[item.id] = READERS[item.kind](item, form, manner)
    except Unreadable as error:
        given = shorten(" ".join(_texts(item, form)))
        name = f"{item.id}.{item.choices[0].value}" if item.kind == "shares" else item.id
        entry.problems.append(Problem(getattr(error, "field", name), given, error.message))


def _problem(item: Question, given: str, message: str) -> Problem:
    name = f"{item.id}.{item.choices[0].value}" if item.kind == "shares" else item.id
    return Problem(name, shorten(given), Message(message=message))


def _first(item: Question, form: Form) -> str:
    return clean(next(iter(form.get(item.id, [])), ""))


def _read_choice(item: Question, form: Form, manner: Manner) -> Any:
    given = _first(item, form)
    if not given and item.compact:
        return None
    if not given:
        raise refuse(message="Please choose an answer.")
    return _chosen(item, given)


def _chosen(item: Question, given: str) -> Any:
    if given == UNKNOWN and item.optional:
        return None
    for choice in item.choices:
        if str(choice.value) == given:
            return choice.value
    raise refuse(message="“{given}” is not among the answers. Please choose one of them.", given=shorten(given))


def _read_choices(item: Question, form: Form, manner: Manner) -> Any:
    given = [clean(text) for text in form.get(item.id, []) if clean(text)]
    if not given:
        raise refuse(message="Please choose at least one answer.")
    chosen = [_chosen(item, text) for text in dict.fromkeys(given)]
    if None in chosen and len(chosen) > 1:
        raise refuse(message="“I don’t know” cannot be combined with other answers. Please keep only one of them.")
    return None if None in chosen else [choice.value for choice in item.choices if choice.value in chosen]


def _read_yes_no(item: Question, form: Form, manner: Manner) -> bool | None:
    answers = {"yes": True, "no": False, UNKNOWN: None}
    given = _first(item, form)
    if not given:
        raise refuse(message="Please choose an answer.")
    if given not in answers:
        raise refuse(message="“{given}” is not among the answers. Please choose one of them.", given=shorten(given))
    return answers[given]


def _read_country(item: Question, form: Form, manner: Manner) -> str | None:
    given = _first(item, form)
    if given and given not in manner.countries:
        raise refuse(message="“{given}” is not among the answers. Please choose one of them.", given=shorten(given))
    return given or None


def _read_text(item: Question, form: Form, manner: Manner) -> str | None:
    given = clean(next(iter(form.get(item.id, [])), ""))
    if len(given) > LONGEST_TEXT:
        raise refuse(
            message="This has {count} characters; at most {limit} fit. Please shorten it.",
            count=Value(kind="count", value=len(given)),
            limit=Value(kind="count", value=LONGEST_TEXT),
        )
    return given or None


def _read_number(item: Question, form: Form, manner: Manner) -> float | None:
    given = _first(item, form)
    if not given:
        return None
    bare = _without_unit(given, (item.unit, manner.units(item.unit)) if item.unit else ())
    return float(_within(item, parse_number(bare, manner.language), given, manner))


def _read_integer(item: Question, form: Form, manner: Manner) -> int | None:
    number = _read_number(item, form, manner)
    if number is not None and not number.is_integer():
        raise refuse(
            message="“{given}” is not a whole number. Do you mean {reading}?",
            given=_first(item, form),
            reading=write_number(round(number), manner.language),
        )
    return None if number is None else int(number)


def _read_money(item: Question, form: Form, manner: Manner) -> float | None:
    given = _first(item, form)
    if not given:
        return None
    for currency, signs in CURRENCIES.items():
        if currency != manner.currency and _without_unit(given, signs) != given:
            raise refuse(
                message="“{given}” is in another currency. Please enter the amount in {currency}.",
                given=shorten(given), currency=manner.currency,
            )  # fmt: skip
    bare = _without_unit(given, CURRENCIES[manner.currency])
    return float(_within(item, parse_number(bare, manner.language), given, manner))


def _read_share(item: Question, form: Form, manner: Manner) -> float | None:
    return _share(item, _first(item, form), manner)


def _share(item: Question, given: str, manner: Manner) -> float | None:
    if not given:
        return None
    bare = _without_unit(given, PERCENT)
    number = parse_number(bare, manner.language)
    if bare == given and 0 < number < 1:
        raise refuse(
            message="“{given}” is ambiguous as a percentage. Please enter {first} % or {second} %.",
            given=given, first=write_number(number, manner.language), second=write_number(number * 100, manner.language),
        )  # fmt: skip
    return float(_within(item, number, given, manner) / 100)


def _read_shares(item: Question, form: Form, manner: Manner) -> dict[str, float] | None:
    shares = {str(choice.value): _one_of_shares(item, str(choice.value), form, manner) for choice in item.choices}
    total = sum(shares.values())
    if abs(total - 1) > 0.005:
        raise refuse(
            message="The shares add up to {total}; together they must make 100 %. Please change them.",
            total=Value(kind="percent", value=round(total, 4)),
        )
    return {name: share / total for name, share in shares.items()}


def _one_of_shares(item: Question, cause: str, form: Form, manner: Manner) -> float:
    name = f"{item.id}.{cause}"
    try:
        return _share(item, clean(next(iter(form.get(name, [])), "")), manner) or 0.0
    except Unreadable as error:
        error.field = name  # type: ignore[attr-defined]
        raise


def _without_unit(given: str, signs: Sequence[str]) -> str:
    """The text without one of these signs or words before or after it."""
    alternatives = "|".join(re.escape(sign.lower()) for sign in sorted(signs, key=len, reverse=True) if sign)
    if not alternatives:
        return given
    match = re.fullmatch(rf"(?:(?:{alternatives})\s*)?(.*?)(?:\s*(?:{alternatives}))?", given, re.IGNORECASE)
    return match[1] if match and match[1] else given


def _within(item: Question, number: Decimal, given: str, manner: Manner) -> Decimal:
    low, high = item.minimum, item.maximum
    if low is not None and number < Decimal(repr(low)):
        raise refuse(
            message="“{given}” is too small. The smallest possible value is {limit}.",
            given=shorten(given), limit=write_number(low, manner.language),
        )  # fmt: skip
    if high is not None and number > Decimal(repr(high)):
        raise refuse(
            message="“{given}” is too large. The largest possible value is {limit}.",
            given=shorten(given), limit=write_number(high, manner.language),
        )  # fmt: skip
    return number


READERS: dict[str, Callable[[Question, Form, Manner], Any]] = {
    "choice": _read_choice, "choices": _read_choices, "yes_no": _read_yes_no, "country": _read_country,
    "text": _read_text, "number": _read_number, "integer": _read_integer, "money": _read_money,
    "share": _read_share, "shares": _read_shares,
}  # fmt: skip
