"""Numbers as people type them, read strictly in the language of the page: what can mean two things is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from app.domain.messages import Message, Value

LONGEST = 40
DECIMAL_SIGN = {"de": ",", "en": "."}
GROUP_SIGN = {"de": ".", "en": ","}
_SPACES = re.compile(r"\s")
_SEVERAL = re.compile(r"\d\s*(-|–|—|bis|to|oder|or|/)\s*\d", re.IGNORECASE)
_SHORTENED = re.compile(
    r"([\d., ']+?)\s*(k|tsd\.?|tausend|thousand|mio\.?|mill?\.?|million(?:en|s)?|m|mn)", re.IGNORECASE
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘`´", "'"))
_MINUS = str.maketrans(dict.fromkeys("−‒–", "-"))


class Unreadable(Exception):
    """The text is not one clear number; `message` says why and how to write it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message.says)


def refuse(message: str, **texts: str | Value) -> Unreadable:
    """An Unreadable with this sentence; plain texts fill its {names} as they are."""
    filled = {name: Value(kind="text", value=item) if isinstance(item, str) else item for name, item in texts.items()}
    return Unreadable(Message(message=message, values=filled))


def clean(text: str) -> str:
    """Without invisible characters and outer spaces; every space, apostrophe and minus in one form."""
    visible = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char in "\t\n")
    return _SPACES.sub(" ", visible).strip().translate(_APOSTROPHES)


def shorten(text: str) -> str:
    """A text as quoted in an error, at most 40 characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def parse_number(text: str, language: str) -> Decimal:
    """The one number that the text means in that language ("de" or "en"). Raises Unreadable with both readings or the mend.

    Groups of three may be parted by the language's sign, by spaces or by apostrophes.
    """
    given = clean(text)
    if len(given) > LONGEST:
        raise refuse(
            message="“{given}” is too long for a number; at most {limit} characters are read.",
            given=shorten(given), limit=str(LONGEST),
        )  # fmt: skip
    negative, digits = _sign(given)
    number = _read(digits, language)
    if number is None:
        raise _explain(given, digits, language)
    return -number if negative else number


def _sign(given: str) -> tuple[bool, str]:
    straight = given.translate(_MINUS)
    return straight.startswith("-"), straight.removeprefix("-").removeprefix("+").lstrip()


def _read(digits: str, language: str) -> Decimal | None:
    """The number if the text follows the grammar of the language."""
    point, group = re.escape(DECIMAL_SIGN[language]), re.escape(GROUP_SIGN[language])
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:(?:{group}[0-9]{{3}})+|(?: [0-9]{{3}})+))"
    if match := re.fullmatch(rf"({whole})?(?:{point}([0-9]+))?", digits):
        return _number(match[1], match[2]) if digits else None
    swiss = re.fullmatch(r"([1-9][0-9]{0,2}(?:'[0-9]{3})+)(?:[.,]([0-9]+))?", digits)
    return _number(swiss[1], swiss[2]) if swiss else None


def _number(whole: str | None, fraction: str | None) -> Decimal:
    return Decimal(f"{re.sub('[^0-9]', '', whole or '0')}.{fraction or '0'}")


def _explain(given: str, digits: str, language: str) -> Unreadable:
    """Why the text was refused, with the readings it may have."""
    point, group = DECIMAL_SIGN[language], re.escape(GROUP_SIGN[language])
    if match := re.fullmatch(rf"([0-9]+){group}([0-9]+)", digits):
        as_decimal = f"{match[1]}{point}{match[2]}"
        if match[1].startswith("0"):
            return _other_style(given, as_decimal)
        return refuse(
            message="“{given}” is ambiguous in English. Do you mean {first} or {second}?",
            given=given, first=as_decimal, second=match[1] + match[2].ljust(3, "0"),
        )  # fmt: skip
    other = "en" if language == "de" else "de"
    if (reading := _read(digits, other)) is not None:
        return _other_style(given, write_number(reading, language))
    return _not_a_number(given, language)


def _other_style(given: str, reading: str) -> Unreadable:
    return refuse(
        message="“{given}” is not how numbers are written in English. Do you mean {reading}?",
        given=given,
        reading=reading,
    )


def _not_a_number(given: str, language: str) -> Unreadable:
    if _SEVERAL.search(given):
        return refuse(
            message="“{given}” is more than one number. Please enter one; a rough middle is enough.", given=given
        )
    if (short := _SHORTENED.fullmatch(given)) and (number := _read(short[1], language)) is not None:
        factor = 1_000 if short[2][0].lower() in "kt" else 1_000_000
        return refuse(
            message="Please write “{given}” in full: {reading}",
            given=given,
            reading=write_number(number * factor, language),
        )
    return refuse(message="“{given}” is not a number. Please use digits, for example 1,500 or 0.5.", given=given)


def write_number(number: float | Decimal, language: str) -> str:
    """The number as it would be typed in that language; `parse_number` reads it back unchanged."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    plain = f"{exact.normalize():,f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    signs = str.maketrans({",": GROUP_SIGN[language], ".": DECIMAL_SIGN[language]})
    return plain.translate(signs)
