"""The base model: chosen once for each hosting, before options are compared, so that both sides of a comparison use the same one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.catalogue import Capability, ModelInfo, PlatformInfo
from app.domain.facts import number
from app.domain.situation import Situation

TIERS = ("small", "medium", "large")
MANAGED = ("managed_tuning", "rag_tuning")
# Which classes of where data go satisfy a hosting.
INSIDE = {"api_eu": ("eu", "germany"), "cloud_tenant_eu": ("eu", "germany")}


@dataclass(frozen=True)
class Choice:
    """A base model, and the platform that tunes it when tuning is a service."""

    model: ModelInfo | None
    platform: PlatformInfo | None = None


def choose(situation: Situation, option: str, hosting: str) -> Choice | None:
    """The base model of an option at a hosting; None when there is none on that day."""
    if option == "no_llm":
        return Choice(None)
    kind = _kind(situation, option, hosting)
    # options of a kind share the model: both sides of a comparison use the same one
    return situation.once(("base model", kind, hosting), lambda: _best(situation, kind, hosting))


def _kind(situation: Situation, option: str, hosting: str) -> str:
    """What sort of base model an option needs at a hosting."""
    if option == "tuned_encoder":
        return "encoder"
    if option in MANAGED and situation.knowledge.hostings[hosting].serves == "api":
        return "managed"
    return "small" if option == "distillation" else "usual"


def _best(situation: Situation, kind: str, hosting: str) -> Choice | None:
    if kind == "encoder":
        return _choice(_encoders(situation, hosting))
    if kind == "managed":
        return _managed(situation, hosting)
    wanted = "small" if kind == "small" else wanted_tier(situation)
    return _choice(
        _ordered(situation, _available(situation, hosting, situation.knowledge.hostings[hosting].serves), wanted)
    )


def _choice(models: list[ModelInfo]) -> Choice | None:
    return Choice(models[0]) if models else None


def wanted_tier(situation: Situation) -> str:
    """Size of the base model that this kind of task is started with (parameter `model.tier`: 1 small to 3 large)."""
    tier = number(situation.knowledge, situation.as_of, "model.tier", situation.answers.task_type)
    return TIERS[round(tier) - 1]


def _available(situation: Situation, hosting: str, kind: str) -> list[ModelInfo]:
    return [
        model for model in situation.knowledge.models.values()
        if model.kind == kind and hosting in model.hostings and in_service(model, situation)
    ]  # fmt: skip


def in_service(model: ModelInfo, situation: Situation) -> bool:
    """Released and not about to be retired within half a year: a new build needs time to earn."""
    ends = model.retires
    return (model.released is None or model.released <= situation.as_of) and (
        ends is None or (ends - situation.as_of).days > number(situation.knowledge, situation.as_of, "limit.retirement_days", situation.answers.task_type)
    )  # fmt: skip


def _encoders(situation: Situation, hosting: str) -> list[ModelInfo]:
    """Encoders for the language of the texts first."""
    language = situation.answers.text_language or "other"
    found = _available(situation, hosting, "encoder")
    return sorted(found, key=lambda model: (language not in model.languages, len(model.languages) == 1, model.id))


def _ordered(situation: Situation, models: Iterable[ModelInfo], wanted: str) -> list[ModelInfo]:
    """The wanted size first, then the nearest; among equals the cheapest per token, then the newest."""
    place = TIERS.index(wanted)

    def key(model: ModelInfo) -> tuple[int, Decimal, int, str]:
        newest = -model.released.toordinal() if model.released else 0
        return abs(TIERS.index(model.tier) - place), price_per_token(situation, model), newest, model.id

    return sorted(models, key=key)


def price_per_token(situation: Situation, model: ModelInfo) -> Decimal:
    """List price of 3 parts input and 1 part output; unknown prices come last, models without a price per token cost nothing here."""
    if model.kind != "api":
        return Decimal(0)
    prices = [situation.book.get(f"llm.{model.id}.{side}") for side in ("input", "output")]
    if prices[0] is None or prices[1] is None:
        return Decimal("Infinity")
    return 3 * prices[0].amount + prices[1].amount


def _managed(situation: Situation, hosting: str) -> Choice | None:
    """The model of the wanted size that a platform tunes as a service for newcomers on that day."""
    offers = {
        name: platform for platform, capability in tuning_offers(situation, hosting)
        if capability.who == "everyone" and is_open(capability, situation)
        for name in capability.models if name in situation.knowledge.models
    }  # fmt: skip
    usable = [model for model in (situation.knowledge.models[name] for name in offers) if in_service(model, situation)]
    served = [model for model in usable if model.kind == "api"]  # the others need machines that somebody runs
    models = _ordered(situation, served or usable, wanted_tier(situation))
    return Choice(models[0], offers[models[0].id]) if models else None


def tuning_offers(situation: Situation, hosting: str) -> list[tuple[PlatformInfo, Capability]]:
    """Supervised tuning as a service at a hosting, open or not, from preferred platforms first."""
    preferred = situation.answers.platforms or []
    platforms = sorted(situation.knowledge.platforms.values(), key=lambda item: (item.id in preferred, item.id))
    inside = ("germany",) if situation.answers.residency == "germany" else INSIDE.get(hosting)
    return [
        (platform, capability) for platform in platforms for capability in platform.capabilities
        if capability.method == "sft" and hosting in platform.hostings and (inside is None or capability.residency in inside)
    ]  # fmt: skip


def is_open(capability: Capability, situation: Situation) -> bool:
    """Whether a capability can be used on the day."""
    day = situation.as_of
    return (capability.opens is None or capability.opens <= day) and (
        capability.closes is None or day < capability.closes
    )
