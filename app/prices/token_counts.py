"""Exact token counts of a pasted text with the tokenizers of OpenAI, whose vocabularies are published. Nothing is kept."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from app.domain.knowledge import Knowledge
from app.domain.tokens import MEASURED, TokenRequest, estimate_tokens
from app.errors import InputError

ENCODINGS = {"o200k": "o200k_base", "cl100k": "cl100k_base"}  # our name -> that of the library
# Text without an end to its words is what the tokenizers are slow at; no real text has such words.
LONGEST_WORD = 20_000


def tokens_of(knowledge: Knowledge, request: TokenRequest, day: date) -> dict[str, Any]:
    """Tokens of a text, counted where the vocabulary is published, else estimated. Raises InputError."""
    if request.text is None:
        return estimate_tokens(knowledge, request, day)
    tokenizer = request.tokenizer or MEASURED[0]
    if tokenizer not in ENCODINGS:
        return estimate_tokens(knowledge, request, day, count_tokens(request.text, MEASURED[0]))
    return {"tokens": count_tokens(request.text, tokenizer), "exact": True, "tokenizer": tokenizer, "words": len(request.text.split())}  # fmt: skip


def count_tokens(text: str, tokenizer: str) -> int:
    """Tokens of a text, special tokens read as plain text. Raises InputError for a word without end."""
    if any(len(word) > LONGEST_WORD for word in text.split()):
        raise InputError([], detail="The text holds a word of more than {limit} characters.", mend="Paste running text.", limit=LONGEST_WORD)  # fmt: skip
    return len(_encoding(ENCODINGS[tokenizer]).encode_ordinary(text))


@cache
def _encoding(name: str) -> Any:
    import bpe_openai  # noqa: PLC0415 -- 75 MB on disk and half a second: only for those who count

    return bpe_openai.get_encoding(name)
