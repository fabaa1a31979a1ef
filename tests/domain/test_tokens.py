"""Tokens from words and pages by stated ratios, and counted exactly where the vocabulary is published."""

from datetime import date

import pytest

from app.domain.sizing.requests import read_request
from app.domain.tokens import TOKENIZERS, TokenRequest, estimate_tokens, ratios
from app.errors import InputError
from app.knowledge import load_knowledge
from app.prices.token_counts import LONGEST_WORD, count_tokens, tokens_of

KNOWLEDGE, DAY = load_knowledge(), date(2026, 11, 24)
GERMAN = (
    "Die Versicherungsnehmerin wird gebeten, die Schadenmeldung innerhalb von sieben Tagen schriftlich einzureichen."
)


def ranged(**request: object) -> dict[str, int]:
    found: dict[str, int] = estimate_tokens(KNOWLEDGE, TokenRequest.model_validate(request), DAY)["tokens"]
    return found


def test_words_times_the_stated_ratio() -> None:
    """1,000 German words at 1.27, 1.55 and 1.88 tokens."""
    assert ranged(words=1000, language="de", tokenizer="o200k") == {"p10": 1270, "p50": 1550, "p90": 1880}


def test_german_takes_more_tokens_than_english() -> None:
    for tokenizer in TOKENIZERS:
        german, english = (ranged(words=1000, language=language, tokenizer=tokenizer) for language in ("de", "en"))
        assert all(german[name] > english[name] for name in ("p10", "p50", "p90"))


def test_spreads_add_up_as_squares_of_logarithms() -> None:
    """Pages: 250 to 330 to 500 words; tokens per English word 1.08 to 1.24 to 1.46: 330 x 1.24 = 409, wider than each but not than both."""
    found = ranged(pages=1, language="en", tokenizer="o200k")
    assert found["p50"] == round(330 * 1.24)
    assert 250 * 1.08 < found["p10"] < 250 * 1.24
    assert 500 * 1.24 < found["p90"] < 500 * 1.46


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("language", ["de", "en", "other"])
def test_every_ratio_is_a_parameter_with_a_basis(tokenizer: str, language: str) -> None:
    for name in ratios(tokenizer, language, pages=True):  # type: ignore[arg-type]
        parameter = KNOWLEDGE.parameters[name]
        assert parameter.sources or parameter.grade == "A"
        assert 0 < parameter.on(DAY).low < parameter.on(DAY).high


def test_counts_are_those_of_the_published_vocabularies() -> None:
    """ "Hello, world!" has four tokens in both: Hello | , | world | !"""
    assert [count_tokens("Hello, world!", name) for name in ("o200k", "cl100k")] == [4, 4]
    assert count_tokens("", "o200k") == 0


def test_a_marker_of_the_tokenizer_is_plain_text() -> None:
    assert count_tokens("<|endoftext|>", "o200k") > 1


def test_a_sample_lies_within_the_estimate_from_its_words() -> None:
    spread = ranged(words=len(GERMAN.split()), language="de", tokenizer="o200k")
    assert spread["p10"] <= count_tokens(GERMAN, "o200k") <= spread["p90"]


def test_a_sample_for_a_secret_vocabulary_is_estimated_from_the_count() -> None:
    counted = count_tokens(GERMAN, "o200k")
    found = tokens_of(KNOWLEDGE, TokenRequest(text=GERMAN, tokenizer="claude"), DAY)
    assert found["exact"] is False
    assert found["tokens"]["p50"] == round(counted * 1.2)
    assert tokens_of(KNOWLEDGE, TokenRequest(text=GERMAN), DAY) == {"tokens": counted, "exact": True, "tokenizer": "o200k", "words": 12}  # fmt: skip


@pytest.mark.parametrize("given", [{}, {"words": 1, "pages": 1}, {"words": 0}, {"words": 5, "tokeniser": "o200k"}, {"words": 5, "language": "fr"}, {"text": ""}, [1]])  # fmt: skip
def test_a_wrong_request_is_refused(given: object) -> None:
    with pytest.raises(InputError):
        read_request(TokenRequest, given)


def test_a_word_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="word of more than"):
        count_tokens("a" * (LONGEST_WORD + 1), "o200k")
