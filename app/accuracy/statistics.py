"""A statistical model as a baseline: multinomial logistic regression on the answers, without any rule.

Fitted on all cases it shows what the answers hold; cross-validated by organisation it shows what carries over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from app.accuracy.agreement import CLASSES, Name, Scored, agreement
from app.accuracy.scorecard import Agreement
from app.locales import N_

Matrix = NDArray[np.float64]
Index = NDArray[np.intp]
FOLDS = 10
PENALTY = 4.0  # of the squared weights; the intercepts are free. From 0.3 to 8 the cross-validated result hardly moves
STEPS = 400
LARGE = 3.0  # decimal logarithm that counts become about one unit with
IN_SAMPLE = Name("statistics_in_sample", "statistics", N_("Statistical model, on its own cases"))
VALIDATED = Name("statistics", "statistics", N_("Statistical model, cross-validated"))


def statistical_agreements(cases: Sequence[Scored]) -> list[Agreement]:
    """The model on cases of organisations it has not seen, and on its own."""
    everything = np.arange(len(cases))
    return [
        agreement(VALIDATED, cases, cross_validated(cases, predict)),
        agreement(IN_SAMPLE, cases, predict(cases, everything, everything)),
    ]


Predict = Callable[[Sequence[Scored], Index, Index], list[str]]


def cross_validated(cases: Sequence[Scored], method: Predict) -> list[str]:
    """The class of each case by a model fitted without its fold."""
    given: dict[int, str] = {}
    for held in folds(cases):
        rest = np.setdiff1d(np.arange(len(cases)), held)
        given |= dict(zip(held.tolist(), method(cases, rest, held), strict=True))
    return [given[place] for place in range(len(cases))]


def folds(cases: Sequence[Scored]) -> Iterator[Index]:
    """Ten parts of the cases; all of one organisation lie in the same, dealt out in the order of their names."""
    groups = sorted({case.group for case in cases})
    for part in range(FOLDS):
        held = set(groups[part::FOLDS])
        yield np.array([place for place, case in enumerate(cases) if case.group in held])


def predict(cases: Sequence[Scored], known: Index, asked: Index) -> list[str]:
    """The most probable class of the asked cases, fitted on the known ones."""
    features = design(cases)
    targets = np.array([CLASSES.index(case.published) for case in cases])
    weights = fit(features[known], targets[known], len(CLASSES))
    return [CLASSES[place] for place in np.argmax(features[asked] @ weights, axis=1)]


def design(cases: Sequence[Scored]) -> Matrix:
    """One row for each case: an intercept, one column for each answer of a choice, numbers on the logarithm."""
    rows = [dict(_columns(case)) for case in cases]
    names = sorted({name for row in rows for name in row})
    return np.array([[1.0, *(row.get(name, 0.0) for name in names)] for row in rows])


def _columns(case: Scored) -> Iterator[tuple[str, float]]:
    for key, given in case.case.answers.items():
        if isinstance(given, list):
            yield from ((f"{key}={item}", 1.0) for item in given)
        elif isinstance(given, str | bool):
            yield f"{key}={given}", 1.0
        else:
            yield f"{key} known", 1.0
            yield key, float(np.log10(1 + given)) / LARGE


def fit(features: Matrix, targets: Index, classes: int) -> Matrix:
    """Weights by gradient ascent with a step below the curvature, so that it always converges (Böhning 1992)."""
    wanted = np.eye(classes)[targets]
    weights = np.zeros((features.shape[1], classes))
    penalty = np.full((features.shape[1], 1), PENALTY)
    penalty[0] = 0.0
    step = 1 / (np.linalg.norm(features, 2) ** 2 / 2 + PENALTY)
    ahead, before = weights, weights
    for number in range(STEPS):
        gradient = features.T @ (wanted - softmax(features @ ahead)) - penalty * ahead
        weights = ahead + step * gradient
        ahead = weights + number / (number + 3) * (weights - before)  # Nesterov's momentum
        before = weights
    return weights


def softmax(scores: Matrix) -> Matrix:
    """Probabilities of each row."""
    grown: Matrix = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Matrix = grown / grown.sum(axis=1, keepdims=True)
    return shares
