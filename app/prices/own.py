"""The customer's own prices: a discount on list prices, or a price of one's own for a key. One YAML file, see docs/operations.md."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from app.domain.catalogue import Price
from app.domain.messages import Frozen, label
from app.domain.values import SourceRef
from app.errors import AppError

OWN_PRICE = str(label("Own price").value)
OWN_DISCOUNT = str(label("Own price: list price with a discount").value)


class OwnPricesInvalid(AppError):
    """The file of own prices has a mistake."""

    code, title = "own_prices_invalid", "The file of own prices has a mistake"


class Discount(Frozen):
    """What is paid of the list price: 0.85 is 15 % less. `keys` may hold * for any text; the first that fits counts."""

    keys: str
    factor: Annotated[Decimal, Field(gt=0, le=2)]
    valid_from: date
    note: str = ""


class OwnPrice(Frozen):
    """A price of one's own from a day on."""

    key: str
    amount: Annotated[Decimal, Field(ge=0)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    unit: str
    valid_from: date
    note: str = ""


class OwnPrices(Frozen):
    """The whole file."""

    discounts: list[Discount] = []
    prices: list[OwnPrice] = []


class _Loader(yaml.CSafeLoader):
    """Every scalar stays text (the types are those of the classes above), and no key may stand twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping with different keys."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"the key '{twice}' is written twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_own_prices(path: Path) -> OwnPrices:
    """The file. Raises OwnPricesInvalid that names the place and the mend."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 -- a safe loader
        return OwnPrices.model_validate(content or {})
    except OSError as error:
        raise _invalid(path, error.strerror or "it cannot be read") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _invalid(path, " ".join(str(error).split())) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _invalid(path, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


def apply(own: OwnPrices, path: Path, book: dict[str, Price], as_of: date) -> dict[str, Price]:
    """The book with discounts and own prices. Raises OwnPricesInvalid for an unknown key or another unit than the book's."""
    discounted = {key: _discounted(price, own.discounts, as_of) for key, price in book.items()}
    for row in sorted(own.prices, key=lambda item: item.valid_from):
        _check(row, path, book)
        if row.valid_from <= as_of:
            discounted[row.key] = _own(row, book.get(row.key))
    return discounted


def _discounted(price: Price, discounts: list[Discount], as_of: date) -> Price:
    fits = [item for item in discounts if item.valid_from <= as_of and fnmatchcase(price.key, item.keys)]
    if not fits or price.unit == "tokens" or price.key.startswith("fx."):
        return price  # a threshold or an exchange rate is no price
    factor = fits[0].factor
    source = price.source.model_copy(update={"title": OWN_DISCOUNT})
    changed = {name: value * factor for name in ("amount", "low", "high") if (value := getattr(price, name)) is not None}  # fmt: skip
    return price.model_copy(update={**changed, "own": True, "source": source})


def _check(row: OwnPrice, path: Path, book: dict[str, Price]) -> None:
    known = book.get(row.key)
    alike = {price.unit for key, price in book.items() if _kind(key) == _kind(row.key)}
    if not alike:
        near = ", ".join(get_close_matches(row.key, book, 3, 0.3)) or "those of `lotse prices show`"
        raise _invalid(path, f"there is no price {row.key}; near are {near}")
    unit = known.unit if known else min(alike)
    if unit != row.unit:
        raise _invalid(path, f"{row.key}: the unit is '{unit}', not '{row.unit}'")


def _kind(key: str) -> tuple[str, str]:
    """First and last part: prices of other models and machines that are alike in these are of the same kind."""
    return key.partition(".")[0], key.rpartition(".")[2]


def _own(row: OwnPrice, known: Price | None) -> Price:
    source = SourceRef(title=OWN_PRICE, checked=row.valid_from.isoformat())
    return Price(
        key=row.key, label=known.label if known else row.key, subject=known.subject if known else "", amount=row.amount,
        currency=row.currency, unit=row.unit, region=known.region if known else "", tier=known.tier if known else "",
        valid_from=row.valid_from, source=source, own=True,
    )  # fmt: skip


def _invalid(path: Path, problem: str) -> OwnPricesInvalid:
    return OwnPricesInvalid("{path}: {problem}.", "Mend the file; docs/operations.md shows it.", path=path.name, problem=problem)  # fmt: skip
