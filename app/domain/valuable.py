"""Which open question is most worth asking: the value of information.

An answer is worth knowing when it changes what is done (Howard 1966). For each open question its possible answers count alike; the gain
is the share of them that lead to another way. The rules alone say which may; those are then applied, and only what really changes
the advice counts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from app.domain import advice
from app.domain.advice import Verdict
from app.domain.answers import Answers
from app.domain.catalogue import PriceBook
from app.domain.core import Core, run
from app.domain.decision import NextQuestion
from app.domain.draws import Draws
from app.domain.knowledge import Knowledge
from app.domain.messages import label
from app.domain.rules import shown
from app.domain.tipping import candidates, name_of, quick_lead
from app.domain.values import FAMILY

GLANCE_DRAWS = 256  # enough to see whether an answer moves the advice
MOST_ASKED = 3  # questions that are looked into
MOST_APPLIED = 2  # answers of one question that are applied


class Promise(NamedTuple):
    """An open question, the answers that may change the advice, and the share of all possible answers they are."""

    key: str
    answers: list[Any]
    share: float


def most_valuable(
    answers: Answers, knowledge: Knowledge, prices: PriceBook, as_of: date, among: Collection[str]
) -> NextQuestion | None:
    """The key among these whose answer would most often change the advice; None when none would."""
    core = run(answers, knowledge, prices, as_of, Draws(GLANCE_DRAWS, 0))
    return next_question(core, advice.verdict(core), among) if core.order else None


def next_question(core: Core, found: Verdict, among: Collection[str] | None = None) -> NextQuestion | None:
    """The open question whose answers would change the advice most often; `among` these keys if given."""
    best: NextQuestion | None = None
    for promise in sorted(promises(core, found, among), key=lambda item: (-item.share, item.key))[:MOST_ASKED]:
        if best is None or promise.share > best.gain:  # what is promised is the most that can come out
            best = max((best, _kept(core, found, promise)), key=lambda item: item.gain if item else 0.0)
    return best


def promises(core: Core, found: Verdict, among: Collection[str] | None = None) -> list[Promise]:
    """The open questions with an answer that, by the rules alone, may change the advice."""
    made = []
    for key, ladder in candidates(core).items():
        if core.situation.facts.get(key) is None and ladder and (among is None or key in among):
            leads = [(to, quick_lead(core, found, key, to)) for to in ladder]
            flipping = [to for to, lead in leads if lead is not None and lead < 0]
            made += [Promise(key, flipping, len(flipping) / len(ladder))] if flipping else []
    return made


def _kept(core: Core, found: Verdict, promise: Promise) -> NextQuestion | None:
    """The promise as far as it holds when its answers are applied; None when it does not."""
    applied = [(to, _winner(core, promise.key, to)) for to in promise.answers[:MOST_APPLIED]]
    real = [(to, winner) for to, winner in applied if winner and FAMILY[winner] != FAMILY[found.option]]
    if not real:
        return None
    knowledge, (to, winner) = core.situation.knowledge, real[0]
    text = "The answer to “{question}” would settle most: if it is “{to}”, the advice is: {option}."
    values = {
        "question": label(name_of(core, promise.key)), "to": shown(knowledge, promise.key, to),
        "option": label(knowledge.options[winner].label),
    }  # fmt: skip
    gain = float(f"{promise.share * len(real) / len(applied):.3f}")
    return NextQuestion(message=text, values=values, key=promise.key, gain=gain)


def _winner(core: Core, key: str, to: Any) -> str | None:
    """The option that is advised with this answer."""
    old = core.situation
    answers = old.answers.model_copy(update={key: to})
    seen = run(answers, old.knowledge, old.book, old.as_of, Draws(GLANCE_DRAWS, old.draws.seed), old.evidence)
    return seen.order[0] if seen.order else None
