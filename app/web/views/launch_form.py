"""The form with which a launch is started from the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.launch.control import ControlInfo
from app.launch.launching import PlatformRow
from app.launch.platform import Way
from app.launch.signin import Kind, kind
from app.launch.spec import LaunchSpec
from app.launch.trust import TrustStep
from app.runs.desk import Offer
from app.runs.worst_case import WorstCase
from app.web.views.launch_words import MODES


@dataclass(frozen=True)
class Typed:
    """What stands in the form, as text; never a secret. `key` makes a repeated submit harmless."""

    key: str
    hours: str
    limit: str
    mode: str = ""
    entries: Mapping[str, str] = field(default_factory=dict)
    sign_in: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trust:
    """What the account of the user has to trust for a federated sign-in."""

    issuer: str
    subject: str
    audience: str
    steps: tuple[TrustStep, ...] = ()


@dataclass(frozen=True)
class StartPage:
    """The form; `errors` by id of the field, already in the language of the page. `off` says why nothing can be started."""

    base: str
    title: str
    option: str
    row: PlatformRow
    way: Way
    spec: LaunchSpec
    info: ControlInfo
    worst: WorstCase
    typed: Typed
    offers: tuple[Offer, ...]
    trust: Trust
    simulated: bool
    off: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """How this platform is signed in to."""
        return kind(self.info.sign_in)

    @property
    def words(self) -> Mapping[str, str]:
        """What each mode is (gettext ids)."""
        return MODES

    @property
    def chosen(self) -> str:
        """The mode that is marked: the one entered, else the first that is offered."""
        open_modes = [offer.mode for offer in self.offers if not offer.off]
        return self.typed.mode if self.typed.mode in open_modes else next(iter(open_modes), "")
