"""Sentences for users: an English gettext id with {names}, and the values that fill it in.

The domain speaks English; the edge translates the id and formats each value for its language (`app.locales`).
"""

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, computed_field

Kind = Literal["text", "label", "count", "number", "percent", "money", "tokens", "hours", "weeks", "months", "date"]


class Frozen(BaseModel):
    """Base of all values of the domain: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(Frozen):
    """One value in a sentence. `label` is itself an English gettext id; `high` makes it a range; money has a `unit` (currency).

    percent is a share from 0 to 1; date is ISO text.
    """

    kind: Kind
    value: str | int | float
    high: int | float | None = None
    unit: str = ""

    def english(self) -> str:
        """The value as plain English text, numbers to two significant digits where they are estimates."""
        if isinstance(self.value, str):
            return self.value
        return " to ".join(
            _english(self.kind, number, self.unit) for number in (self.value, self.high) if number is not None
        )


def _english(kind: str, number: float, unit: str) -> str:
    if kind == "percent":
        return f"{number:.0%}"
    if kind == "money":
        return f"{unit} {significant(number):,}"
    text = (
        f"{number:,.0f}"
        if float(number).is_integer() or abs(number) >= 100
        else f"{number:,.2f}".rstrip("0").rstrip(".")
    )
    return f"{text} {kind}" if kind in ("tokens", "hours", "weeks", "months") else text


def significant(number: float, digits: int = 2) -> int | float:
    """Rounds to so many significant digits: 48137.42 -> 48000, 3.4567 -> 3.5."""
    if not number:
        return 0
    rounded = float(f"{Decimal(repr(float(number))):.{digits - 1}e}")
    return int(rounded) if rounded.is_integer() else rounded


class Message(Frozen):
    """A sentence: `message` is the gettext id, `values` fill its {names}, `says` is the English result."""

    message: str
    values: dict[str, Value] = {}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def says(self) -> str:
        """The sentence in English."""
        return self.message.format(**{name: value.english() for name, value in self.values.items()})


def label(text: str) -> Value:
    """A value that is translated itself: an option's name, an answer's label."""
    return Value(kind="label", value=text)


def value(kind: Kind, amount: float, high: float | None = None, unit: str = "") -> Value:
    """A number with its kind, or a range of two."""
    return Value(kind=kind, value=amount, high=high, unit=unit)


def without_says(data: Any) -> Any:
    """Drops the computed `says` from dumped JSON, so that it can be read back into the models."""
    if isinstance(data, dict):
        drop = {"says"} if "message" in data else set()
        return {key: without_says(item) for key, item in data.items() if key not in drop}
    return [without_says(item) for item in data] if isinstance(data, list) else data
