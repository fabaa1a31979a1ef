"""What moves the margin between the advice and the runner-up: the bars of the tornado."""

from __future__ import annotations

from app.domain.advice import Verdict
from app.domain.core import Core
from app.domain.decision import Driver
from app.domain.draws import Array
from app.domain.inputs import PRIORS, prior_id

MOST_DRIVERS, FIFTH = 8, 0.2


def drivers(core: Core, found: Verdict) -> list[Driver]:
    """How far each uncertain number moves the margin between the advice and the runner-up.

    The draws themselves say it: the mean margin where the number is in its lowest fifth, and where it is in its highest.
    """
    if found.second is None:
        return []
    margin = core.outcomes[found.option].net - core.outcomes[found.second].net
    named = ((name, _parameter_of(core, name)) for name in sorted(core.situation.draws.names))
    bars = [_driver(core, name, parameter, margin) for name, parameter in named if parameter]
    return sorted(bars, key=lambda bar: (-abs(float(bar.effect_on_margin)), bar.key))[:MOST_DRIVERS]


def _parameter_of(core: Core, name: str) -> str | None:
    """The parameter behind a drawn number; None for weights of rules and for prices."""
    short = name.removeprefix("prior.")
    if name.startswith("prior.") and short in PRIORS:
        name = prior_id(core.situation, short)
    known = name in core.situation.knowledge.parameters and not name.startswith(("fit.", "score."))
    return name if known else None


def _driver(core: Core, name: str, parameter: str, margin: Array) -> Driver:
    situation = core.situation
    place = situation.draws.uniform(name)
    low, high = (float(margin[chosen].mean()) for chosen in (place < FIFTH, place > 1 - FIFTH))
    item, chosen = (
        situation.knowledge.parameters[parameter],
        situation.knowledge.parameters[parameter].on(situation.as_of),
    )
    return Driver(
        key=parameter, label=item.label, low=chosen.low, high=chosen.high, unit=item.unit, effect_on_margin=f"{high - low:.2f}",
        margin_low=f"{low:.2f}", margin_high=f"{high:.2f}", currency=situation.currency,
    )  # fmt: skip
