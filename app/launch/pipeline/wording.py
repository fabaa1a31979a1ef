"""Words of German and English that measures and searches treat apart. Short lists by hand, no dictionary."""

from __future__ import annotations

from .metrics import words


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBER_WORDS = (  # from two on: "one" and "ein" are seldom numbers
    "two three four five six seven eight nine ten eleven twelve",
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
)
DIGITS = {word: str(number) for row in NUMBER_WORDS for number, word in enumerate(row.split(), 2)}
NEGATIONS = _set(
    "no not never none nothing neither nor without cannot "
    "nicht kein keine keinen keiner keinem keines nie niemals ohne weder"
)
# Words that say how a number bounds something; two numbers under different heads do not say the same.
BOUNDS = {
    "every": "each", "each": "each", "per": "each", "alle": "each", "jede": "each", "jeden": "each", "pro": "each", "je": "each",
    "for": "during", "lang": "during", "within": "until", "until": "until", "by": "until", "innerhalb": "until", "binnen": "until",
    "before": "until", "vor": "until", "bis": "until", "after": "from", "from": "from", "since": "from", "nach": "from",
    "ab": "from", "least": "from", "mindestens": "from", "most": "until", "höchstens": "until", "than": "from", "über": "from",
}  # fmt: skip
FILLER = _set(
    "a an the one who which is are was were be been of to in on at and or that this these those it its they there you your we our i as with "
    "has have had do does did will may can must should would document documents passage passages states state says according answer "
    "der die das den dem des ein eine einen einem einer ist sind war waren wird werden und oder dass dies diese dieser es sie er wir "
    "ihr ihre im am zum zur von zu mit als auch hat haben kann darf muss soll laut dokument antwort sich auf für "
)
# Words of questions that say nothing about the subject.
ASKING = _set(
    "how what when where why which whom whose for by from my me not any if about get "
    "wie was wann wo warum wer welche welcher welches wen wem mein meine mich mir nicht bei ob über"
)


def search_words(question: str) -> list[str]:
    """The words to search by: without those that stand everywhere, unless there are no others."""
    found = words(question)
    return [word for word in found if word not in FILLER and word not in ASKING] or found
