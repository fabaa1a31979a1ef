"""Is an answer borne out by its passages? A measure by words: cheap, repeatable, a proxy and no proof.

A sentence counts as supported when one sentence of the passages holds most of its words, agrees with it on negation, and
holds every number with the same word after it and the same kind of bound before it ("every 35 days" is not "for 35 days").
Blind to: synonyms (too strict), words set in another relation (too mild). Have people judge a sample before you trust it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .metrics import words
from .passages import Hit
from .wording import BOUNDS, DIGITS, FILLER, NEGATIONS

LEAST_SHARE = 0.7  # of a sentence's words that stand in the source (assumption, tried on the cases of the tests)

STEM = 5  # letters by which words are compared


@dataclass(frozen=True)
class Judgement:
    """One sentence of an answer; `source` is the number of the passage that bears it out, from 1, or 0."""

    sentence: str
    source: int


def judge(answer: str, hits: Sequence[Hit]) -> list[Judgement]:
    """Every sentence of an answer against its passages; a sentence that cites passages is held against those alone."""
    return [Judgement(sentence, _source(sentence, hits)) for sentence in sentences(answer)]


def faithfulness(answer: str, hits: Sequence[Hit]) -> float:
    """Share of the sentences that the passages bear out, 0 to 1; 1 for an answer without a statement."""
    found = judge(answer, hits)
    return sum(item.source > 0 for item in found) / len(found) if found else 1.0


def sentences(text: str) -> list[str]:
    """Sentences with at least one word; a citation after the full stop belongs to the sentence before it."""
    joined = re.sub(r"([.!?])\s*((?:\[\d{1,3}\]\s?)*\[\d{1,3}\])", r" \2\1 ", text)
    parts = re.split(r"(?<=[.!?])\s+(?=\S)(?<!\d\.\s)|\n+", joined)
    return [part.strip() for part in parts if words(re.sub(r"\[\d{1,3}\]", "", part))]


def cited_numbers(text: str) -> set[int]:
    """The passage numbers in square brackets."""
    return {int(number) for number in re.findall(r"\[(\d{1,3})\]", text)}


def supported(sentence: str, source: str) -> bool:
    """Whether one sentence of the source, with the subject of its neighbours, bears the sentence out."""
    plain = re.sub(r"\[\d{1,3}\]", "", sentence)
    stems = _stems(plain)
    if not stems or _shared(stems, source) < LEAST_SHARE * len(stems):
        return False
    best = max(sentences(source), key=lambda part: _shared(stems, part), default="")
    return _negated(plain) == _negated(best) and all(_holds(number, source) for number in _numbers(plain))


def _source(sentence: str, hits: Sequence[Hit]) -> int:
    cited = cited_numbers(sentence)
    for number, hit in enumerate(hits, 1):
        if (not cited or number in cited) and supported(sentence, f"{hit.title}.\n{hit.text}"):
            return number
    return 0


def _stems(text: str) -> set[str]:
    return {DIGITS.get(word, word)[:STEM] for word in words(text) if word not in FILLER | NEGATIONS | BOUNDS.keys()}


def _shared(stems: set[str], source: str) -> int:
    """How many stems stand in the source, also inside compounds: German `Tage` in `Urlaubstage`."""
    known = [DIGITS.get(word, word) for word in words(source)]
    return sum(any(stem in word for word in known) for stem in stems)


def _negated(text: str) -> bool:
    return bool(NEGATIONS & set(words(text))) or "n't" in text.casefold().replace("’", "'")


def _numbers(text: str) -> list[tuple[str, str, str]]:
    """Every number with the bound before it and the word after it; both may be empty."""
    found = [DIGITS.get(word, word) for word in re.findall(r"\d+(?:[.,:]\d+)*|\w+", text.casefold())]
    return [
        (_bound(found[max(0, place - 2) : place]), word, _after(found[place + 1 : place + 2]))
        for place, word in enumerate(found)
        if word[0].isdigit()
    ]


def _bound(before: list[str]) -> str:
    return next((BOUNDS[word] for word in reversed(before) if word in BOUNDS), "")


def _after(following: list[str]) -> str:
    return "".join(word for word in following if word not in FILLER and not word[0].isdigit())


def _holds(number: tuple[str, str, str], source: str) -> bool:
    bound, value, unit = number
    return any(
        value == other and (not bound or not kind or bound == kind) and _same_unit(unit, after)
        for kind, other, after in _numbers(source)
    )


def _same_unit(one: str, other: str) -> bool:
    return one[:STEM] in other or other[:STEM] in one
