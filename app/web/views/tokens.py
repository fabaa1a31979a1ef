"""The page that counts the tokens of a sample, or estimates them from words or pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.domain.knowledge import Knowledge
from app.domain.tokens import Tokenizer
from app.domain.values import SourceRef
from app.locales import N_, Formatter
from app.locales.format import significant
from app.web.views.pages import refs

LONGEST_SAMPLE = 40_000  # characters; a form may hold 64 kB
LANGUAGES = {"de": N_("German"), "en": N_("English"), "other": N_("Another language")}
UNITS = {"words": N_("Words"), "pages": N_("Pages")}
NAMES: dict[Tokenizer, str] = {
    "o200k": N_("OpenAI, current models (o200k)"), "cl100k": N_("OpenAI, older models and embeddings (cl100k)"),
    "claude": N_("Anthropic Claude"), "other": N_("Other models (Gemini, Mistral, Llama, Qwen)"),
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class TokenRow:
    """What one tokenizer makes of the text."""

    name: str
    amount: str
    how: str


@dataclass(frozen=True)
class TokensPage:
    """The form as it was sent, and the result."""

    languages: list[Choice]
    units: list[Choice]
    sample: str = ""
    amount: str = ""
    unit: str = "words"
    language: str = "de"
    longest: int = LONGEST_SAMPLE
    problems: list[dict[str, str]] = field(default_factory=list)
    rows: list[TokenRow] = field(default_factory=list)
    sources: list[SourceRef] = field(default_factory=list)

    def error(self, key: str) -> str:
        """The sentence shown at a field."""
        return next((problem["says"] for problem in self.problems if problem["id"] == key), "")


def choices(names: dict[str, str], formatter: Formatter) -> list[Choice]:
    """A list to choose from, in the language of the page."""
    return [Choice(value, formatter.t(name)) for value, name in names.items()]


def row(result: dict[str, Any], formatter: Formatter) -> TokenRow:
    """One line of the result."""
    name = formatter.t(NAMES[result["tokenizer"]])
    if result["exact"]:
        return TokenRow(name, formatter.count(result["tokens"]), formatter.t("counted"))
    low, middle, high = (formatter.count(significant(result["tokens"][name])) for name in ("p10", "p50", "p90"))
    spread = formatter.t("{low} to {high}", low=low, high=high)
    return TokenRow(
        name, formatter.t("about {tokens}", tokens=middle), formatter.t("estimated, {spread}", spread=spread)
    )


def sources(results: list[dict[str, Any]], knowledge: Knowledge) -> list[SourceRef]:
    """The sources of the ratios used, each once."""
    ids = dict.fromkeys(item for result in results for ratio in result.get("ratios", []) for item in ratio["sources"])
    return refs(knowledge, list(ids))
