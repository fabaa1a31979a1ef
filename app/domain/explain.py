"""The advice in words: headline, confidence, why, runner-up, base model, today's cost, reasons, assumptions."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from app.domain.benefit import worth_of_work
from app.domain.costs import money
from app.domain.decision import Assumption, Baseline, BaseModelChoice, Reason, Recommended, RunnerUp
from app.domain.facts import number
from app.domain.inputs import PRIORS, prior_id
from app.domain.messages import Message, Value, label, value
from app.domain.rules import Fired, reason, values_in
from app.domain.simulate import Outcome
from app.domain.values import FAMILY
from app.domain.verdict import Verdict

# The fixed scale of confidence: from which share on which word.
WORDS = (
    (0.9, "very likely (90 % or more)"), (0.75, "likely (75 to 90 %)"), (0.55, "rather likely (55 to 75 %)"),
    (0.0, "uncertain (below 55 %)"),
)  # fmt: skip
WEIGHING = ("favours", "discourages")
NOT_COUNTED = (
    "Work on the systems around it, such as a new customer portal.",
    "Gains in quality that no minute and no avoided mistake shows.",
    "Taxes, financing and price changes after today.",
)


def confidence(verdict: Verdict) -> float:
    """The chance that the advised approach is the best, on the line that was held against published decisions."""
    if not verdict.ranking:
        return 0.0
    case = verdict.case
    low, high = (
        number(case.knowledge, case.as_of, f"calibration.{end}", case.answers.task_type) for end in ("floor", "ceiling")
    )
    return round(min(max(low + (high - low) * verdict.family_chance(), 0.0), 1.0), 4)


def recommended(verdict: Verdict) -> Recommended:
    """The advice in one sentence that names option and place."""
    best, knowledge = verdict.best, verdict.case.knowledge
    info, hosting = knowledge.options[best.option], knowledge.hostings[best.hosting]
    share = confidence(verdict)
    message, values = _headline(verdict, info.headline or "Use {option} {where}.")
    model = best.choice.model if best.choice else None
    return Recommended(
        message=message, values={**values, "where": label(hosting.where or hosting.label), **({} if info.headline else {"option": label(info.label)})},
        option=best.option, family=FAMILY[best.option], hosting=best.hosting, confidence=share,
        confidence_word=next(word for least, word in WORDS if share >= least), confidence_basis=_basis(verdict),
        model=model.id if model else None, why=_why(verdict),
    )  # fmt: skip


HEADS = {
    "recommended": "", "close_call": "Close call: ", "not_ready": "Not ready yet. Next safe step: ",
    "target_unreachable": "No option surely reaches the target. Closest: ",
}  # fmt: skip


def _headline(verdict: Verdict, sentence: str) -> tuple[str, dict[str, Value]]:
    """The sentence of the option, headed by what kind of answer it is."""
    return HEADS[verdict.status] + sentence, {}


def _basis(verdict: Verdict) -> list[Message]:
    draws = value("count", verdict.case.draws)
    found = [Message(message="Share of {draws} simulated courses in which this approach comes out best, held against published decisions.", values={"draws": draws})]  # fmt: skip
    open_answers = sum(1 for name in PRIORS if verdict.situation.facts.get(name) is None)
    if open_answers:
        found.append(Message(message="{count} figures are unknown and were assumed within wide ranges.", values={"count": value("count", open_answers)}))  # fmt: skip
    return found


def weighty(verdict: Verdict, item: Outcome, effect: str) -> list[Fired]:
    """Rules that speak for (`favours`) or against an option, the weightiest first; those that always hold come last."""
    knowledge, day = verdict.case.knowledge, verdict.case.as_of
    found = [fired for fired in verdict.fired if fired.rule.effect == effect and fired.rule.options and fired.touches(item.option, item.hosting)]  # fmt: skip

    def key(fired: Fired) -> tuple[bool, float]:
        size = abs(knowledge.parameters[fired.rule.weight].on(day).mode) if fired.rule.weight else 0.0
        return fired.rule.id.startswith("start_"), -size

    return sorted(found, key=key)


def _why(verdict: Verdict) -> list[Message]:
    """Two sentences: what speaks most for the advice, and what speaks most against the next other approach."""
    best = verdict.best
    found = [_said(verdict, fired) for fired in weighty(verdict, best, "favours")[:2]]
    if verdict.status == "not_ready":
        found = [_said(verdict, fired) for fired in verdict.fired if fired.rule.effect == "not_ready"] or [Message(message="Every option is ruled out by the answers so far; the exclusions name what would have to change.")]  # fmt: skip
    rival = next((item for item in verdict.ranking if FAMILY[item.option] != FAMILY[best.option]), None)
    others = [rival] if rival else [item for item in verdict.outcomes.values() if not item.feasible]
    for other in others:
        against = [
            fired for fired in weighty(verdict, other, "discourages") if not fired.touches(best.option, best.hosting)
        ]
        found += [_said(verdict, fired) for fired in against]
    for item in verdict.outcomes.values():
        found += [Message(message=exclusion.message, values=exclusion.values) for exclusion in item.exclusions[:1]]
    return list({message.says: message for message in found}.values())[:2] or [Message(message="Nothing in the answers calls for more than the simplest approach.")]  # fmt: skip


def _said(verdict: Verdict, fired: Fired) -> Message:
    says = fired.rule.says
    return Message(message=says, values=values_in(says, verdict.case.knowledge, verdict.situation.facts))


def runner_up(verdict: Verdict) -> RunnerUp | None:
    """The second best, and what makes it the second."""
    second, best = verdict.second, verdict.best
    if second is None or second.costs is None or best.costs is None or second.success is None or best.success is None:
        return None
    options, currency = verdict.case.knowledge.options, verdict.situation.currency
    cost = float(np.median(second.costs.total) - np.median(best.costs.total))
    rate = float(np.median(second.success) - np.median(best.success))
    sides = (
        "{option} costs {cost} more over the horizon" if cost >= 0 else "{option} costs {cost} less over the horizon",
        "and gets {rate} more of the results right." if rate >= 0 else "and gets {rate} less of the results right.",
    )
    values = {
        "option": label(options[second.option].label), "cost": value("money", round(abs(cost), 2), unit=currency),
        "rate": value("percent", round(abs(rate), 4)),
    }  # fmt: skip
    chance = round(verdict.chances[second.option], 4)
    return RunnerUp(
        option=second.option, hosting=second.hosting, probability_best=chance, message=" ".join(sides), values=values
    )


def base_model(verdict: Verdict) -> BaseModelChoice | None:
    """The base model of the advice and why it is this one."""
    choice = verdict.best.choice
    if choice is None or choice.model is None:
        return None
    model = choice.model
    texts = {
        "api": "{model} is the cheapest model of the size this task needs that is offered there today; every option there is compared with it.",
        "open_weights": "{model} is an open model of the size this task needs; every option on these machines is compared with it.",
    }
    text = texts.get(model.kind, "{model} is a small classifier that fits the language of the texts.")
    if choice.platform is not None:
        text = "{model} is the cheapest model of the size this task needs that {platform} tunes as a service for new customers today."
    values = {"model": Value(kind="text", value=model.label)}
    if choice.platform is not None:
        values["platform"] = Value(kind="text", value=choice.platform.label)
    return BaseModelChoice(message=text, values=values, model=model.id, label=model.label, sources=model.sources)


def baseline(verdict: Verdict) -> Baseline:
    """What doing nothing costs."""
    situation = verdict.situation
    monthly = money(worth_of_work(situation), situation.currency)
    values = {"cost": value("money", float(monthly.p10), float(monthly.p90), unit=situation.currency)}
    return Baseline(
        message="Doing nothing: the work that could be saved costs {cost} a month today.",
        values=values,
        monthly=monthly,
    )


def reasons(verdict: Verdict) -> list[Reason]:
    """Every rule that fired and weighs or excludes, with the options it speaks of."""
    knowledge, facts = verdict.case.knowledge, verdict.situation.facts
    named = [item for item in verdict.fired if item.rule.effect in (*WEIGHING, "excludes", "requires", "not_ready")]
    best = verdict.best

    def order(item: Fired) -> tuple[bool, bool, float]:
        size = abs(knowledge.parameters[item.rule.weight].on(verdict.case.as_of).mode) if item.rule.weight else 9.0
        return item.rule.id.startswith(("start_", "pretraining")), not item.touches(best.option, best.hosting), -size

    return [reason(item, knowledge, facts, _option_of(item, best)) for item in sorted(named, key=order)]


def _option_of(item: Fired, best: Outcome) -> str | None:
    if not item.rule.options:
        return None
    return best.option if best.option in item.rule.options else item.rule.options[0]


def assumptions(verdict: Verdict) -> list[Assumption]:
    """The parameters that this decision used in place of answers or as weights, with their basis."""
    situation, case = verdict.situation, verdict.case
    used = {prior_id(situation, name) for name in PRIORS if situation.facts.get(name) is None}
    names = sorted(used | {name for name in situation.draws.names if name in case.knowledge.parameters})
    found = []
    for name in names:
        item, chosen = case.knowledge.parameters[name], case.knowledge.parameters[name].on(case.as_of)
        found.append(
            Assumption.model_construct(
                key=name, label=item.label, low=chosen.low, mode=chosen.mode, high=chosen.high, unit=item.unit, grade=item.grade,
                strength=item.strength, sources=[case.knowledge.evidence[source].ref() for source in item.sources], from_answer=False,
            )
        )  # fmt: skip
    return found


def excluded_costs() -> list[Message]:
    """What the figures leave out."""
    return [Message(message=text) for text in NOT_COUNTED]


def sizes(verdict: Verdict) -> dict[str, Value]:
    """Sizes derived from the answers."""
    inputs = verdict.situation.inputs
    shown = {"requests_per_month": "count", "input_tokens": "tokens", "output_tokens": "tokens", "corpus_tokens": "tokens", "examples": "count", "n_eff": "count"}  # fmt: skip
    found = {name: value(kind, round(float(np.median(inputs[name])))) for name, kind in shown.items()}  # type: ignore[arg-type]
    tokens = inputs["requests_per_month"] * (inputs["input_tokens"] + inputs["output_tokens"])
    found["tokens_per_month"] = value("tokens", round(float(np.median(tokens))))
    found["minimum_examples"] = value("count", round(float(verdict.situation.facts["minimum_examples"])))
    return found


def as_decimal(amount: float) -> str:
    """Money as published."""
    return f"{Decimal(repr(float(amount))):.2f}"
