"""From a decision to a launch: which option, model, machine and caps; every number comes from the report or the catalogue."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

from app.domain.answers import Answers
from app.domain.catalogue import ModelInfo
from app.domain.decision import Decision, OptionResult
from app.domain.knowledge import Knowledge
from app.errors import InputError
from app.launch.catalogue import catalogue
from app.launch.figures import Figures, cost_cap, runs_until_good
from app.launch.machines import Machines, machines
from app.launch.platform import Platform, Way
from app.launch.spec import LaunchSpec, Pipeline, Training

PIPELINES: dict[str, Pipeline] = {
    "no_llm": "baseline", "prompting": "prompting", "long_context": "retrieval", "rag": "retrieval", "tuned_encoder": "encoder",
    "managed_tuning": "tuning", "lora_open_weights": "tuning", "distillation": "tuning", "rag_tuning": "retrieval",
    "continued_pretraining": "tuning",
}  # fmt: skip
LABELS, STRUCTURED = {"classification", "ranking"}, {"extraction", "structured_output", "tool_use"}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Advice:
    """A decision with what it was made from."""

    decision: Decision
    answers: Answers
    knowledge: Knowledge


@dataclass(frozen=True)
class Choice:
    """What is to be launched: the option, by which way (the platform's first if empty), on which day, in which language."""

    option: str
    language: str
    day: date
    way: str = ""


def plan(platform: Platform, advice: Advice, choice: Choice) -> LaunchSpec:
    """The launch of an option on a platform, by the chosen way. Raises InputError when the platform has none for it."""
    decision, answers, knowledge, option = advice.decision, advice.answers, advice.knowledge, choice.option
    ways, result = platform.ways(option, choice.way), decision.option(option)
    if not ways:
        raise _not_offered(platform, result)
    model, same = _model(platform, ways, result, knowledge)
    figures = Figures(result, runs_until_good(knowledge, date.fromisoformat(decision.as_of)))
    chosen = machines(platform, ways[0], figures, model, knowledge)
    training = _training(ways, figures, chosen)
    residency, mark = answers.residency or _residency(result), digest(decision)
    estimate = figures.cost() if training else figures.month()
    return LaunchSpec.model_validate(
        {
            "name": run_name(answers.title, mark, option), "option": option, "pipeline": PIPELINES[option],
            "ways": [way.id for way in ways], "platform": platform.id, "language": choice.language,
            "text_language": "de" if answers.text_language in (None, "de") else "en",
            "measure": _measure(answers, option), "target": answers.target_success_rate or catalogue().evaluation["target"],
            "test_cases": decision.pilot.test_cases, "model": model.id if model else None,
            "model_name": _name(platform, ways[0], model), "same_model": same,
            "region": platform.region(residency, ways[0]), "residency": residency,
            "machine": chosen.machine, "gpu": chosen.gpu, "gpu_count": chosen.count, "report_gpu": figures.gpu(), "training": training, "cost": estimate,
            "cost_cap": cost_cap(estimate), "currency": decision.currency, "as_of": date.fromisoformat(decision.as_of),
            "decision": mark[:12],
        }
    )  # fmt: skip


def digest(decision: Decision) -> str:
    """SHA-256 of the published form."""
    return sha256(decision.as_json().encode()).hexdigest()


def run_name(title: str | None, decision: str, option: str) -> str:
    """A name every platform accepts: the title's letters and six digits that tell launches apart.

    `decision` is the SHA-256 of the decision.
    """
    plain = (
        unicodedata.normalize("NFKD", (title or "").casefold().translate(UMLAUTS)).encode("ascii", "ignore").decode()
    )
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:18].strip("-")
    mark = sha256(f"{decision}{option}".encode()).hexdigest()[:6]
    return "-".join(filter(None, ("lotse", slug, mark)))


def _not_offered(platform: Platform, result: OptionResult) -> InputError:
    says = f"{platform.info.label} offers no way to launch {result.option}"
    return InputError(
        [{"key": "platform", "value": platform.id, "allowed": "another platform", "says": says}],
        detail="{platform} offers no way to launch this option.",
        mend="Choose another platform.",
        platform=platform.info.label,
    )


def _model(
    platform: Platform, ways: list[Way], result: OptionResult, knowledge: Knowledge
) -> tuple[ModelInfo | None, bool]:
    """The report's base model, or the nearest one that this platform can run or tune (and False)."""
    wanted = knowledge.models.get(result.model or "")
    if wanted is None or result.option == "no_llm":
        return None, True
    if _usable(platform, ways[0], wanted):
        return wanted, True
    others = [
        item for item in knowledge.models.values() if _usable(platform, ways[0], item) and _same_kind(item, wanted)
    ]
    near = sorted(others, key=lambda item: (item.tier != wanted.tier, _distance(item, wanted), item.id))
    return (near[0], False) if near else (None, False)


def _same_kind(one: ModelInfo, other: ModelInfo) -> bool:
    return (one.kind == "encoder") == (other.kind == "encoder") and one.kind not in ("embedding", "reranker")


def _usable(platform: Platform, way: Way, model: ModelInfo) -> bool:
    if way.stage == "tune":
        return platform.id in model.tunable_on and model.id in way.models
    if way.stage == "train" or not platform.info.models:
        return model.id in catalogue().hub
    return model.id in platform.info.models


def _distance(one: ModelInfo, other: ModelInfo) -> float:
    return abs((one.params_b or 0) - (other.params_b or 0))


def _name(platform: Platform, way: Way, model: ModelInfo | None) -> str | None:
    """The name under which the first stage takes the model; None where the user has to name it."""
    if model is None:
        return None
    names = {"tune": way.models, "serve": platform.info.models or catalogue().hub}
    return names.get(way.stage, catalogue().hub).get(model.id) or None


def _training(ways: list[Way], figures: Figures, chosen: Machines) -> Training | None:
    if ways[0].stage == "serve":
        return None
    result = figures.result
    method = _method(ways[0], result)
    first = catalogue().settings[method]
    return Training(
        method=method,
        data="corpus" if result.option == "continued_pretraining" else "examples",
        tokens=figures.tokens(),
        max_hours=figures.hours(chosen.count or 1, chosen.slower),
        **first,
    )


def _method(way: Way, result: OptionResult) -> Literal["full", "lora", "qlora", "encoder", "service"]:
    if way.stage == "tune":
        return "service"
    return {"tuned_encoder": "encoder", "continued_pretraining": "full"}.get(result.option, "lora")  # type: ignore[return-value]


def _residency(result: OptionResult) -> str | None:
    if result.hosting == "on_premises":
        return "on_premises"
    return "eu" if (result.hosting or "").endswith("_eu") else None


def _measure(answers: Answers, option: str) -> str:
    if answers.task_type in LABELS or option == "tuned_encoder":
        return "label"
    return "json" if answers.task_type in STRUCTURED else "text"
