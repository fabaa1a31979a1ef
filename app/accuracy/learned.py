"""How much of the engine's agreement comes from having seen the cases: its weights learned again without the organisation judged.

The rules and what each speaks for stay as they are; only how much each weighs is learned, from equal weights, as a conditional
logit over the options that are possible (McFadden 1974), with the other organisations' cases. The same on all cases shows the most
that these rules can reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.accuracy.agreement import CLASSES, Name, Scored, agreement, scored_class
from app.accuracy.scorecard import Agreement
from app.accuracy.statistics import Index, Matrix, cross_validated, softmax
from app.domain.catalogue import PriceBook
from app.domain.core import Core, run
from app.domain.draws import Draws
from app.domain.knowledge import Knowledge
from app.domain.values import FAMILY
from app.locales import N_

DRAWS = 512  # the means of the net benefit are steady enough
PENALTY = 4.0  # of the squared distance from equal weights
STEPS = 300
OPTIONS = tuple(FAMILY)
OF_CLASS = np.array([[scored_class(FAMILY[name]) == label for label in CLASSES] for name in OPTIONS], dtype=float)
VALIDATED = Name("learned", "learned", N_("Lotse, weights learned from others"))
IN_SAMPLE = Name("learned_in_sample", "learned", N_("Lotse, weights learned from all"))


class Terrain(NamedTuple):
    """What speaks for each option in each case: cases x options x weights; which are possible; the equal weights to begin with."""

    signs: NDArray[np.float64]
    possible: NDArray[np.bool_]
    equal: NDArray[np.float64]


def learned_agreements(cases: Sequence[Scored], knowledge: Knowledge, book: PriceBook, as_of: date) -> list[Agreement]:
    """With weights from other organisations only, and with weights from all cases."""
    terrain = survey(cases, knowledge, book, as_of)
    everything = np.arange(len(cases))

    def predict(_: Sequence[Scored], known: Index, asked: Index) -> list[str]:
        weights = learn(terrain, targets(cases), known)
        return advised(terrain, weights, asked)

    return [
        agreement(VALIDATED, cases, cross_validated(cases, predict)),
        agreement(IN_SAMPLE, cases, predict(cases, everything, everything)),
    ]


def targets(cases: Sequence[Scored]) -> Index:
    """The published class of each case."""
    return np.array([CLASSES.index(case.published) for case in cases])


def survey(cases: Sequence[Scored], knowledge: Knowledge, book: PriceBook, as_of: date) -> Terrain:
    """The engine's rules and net benefits on all cases."""
    names = sorted({rule.weight for rule in knowledge.rules.values() if rule.weight})
    place = {name: number for number, name in enumerate(names)}
    modes = np.array([knowledge.parameters[name].on(as_of).mode for name in names])
    signs = np.zeros((len(cases), len(OPTIONS), len(names) + 1))
    possible = np.zeros((len(cases), len(OPTIONS)), dtype=bool)
    for number, case in enumerate(cases):
        core = run(case.answers, knowledge, book, as_of, Draws(DRAWS))
        possible[number] = [name in core.outcomes for name in OPTIONS]
        _note(core, place, signs[number])
    size = float(np.abs(modes).mean())
    return Terrain(signs, possible, size * np.append(np.sign(modes), 1.0))


def _note(core: Core, place: dict[str, int], signs: NDArray[np.float64]) -> None:
    """Fills in one case: each weight's options, and how far each net benefit lies from the others."""
    for fired in core.fired:
        for option in fired.rule.options if fired.rule.weight in place else ():
            signs[OPTIONS.index(option), place[str(fired.rule.weight)]] += 1
    nets = {name: float(np.mean(item.net)) for name, item in core.outcomes.items()}
    middle, spread = np.mean(list(nets.values())), np.std(list(nets.values()))
    for name, net in nets.items():
        signs[OPTIONS.index(name), -1] = (net - middle) / spread if spread else 0.0


def learn(terrain: Terrain, wanted: Index, known: Index) -> NDArray[np.float64]:
    """The weights that make the published classes most probable, drawn towards equal ones."""
    reachable = (terrain.possible @ OF_CLASS)[known, wanted[known]] > 0
    known = known[reachable]
    signs, chosen = terrain.signs[known], OF_CLASS.T[wanted[known]].astype(bool)
    weights = terrain.equal.copy()
    step = 1 / (np.square(signs).sum(axis=2).max(axis=1).sum() / 2 + PENALTY)
    ahead, before = weights, weights
    for number in range(STEPS):
        scores = _scores(terrain, ahead, known)
        pull = softmax(np.where(chosen, scores, -np.inf)) - softmax(scores)
        gradient = np.einsum("co,cow->w", pull, signs) - PENALTY * (ahead - terrain.equal)
        weights = ahead + step * gradient
        ahead = weights + number / (number + 3) * (weights - before)
        before = weights
    return weights


def _scores(terrain: Terrain, weights: NDArray[np.float64], places: Index) -> Matrix:
    scores: Matrix = np.where(terrain.possible[places], terrain.signs[places] @ weights, -np.inf)
    return scores


def advised(terrain: Terrain, weights: NDArray[np.float64], asked: Index) -> list[str]:
    """The class of the option with the highest score."""
    best = np.argmax(_scores(terrain, weights, asked), axis=1)
    return [scored_class(FAMILY[OPTIONS[place]]) for place in best]
