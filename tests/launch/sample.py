"""Decisions with all ten options, made from the hand-made one: what kits are tried on without the engine."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from app.domain.answers import Answers
from app.domain.decision import CostLine, Decision
from app.domain.values import FAMILY, HOSTINGS, Range
from app.knowledge import load_knowledge
from app.launch.planning import Advice, Choice, plan
from app.launch.platform import Platform
from app.launch.spec import LaunchSpec
from tests.web.sample import decision, money

DAY = date(2026, 11, 24)
OPTIONS = tuple(FAMILY)
MODELS = {
    "tuned_encoder": "xlm-roberta-large", "managed_tuning": "gpt-4.1-mini", "lora_open_weights": "qwen3-8b",
    "distillation": "qwen3-8b", "rag_tuning": "qwen3-14b", "continued_pretraining": "qwen3-32b",
}  # fmt: skip
PERSONAS: dict[str, dict[str, Any]] = {
    "support": {"task_type": "support_chat", "title": "Kundendienst", "text_language": "de"},
    "insurer": {"task_type": "extraction", "title": "Schäden & Belege", "residency": "germany", "text_language": "de"},
    "bank": {"task_type": "document_qa", "title": "Policies", "residency": "eu", "text_language": "en"},
    "mail": {"task_type": "classification", "title": "Posteingang", "platforms": ["azure"]},
    "clinic": {"task_type": "summarisation", "residency": "on_premises", "data_classes": ["special_category"]},
    "hostile": {
        "task_type": "style_writing",
        "title": "\"'; rm -rf / #\n$(touch /tmp/x) `id` {name} ${HOME} *a* </script>",
        "organisation": "--help\n: {}\n%{x}",
    },
}


@cache
def full_decision() -> Decision:
    """Every option feasible on every hosting, with a line of GPU-hours and one of training tokens."""
    base = decision()
    pattern = base.options[0]
    hosting = pattern.hostings[0]
    lines = [
        *(pattern.cost.lines if pattern.cost else []),
        CostLine(key="training.gpu", label="GPU", group="training", timing="one_off", quantity=Range(p10=4, p50=6, p90=9), unit="GPU-hour", price_key="gpu.H100-SXM.rented_eu", amount=money(20, 30, 45)),
    ]  # fmt: skip
    cost = pattern.cost.model_copy(update={"lines": lines}) if pattern.cost else None
    options = [
        pattern.model_copy(
            update={
                "option": name, "label": name, "family": FAMILY[name], "rank": rank, "cost": cost,
                "model": MODELS.get(name, "gpt-6-luna"), "model_label": MODELS.get(name, "GPT-6 Luna"),
                "hostings": [hosting.model_copy(update={"hosting": item}) for item in HOSTINGS],
            }
        )
        for rank, name in enumerate(OPTIONS, 1)
    ]  # fmt: skip
    return base.model_copy(update={"options": options})


def advice(persona: str = "support") -> Advice:
    """The decision for a persona."""
    return Advice(full_decision(), Answers.model_validate(PERSONAS[persona]), load_knowledge())


def launch(
    platform: Platform, option: str, persona: str = "support", language: str = "en", way: str = ""
) -> LaunchSpec:
    """A planned launch."""
    return plan(platform, advice(persona), Choice(option, language, DAY, way))
