"""What the public pages show: the knowledge base section by section, and what the operator says about this installation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.catalogue import Capability, Gpu, ModelInfo, PlatformInfo, Price
from app.domain.knowledge import Condition, Disagreement, Evidence, Knowledge, Law, Parameter, ParameterValue, Rule
from app.domain.values import SourceRef
from app.locales import N_

SECTIONS = {
    "rules": N_("Rules"),
    "parameters": N_("Parameters of the model"),
    "evidence": N_("Evidence"),
    "prices": N_("Prices"),
    "platforms": N_("Platforms"),
    "law": N_("Law"),
    "models": N_("Models and accelerators"),
    "sizes": N_("Sizes and speeds"),
}
EFFECTS = {
    "excludes": N_("Excludes"),
    "requires": N_("Requires"),
    "favours": N_("Speaks for"),
    "discourages": N_("Speaks against"),
    "warns": N_("Warns"),
    "duty": N_("Duties"),
    "step": N_("Next steps"),
    "monitor": N_("Watches in operation"),
    "not_ready": N_("Asks for something else first"),
}
PARAMETER_GROUPS = {
    N_("Rules and their weights"): ("fit", "score", "limit", "narrow", "tone"),
    N_("Assumed when not known"): ("prior", "examples", "model"),
    N_("Success and what improves it"): ("success", "effect", "growth", "floor", "distillation", "test", "pilot"),
    N_("Work and time"): (
        "effort",
        "weeks",
        "operation",
        "labour",
        "share",
        "optimism",
        "change",
        "annotation",
        "exit",
    ),
    N_("Duties and checks"): ("compliance", "review", "evaluation"),
    N_("Size, speed, memory"): ("sizing", "hardware", "serving", "training", "hosting", "tokens", "cache", "retrieval"),
}
PLACES = re.compile(r"\{\w+\}")
OTHER = N_("Others")
PRICE_GROUPS = {
    N_("Use of models"): ("llm", "residency"),
    N_("Accelerators"): ("gpu", "energy"),
    N_("Fine-tuning"): ("tuning",),
    N_("Retrieval"): ("embedding", "vector", "rerank", "storage", "egress"),
    N_("Work"): ("labour", "annotation"),
    N_("Exchange rates"): ("fx",),
}
METHODS = {
    "sft": N_("Supervised fine-tuning"),
    "dpo": N_("Preference tuning"),
    "rft": N_("Reinforcement tuning"),
    "distillation": N_("Distillation"),
    "custom_job": N_("Training jobs of one's own"),
    "serving": N_("Serving of models"),
    "rag_service": N_("Retrieval as a service"),
}
STRENGTHS = {
    "CS": N_("controlled study"),
    "CSp": N_("preregistered study"),
    "BM": N_("benchmark by an interested party"),
    "VG": N_("guidance of a vendor"),
    "VF": N_("fact stated by a vendor"),
    "LAW": N_("law or authority"),
    "SV": N_("survey"),
    "AN": N_("single report"),
    "A": N_("assumption"),
}


@dataclass(frozen=True)
class Section:
    """A part of the knowledge base: its name in the address, its title and how many items it has."""

    id: str
    title: str
    count: int


@dataclass(frozen=True)
class DisagreementRow:
    """Sources that disagree, with the sources themselves."""

    item: Disagreement
    sources: list[SourceRef]


@dataclass(frozen=True)
class ExampleLine:
    """Mistakes of one cause among 100 answers: now, the share that retrieval and tuning remove, and what each leaves."""

    cause: str
    now: float
    retrieval: float
    tuning: float


@dataclass(frozen=True)
class OverviewPage:
    """`/how-it-decides`: the method in words, a worked example, where sources disagree, and the way to each section."""

    sections: list[Section]
    strengths: dict[str, str]
    disagreements: list[DisagreementRow]
    example: list[ExampleLine]
    knowledge_hash: str
    prices_hash: str
    as_of: date


@dataclass(frozen=True)
class RuleRow:
    """A rule with its condition in words and its sources."""

    rule: Rule
    condition: list[tuple[int, str]]
    sources: list[SourceRef]

    @staticmethod
    def open(text: str) -> str:
        """The sentence without the values that only an assessment has: "In … weeks"."""
        return PLACES.sub("…", text)


@dataclass(frozen=True)
class RulesPage:
    """All rules by effect."""

    groups: list[tuple[str, list[RuleRow]]]


@dataclass(frozen=True)
class ParameterRow:
    """A parameter with the value in force and its sources."""

    parameter: Parameter
    value: ParameterValue
    strength: str
    sources: list[SourceRef]


@dataclass(frozen=True)
class ParametersPage:
    """All parameters by area."""

    groups: list[tuple[str, list[ParameterRow]]]


@dataclass(frozen=True)
class EvidencePage:
    """All sources with what they found and how strong that is (`strengths`: words by code)."""

    rows: list[Evidence]
    strengths: dict[str, str]


@dataclass(frozen=True)
class PricesPage:
    """The prices in force today, by kind."""

    groups: list[tuple[str, list[Price]]]
    as_of: date


@dataclass(frozen=True)
class PlatformRow:
    """A platform with its dated capability records, those in force first."""

    platform: PlatformInfo
    capabilities: list[tuple[Capability, bool]]


@dataclass(frozen=True)
class PlatformsPage:
    """All platforms as they are today."""

    rows: list[PlatformRow]
    as_of: date
    methods: dict[str, str]


@dataclass(frozen=True)
class LawPage:
    """All norms."""

    laws: list[tuple[Law, list[SourceRef]]]


@dataclass(frozen=True)
class ModelsPage:
    """All models and accelerators."""

    models: list[ModelInfo]
    gpus: list[Gpu]


def refs(knowledge: Knowledge, ids: Sequence[str]) -> list[SourceRef]:
    """The sources behind ids; an id that is no evidence is left out (the loader has checked them)."""
    return [knowledge.evidence[item].ref for item in ids if item in knowledge.evidence]


def condition_lines(condition: Condition, depth: int = 0) -> list[tuple[int, str]]:
    """A condition as lines with their depth; all, any, not stand above the lines they join."""
    for word, parts in ((N_("all of:"), condition.all), (N_("one of:"), condition.any)):
        if parts is not None:
            return [(depth, word), *(line for part in parts for line in condition_lines(part, depth + 1))]
    if condition.not_ is not None:
        return [(depth, N_("not:")), *condition_lines(condition.not_, depth + 1)]
    return [(depth, f"{condition.fact} {_comparison(condition)}")]


def _comparison(condition: Condition) -> str:
    between, listed = condition.between, condition.one_of or condition.includes_any
    forms = {
        "= {}": condition.is_,
        "∈ {}": listed and ", ".join(str(item) for item in listed),
        "{}": between and f"{between[0]:g} … {between[1]:g}",
        "≥ {:g}": condition.at_least,
        "≤ {:g}": condition.at_most,
        "✓ {}": condition.answered,
    }
    return next((form.format(value) for form, value in forms.items() if value is not None), "")


def in_force(capability: Capability, day: date) -> bool:
    """Whether a capability exists on a day."""
    return (capability.opens is None or capability.opens <= day) and (
        capability.closes is None or day < capability.closes
    )


def grouped(
    items: Sequence[Any], keys: Sequence[str], groups: dict[str, tuple[str, ...]]
) -> list[tuple[str, list[Any]]]:
    """Items under the title of the group that the first part of their key belongs to, in the order of the groups."""
    title_of = {first: title for title, firsts in groups.items() for first in firsts}
    found: dict[str, list[Any]] = {title: [] for title in (*groups, OTHER)}
    for key, item in zip(keys, items, strict=True):
        found[title_of.get(key.split(".")[0], OTHER)].append(item)
    return [(title, group) for title, group in found.items() if group]
