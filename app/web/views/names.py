"""Words for ids: questions, answers, hostings, families, effects; and an answer as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.knowledge import Knowledge, Question
from app.domain.values import FAMILY, OptionId
from app.locales import N_, Formatter
from app.web.charts.quantities import between

FAMILIES = {
    "no_llm": N_("Without a language model"),
    "prompting": N_("Prompt engineering"),
    "rag": N_("Retrieval (RAG)"),
    "fine_tuning": N_("Fine-tuning"),
    "rag_fine_tuning": N_("Retrieval and fine-tuning"),
    "continued_pretraining": N_("Continued pretraining"),
}
EFFECTS = {
    "for": N_("speaks for: {option}"),
    "favours": N_("speaks for: {option}"),
    "against": N_("speaks against: {option}"),
    "discourages": N_("speaks against: {option}"),
    "excludes": N_("rules out: {option}"),
    "requires": N_("requires: {option}"),
    "warns": N_("warning about: {option}"),
    "duty": N_("duty with: {option}"),
    "step": N_("next step"),
}
ALL_OPTIONS = N_("all options")
GROUPS = {
    "labour": N_("Labour"), "data": N_("Data"), "annotation": N_("Annotation"), "evaluation": N_("Evaluation"),
    "training": N_("Training"), "inference": N_("Model usage"), "hosting": N_("Hosting"), "retrieval": N_("Retrieval"),
    "operation": N_("Operation"), "review": N_("Review by people"), "change": N_("Introduction and training of staff"), "compliance": N_("Compliance"), "exit": N_("Exit"), "retraining": N_("Retraining"),
}  # fmt: skip
GRADES = {
    "V": N_("read in the source"), "W": N_("second-hand source"), "K": N_("general knowledge"), "D": N_("derived"),
    "A": N_("assumption"),
}  # fmt: skip
STRENGTHS = {
    "CS": N_("controlled study"), "CSp": N_("preregistered study"), "BM": N_("benchmark of an interested party"),
    "VG": N_("vendor guidance"), "VF": N_("vendor fact"), "LAW": N_("norm or authority"), "SV": N_("survey"),
    "AN": N_("anecdote"), "A": N_("assumption"),
}  # fmt: skip
SEVERITIES = {"low": N_("low"), "medium": N_("medium"), "high": N_("high")}
CAUSES = {
    "knowledge": N_("missing knowledge"), "format": N_("wrong format"), "behaviour": N_("wrong tone or behaviour"),
    "reasoning": N_("wrong reasoning"),
}  # fmt: skip
VERDICTS = {
    "recommended": "",
    "close_call": N_("No clear winner"),
    "not_ready": N_("Not ready yet: do this first"),
    "target_unreachable": N_("The target is out of reach"),
}
# Sizes that the calculation derives from the answers.
SIZES = {
    "corpus_tokens": N_("Size of your documents"),
    "tokens_per_month": N_("Tokens a month"),
    "input_tokens": N_("Length of one input"),
    "output_tokens": N_("Length of one result"),
    "n_eff": N_("Usable examples"),
    "minimum_examples": N_("Examples from which tuning helps"),
    "tokens_per_example": N_("Length of one example"),
}
SEPARATORS = str.maketrans("_-.", "   ")
# Keys that no question of its own asks for.
OTHER_KEYS = {"title": N_("Title"), "organisation": N_("Organisation")}


@dataclass(frozen=True)
class Names:
    """Looks words up in the knowledge base; an id it does not know becomes readable text, never a raw key."""

    knowledge: Knowledge
    formatter: Formatter

    def question(self, key: str) -> Question | None:
        """The question, or the field of a group, that fills this answer."""
        for question in self.knowledge.questions.values():
            if key in question.keys:
                return next((field for field in question.fields if field.id == key), question)
        return None

    def price(self, key: str) -> str:
        """What a price is for, in a few words: of chat models the model; empty for one that is not in the knowledge base."""
        if key.startswith("llm."):
            model = self.knowledge.models.get(key.removeprefix("llm.").rpartition(".")[0])
            return model.label if model else ""
        item = self.knowledge.prices.get(key)
        if item is None:
            return ""
        return f"{item.subject}: {self.formatter.t(item.label)}" if item.subject else self.formatter.t(item.label)

    def key(self, key: str) -> str:
        """An answer's key in a few words: the short form of its question."""
        question = self.question(key)
        if question:
            return self.formatter.t(question.short or question.text)
        return self.formatter.t(OTHER_KEYS.get(key, readable(key)))

    def option(self, option: str) -> str:
        """The label of an option."""
        info = self.knowledge.options.get(option)
        return self.formatter.t(info.label if info else FAMILIES.get(option, readable(option)))

    def hosting(self, hosting: str | None) -> str:
        """The label of a hosting; empty for none."""
        info = self.knowledge.hostings.get(hosting or "")
        return self.formatter.t(info.label if info else readable(hosting or ""))

    def model(self, model: str | None) -> str:
        """The label of a model; empty for none."""
        info = self.knowledge.models.get(model or "")
        return info.label if info else model or ""

    def family(self, family: str) -> str:
        """The name of a family of options."""
        return self.formatter.t(FAMILIES.get(family, readable(family)))

    def answer(self, key: str, given: Any, currency: str) -> str:
        """An answer in words and units; "don't know" for none."""
        if given is None:
            return self.formatter.t("don't know")
        if isinstance(given, dict):
            return ", ".join(
                f"{self._word(CAUSES, name)} {self.formatter.percent(share)}" for name, share in given.items()
            )
        if isinstance(given, list):
            return ", ".join(self._single(key, item, currency) for item in given) or self.formatter.t("none of these")
        return self._single(key, given, currency)

    def _single(self, key: str, given: Any, currency: str) -> str:
        question = self.question(key)
        for choice in question.choices if question else ():
            if choice.value == given and isinstance(choice.value, bool) == isinstance(given, bool):
                return self.formatter.t(choice.label)
        if isinstance(given, bool):
            return self.formatter.t("yes" if given else "no")
        if isinstance(given, str):
            return given
        return self._number(question, given, currency)

    def _number(self, question: Question | None, given: float, currency: str) -> str:
        kind, unit = (question.kind, question.unit) if question else ("number", "")
        if kind == "share":
            return self.formatter.percent(given, 1)
        if kind == "money":
            return self.formatter.money_exact(given, currency)
        return (
            f"{self.formatter.number(given)} {self.formatter.t(unit)}".strip() if unit else self.formatter.number(given)
        )

    def _word(self, words: dict[str, str], item: str) -> str:
        return self.formatter.t(words.get(item, readable(item)))

    def effect(self, effect: str, rule: str, option: str | None) -> str:
        """What a rule did and to what, in words. `option` is the recommended one where the rule touches it."""
        return self.formatter.t(EFFECTS.get(effect, readable(effect)), option=self._touched(rule, option))

    def _touched(self, rule_id: str, option: str | None) -> str:
        rule = self.knowledge.rules.get(rule_id)
        if rule is None:
            return self.option(option) if option else self.formatter.t(ALL_OPTIONS)
        if rule.hostings and not rule.options:
            return ", ".join(self.hosting(hosting) for hosting in rule.hostings)
        return ", ".join(self._families(rule.options)) or self.formatter.t(ALL_OPTIONS)

    def _families(self, options: Sequence[OptionId]) -> list[str]:
        """The options by name; a family of which all are meant is named once."""
        named = []
        for option in options:
            family = FAMILY[option]
            whole = {item for item, of in FAMILY.items() if of == family}
            named.append(self.family(family) if len(whole) > 1 and whole <= set(options) else self.option(option))
        return list(dict.fromkeys(named))

    def group(self, group: str) -> str:
        """A group of cost lines."""
        return self._word(GROUPS, group)

    def basis(self, grade: str | None, strength: str | None) -> str:
        """How well a fact is known, and from what kind of source."""
        words = (self._word(GRADES, grade or ""), self._word(STRENGTHS, strength or ""))
        return " · ".join(dict.fromkeys(word for word in words if word))

    def severity(self, severity: str) -> str:
        """How bad a risk is."""
        return self._word(SEVERITIES, severity)

    def between(self, low: float, high: float, unit: str) -> str:
        """A range of a parameter with its unit."""
        return between(self.formatter, low, high, unit)


def readable(identifier: str) -> str:
    """An id as words: what is left when no text knows it."""
    return identifier.translate(SEPARATORS).strip().capitalize() if identifier else ""
