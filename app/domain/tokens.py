"""From words or pages to tokens, by stated ratios for each tokenizer and language.

    tokens = words x tokens per word (measured for o200k and cl100k), for other tokenizers times their factor over o200k

The ratios are the 10th percentile, the usual value and the 90th percentile over kinds of text; independent spreads add up as squares of
their logarithms.
"""

from __future__ import annotations

from datetime import date
from math import exp, hypot, log
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.knowledge import Knowledge
from app.domain.values import Range

Tokenizer = Literal["o200k", "cl100k", "claude", "other"]
TOKENIZERS: tuple[Tokenizer, ...] = ("o200k", "cl100k", "claude", "other")
MEASURED = ("o200k", "cl100k")  # with ratios of their own; those of the others are relative to the first
LONGEST_SAMPLE = 100_000  # characters
Count = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]


class TokenRequest(BaseModel):
    """`lotse estimate tokens`: a text that is counted, or words or pages that are estimated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_SAMPLE)] | None = None
    words: Count | None = None
    pages: Count | None = None
    language: Literal["de", "en", "other"] | None = None
    tokenizer: Tokenizer | None = None

    @model_validator(mode="after")
    def _one_size(self) -> TokenRequest:
        if sum(given is not None for given in (self.text, self.words, self.pages)) != 1:
            raise ValueError("give exactly one of text, words and pages")
        return self


def estimate_tokens(
    knowledge: Knowledge, request: TokenRequest, day: date, counted: int | None = None
) -> dict[str, Any]:
    """Tokens as p10, p50 and p90, with the ratios used and their sources; `counted` are those of the text with o200k."""
    tokenizer: Tokenizer = request.tokenizer or "o200k"
    if counted is not None and tokenizer not in MEASURED:
        names, amount = [f"tokens.factor.{tokenizer}"], float(max(counted, 1))
    else:
        names = ratios(tokenizer, request.language or "other", pages=request.pages is not None)
        amount = request.pages or request.words or float(len((request.text or "").split()) or 1)
    spread = estimated(knowledge, amount, names, day)
    return {
        "tokens": {name: round(value) for name, value in spread.model_dump().items()},
        "exact": False, "tokenizer": tokenizer, "ratios": [_told(knowledge, name, day) for name in names],
    }  # fmt: skip


def ratios(tokenizer: Tokenizer, language: str, pages: bool) -> list[str]:
    """The parameters by which an amount is multiplied, in order."""
    measured = tokenizer if tokenizer in MEASURED else MEASURED[0]
    names = ["tokens.words_per_page"] if pages else []
    names.append(f"tokens.per_word.{measured}.{language}")
    return names if tokenizer in MEASURED else [*names, f"tokens.factor.{tokenizer}"]


def estimated(knowledge: Knowledge, amount: float, names: list[str], day: date) -> Range:
    """The amount times all ratios."""
    values = [knowledge.parameters[name].on(day) for name in names]
    middle, below, above = log(amount), 0.0, 0.0
    for value in values:
        middle += log(value.mode)
        below, above = hypot(below, log(value.mode / value.low)), hypot(above, log(value.high / value.mode))
    return Range(p10=exp(middle - below), p50=exp(middle), p90=exp(middle + above))


def _told(knowledge: Knowledge, name: str, day: date) -> dict[str, Any]:
    parameter, value = knowledge.parameters[name], knowledge.parameters[name].on(day)
    return {"parameter": name, "p10": value.low, "p50": value.mode, "p90": value.high, "grade": parameter.grade, "sources": parameter.sources}  # fmt: skip
