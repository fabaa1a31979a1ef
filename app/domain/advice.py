"""The verdict: which option is advised, how sure that is, and what kind of result it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.domain.benefit import worth_of_work
from app.domain.components.shown import money
from app.domain.core import Core
from app.domain.decision import Baseline, BaseModelChoice, Recommended, RunnerUp
from app.domain.facts import number
from app.domain.messages import Message, label, value
from app.domain.rules import values_in
from app.domain.statistics import median
from app.domain.values import FAMILY, HostingId, OptionId, Status

# Fixed scale of confidence words: from this share on.
WORDS = ((0.95, "almost certain"), (0.8, "very likely"), (0.6, "likely"), (0.4, "as likely as not"), (0.0, "unsure"))
NOTHING_MORE = Message(message="Nothing in your answers calls for more than the simplest way.")
FALLBACK: tuple[OptionId, HostingId] = ("prompting", "on_premises")


@dataclass(frozen=True)
class Verdict:
    """The advised option with its hosting, the next best family's option, and the kind of result."""

    option: OptionId
    hosting: HostingId
    confidence: float
    status: Status
    second: str | None
    not_ready: tuple[Message, ...]


def verdict(core: Core) -> Verdict:
    """What is advised. Where nothing is possible the safest next step stands in, and the result says "not ready"."""
    missing = tuple(_not_ready(core))
    if not core.order:
        return Verdict(*FALLBACK, 0.0, "not_ready", None, (*missing, Message(message="Every option is ruled out by your answers; the reasons are below.")))  # fmt: skip
    first = core.order[0]
    second = next((name for name in core.order if FAMILY[name] != FAMILY[first]), None)
    return Verdict(first, core.outcomes[first].place.hosting, _confidence(core, first), _status(core, first, second, missing), second, missing)  # type: ignore[arg-type]  # fmt: skip


def _number(core: Core, name: str) -> float:
    situation = core.situation
    return number(situation.knowledge, situation.as_of, name, situation.answers.task_type)


def _confidence(core: Core, option: str) -> float:
    """How often advice of this kind is right: the probability of the family, held against the published decisions."""
    doubt = (1 - core.families[FAMILY[option]]) * _number(core, "score.calibration")
    return float(f"{1 - max(doubt, _number(core, 'score.least_doubt')):.4f}")


def _not_ready(core: Core) -> list[Message]:
    return [Message(message=item.rule.says) for item in core.fired if item.rule.effect == "not_ready"]


def _status(core: Core, first: str, second: str | None, missing: tuple[Message, ...]) -> Status:
    if missing:
        return "not_ready"
    target = core.situation.answers.target_success_rate
    if target is not None and all(np.quantile(item.success, 0.9) < target for item in core.outcomes.values()):
        return "target_unreachable"
    lead = core.families[FAMILY[first]] - (core.families[FAMILY[second]] if second else 0.0)
    return "close_call" if lead < _number(core, "score.close_call") else "recommended"


def recommended(core: Core, found: Verdict) -> Recommended:
    """The advice in one sentence, with confidence and two sentences why."""
    info, place = core.situation.knowledge.options[found.option], core.situation.knowledge.hostings[found.hosting]
    model = model_of(core, found.option)
    return Recommended(
        message=info.headline, values={"where": label(place.where)}, option=found.option, family=FAMILY[found.option],
        hosting=found.hosting, confidence=found.confidence,
        confidence_word=next(word for start, word in WORDS if found.confidence >= start),
        confidence_basis=basis(core), model=model, why=why(core, found),
    )  # fmt: skip


def model_of(core: Core, option: str) -> str | None:
    """Id of the base model of an option at its best hosting."""
    outcome = core.outcomes.get(option)
    choice = outcome.place.choice if outcome else None
    return choice.model.id if choice and choice.model else None


def basis(core: Core) -> list[Message]:
    """What the confidence rests on."""
    known = len(core.situation.answers.known())
    cases = sum(case.confidence != "low" for case in core.situation.knowledge.cases.values())
    return [
        Message(message="It rests on {answers} answers and {rules} rules that apply.", values={"answers": value("count", known), "rules": value("count", len(core.fired))}),
        Message(message="The scale was held against {cases} published decisions.", values={"cases": value("count", cases)}),
    ]  # fmt: skip


def why(core: Core, found: Verdict) -> list[Message]:
    """Two sentences: what is missing, the weightiest rules for the advice, those against the other ways, what rules them out."""
    others = [name for name in (found.second, *core.order) if name and FAMILY[name] != FAMILY[found.option]]
    against = [message for name in others for message in _spoken(core, name, -1)]
    told = [
        *found.not_ready,
        *_not_worth_it(core, found),
        *_spoken(core, found.option, 1),
        *against,
        *_ruled_out(core, found.option),
        NOTHING_MORE,
    ]
    return list({message.says: message for message in told}.values())[:2]


def _not_worth_it(core: Core, found: Verdict) -> list[Message]:
    """Doing nothing is an option, too: it is said first when even the best course more likely loses than gains."""
    outcome = core.outcomes.get(found.option)
    if outcome is None or median(outcome.net) >= 0:
        return []
    text = "On these figures it costs more than it brings, by about {money} over the horizon: going on as today is cheaper."
    return [Message(message=text, values={"money": value("money", -median(outcome.net), unit=core.situation.currency)})]


def _ruled_out(core: Core, option: str) -> list[Message]:
    """What excludes other options than the advised one."""
    knowledge, facts = core.situation.knowledge, core.situation.facts
    rules = [item.rule for item in core.fired if item.rule.effect == "excludes" and item.rule.options and item.answers]
    return [
        Message(message=rule.says, values=values_in(rule.says, knowledge, facts))
        for rule in rules if option not in rule.options
    ]  # fmt: skip


def _spoken(core: Core, option: str | None, side: int) -> list[Message]:
    """What the answers say for an option (side 1) or against it (side -1), the weightiest first. Base weights say nothing."""
    knowledge, facts, day = core.situation.knowledge, core.situation.facts, core.situation.as_of
    weighed = [
        (knowledge.parameters[item.rule.weight].on(day).mode * side, item.rule)
        for item in core.fired if item.rule.weight and item.answers and option in item.rule.options
    ]  # fmt: skip
    told = sorted((pair for pair in weighed if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].id))
    return [
        Message(message=rule.says, values=values_in(rule.says, knowledge, facts))
        for _, rule in told if not rule.id.startswith("start_")
    ]  # fmt: skip


def base_model_choice(core: Core, found: Verdict) -> BaseModelChoice | None:
    """The base model of the advice, with the reason; both sides of a comparison at a hosting use the same one."""
    name = model_of(core, found.option)
    if name is None:
        return None
    model = core.situation.knowledge.models[name]
    text = "{model} is compared on both sides: the size that this kind of task is started with, and the cheapest of its size {where} that stays on offer."
    where = core.situation.knowledge.hostings[found.hosting].where
    return BaseModelChoice(message=text, values={"model": label(model.label), "where": label(where)}, model=name, label=model.label, sources=model.sources)  # fmt: skip


def baseline(core: Core) -> Baseline:
    """Doing nothing."""
    worth = worth_of_work(core.situation)
    known = core.situation.answers.minutes_saved_per_request is not None
    text = (
        "The work goes on as today."
        if known
        else "The work goes on as today; its cost is estimated, because the minutes per request are not known."
    )
    return Baseline(message=text, monthly=money(worth, core.situation.currency))


def runner_up(core: Core, found: Verdict) -> RunnerUp | None:
    """The best option of the next family, and why it is second."""
    if found.second is None:
        return None
    knowledge, first, other = core.situation.knowledge, core.outcomes[found.option], core.outcomes[found.second]
    values = {"option": label(knowledge.options[found.second].label)}
    gap = median(first.net - other.net)
    quality = median(first.success - other.success)
    if gap > 0:
        text = "“{option}” comes second: it brings {money} less over the horizon."
        values["money"] = value("money", gap, unit=core.situation.currency)
    elif quality > 0:
        text = "“{option}” comes second: it succeeds less often, by {share}."
        values["share"] = value("percent", round(quality, 3))
    else:
        text = "“{option}” comes second: it promises as much, and your answers speak less for it."
    return RunnerUp(message=text, values=values, option=found.second, hosting=other.place.hosting, probability_best=core.options[found.second])  # fmt: skip
