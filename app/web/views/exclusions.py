"""Exclusions grouped by their reason: what is said once need not be said for every option and hosting."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.decision import Decision, Exclusion, OptionResult
from app.web.charts.comparison import ranked


@dataclass
class Ground:
    """One reason, the options that are out because of it, and the hostings of options that stay."""

    exclusion: Exclusion
    options: list[OptionResult] = field(default_factory=list)
    hostings: dict[str, list[str]] = field(default_factory=dict)  # hosting -> labels of the options
    everywhere: set[str] = field(default_factory=set)  # hostings that are out for each option that could use them

    def places(self) -> dict[tuple[str, ...], list[str]]:
        """Hostings by the options they are out for; those out for every option stand under an empty key."""
        found: dict[tuple[str, ...], list[str]] = {}
        for hosting, labels in self.hostings.items():
            found.setdefault(() if hosting in self.everywhere else tuple(labels), []).append(hosting)
        return found


def grounds_of(decision: Decision) -> list[Ground]:
    """Every reason once, those that rule out whole options first."""
    found: dict[str, Ground] = {}
    for option in decision.options:
        for exclusion in () if option.feasible else option.exclusions:
            found.setdefault(exclusion.says, Ground(exclusion)).options.append(option)
    staying = ranked(decision)
    for option in staying:
        for hosting in option.hostings:
            for exclusion in () if hosting.feasible else hosting.exclusions:
                ground = found.setdefault(exclusion.says, Ground(exclusion))
                ground.hostings.setdefault(hosting.hosting, []).append(option.label)
    users = {
        name: sum(any(item.hosting == name for item in option.hostings) for option in staying)
        for name in _hostings(staying)
    }
    for ground in found.values():
        ground.everywhere = {name for name, labels in ground.hostings.items() if len(labels) == users[name]}
    return list(found.values())


def _hostings(options: list[OptionResult]) -> set[str]:
    return {item.hosting for option in options for item in option.hostings}
