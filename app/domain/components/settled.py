"""Costs that few answers settle: worked out once and kept for every later decision with the same of them.

A manager's what-if, the search for tipping points and a file of ten thousand lines ask for the same work, approval and test cases again
and again. That nothing else slips in is not left to care: such work sees only the answers it names.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from app.domain.answers import Answers
from app.domain.components.lines import Bundle, Desk, PricedLine, summed, terms
from app.domain.components.shown import publish
from app.domain.decision import CostLine
from app.domain.draws import Draws
from app.domain.situation import Situation

MOST_DRAWS_KEPT = 16_000_000  # numbers of eight bytes
ARRAYS_OF_A_BUNDLE = 12
Lines = Callable[[Desk], Iterable[PricedLine]]


class Settled(NamedTuple):
    """A bundle, the names of the draws it took, and its lines as they are published, by their identity."""

    bundle: Bundle
    names: frozenset[str]
    shown: dict[int, CostLine]


_KEPT: OrderedDict[object, Settled] = OrderedDict()
_LOCK = Lock()


def settled(desk: Desk, key: object, answers: tuple[str, ...], lines: Lines) -> Bundle:
    """Lines that depend on the key and these answers alone. Raises AttributeError or KeyError when they ask for more."""
    return desk.once(key, lambda: _settled(desk.situation, key, answers, lines))


def _settled(situation: Situation, key: object, answers: tuple[str, ...], lines: Lines) -> Bundle:
    given = {name: getattr(situation.answers, name) for name in answers}
    draws, known = situation.draws, tuple(tuple(item) if isinstance(item, list) else item for item in given.values())
    full = (*terms(situation), key, known)
    found = _KEPT.get(full)
    if found is None:
        found = _work(situation, given, lines)
        _keep(full, found, draws.count)
    draws.names |= found.names
    ready_lines(situation).update(found.shown)
    return found.bundle


def ready_lines(situation: Situation) -> dict[int, CostLine]:
    """The published form of settled lines, by the identity of the line."""
    return situation.once("ready lines", dict)


def _work(situation: Situation, given: dict[str, Any], lines: Lines) -> Settled:
    draws = Draws(situation.draws.count, situation.draws.seed)
    narrow = replace(situation, answers=cast("Answers", SimpleNamespace(**given)), draws=draws, facts={}, inputs={})
    bundle = summed(tuple(lines(Desk(narrow))))
    return Settled(bundle, frozenset(draws.names), publish(bundle.lines, situation.currency))


def _keep(key: object, found: Settled, count: int) -> None:
    """The oldest make room."""
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) * count * ARRAYS_OF_A_BUNDLE > MOST_DRAWS_KEPT:
            _KEPT.popitem(last=False)
