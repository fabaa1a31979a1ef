"""Where launches sign in: which ways this installation offers and why not, and the platform as one launch may use it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from app.launch.access import Access, PlatformTrouble, Signing
from app.launch.control import Control, ControlInfo, Mode, Order, control_class, controls
from app.launch.platform import platform
from app.launch.signin import Issuer, Secret, SignInPlan, Vault, signing
from app.launch.spec import LaunchSpec
from app.locales import N_
from app.runs.ordering import bundle_of
from app.store.models import Launch

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_SIGNINGS = 200  # exchanged credentials in memory


@dataclass(frozen=True)
class Offer:
    """A way to sign in; `off` says why this installation does not offer it (English gettext id)."""

    mode: Mode
    off: str = ""


@dataclass(frozen=True)
class Rules:
    """What the operator allows; from the settings."""

    here: bool
    public_url: str | None
    endpoints: Mapping[str, str]
    ambient: frozenset[str]
    data_dir: Path
    template_base: str | None
    simulated: bool


@dataclass
class SignInDesk:
    """Signs launches in; holds pasted credentials in memory only."""

    rules: Rules
    vault: Vault = field(default_factory=Vault)
    _issuer: Issuer | None = None
    _signings: dict[str, Signing] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def issuer(self) -> Issuer:
        """Our own OIDC issuer; its key is made when it is first needed."""
        with self._lock:
            self._issuer = self._issuer or self._new_issuer()
            return self._issuer

    def _new_issuer(self) -> Issuer:
        return Issuer(self.rules.data_dir / "issuer", self.rules.public_url or "")

    def signed_in(self) -> set[str]:
        """Launches whose pasted credentials this process holds."""
        return self.vault.launches()

    def forget(self, launch: str) -> None:
        """Drops what signs a launch in."""
        self.vault.drop(launch)
        with self._lock:
            self._signings.pop(launch, None)

    def offers(self, name: str, info: ControlInfo, secure: bool = True) -> list[Offer]:
        """The ways to sign in for a way of a platform, in the order of preference.

        `secure`: the visitor comes by https or from this machine, so that a pasted token is read by nobody on the way.
        """
        return [Offer(mode, self._off(name, info, mode, secure)) for mode in info.modes]

    def why_off(self, name: str, info: ControlInfo, control: type[Control]) -> str:
        """Why nothing of this way can be started here; empty when it can (English gettext id)."""
        if not self.rules.here:
            return N_("Off: this installation starts nothing itself (LOTSE_LAUNCH_HERE).")
        if self.rules.simulated and not self.endpoint(name, info):
            return N_("Off: this installation only simulates, and no stand-in of this platform is named (LOTSE_LAUNCH_ENDPOINTS).")  # fmt: skip
        if info.needs_endpoint and not self.endpoint(name, info):
            return N_("Off: the operator has not named the server of this platform (LOTSE_LAUNCH_ENDPOINTS).")
        if control.needs_bundle_url and not self.rules.template_base:
            return N_("Off: the job fetches its code from this installation, which has no public address for it (LOTSE_TEMPLATE_BASE_URL).")  # fmt: skip
        return ""

    def _off(self, name: str, info: ControlInfo, mode: Mode, secure: bool) -> str:
        if mode == "token" and not secure:
            return N_("Off: without https others could read the token on its way here.")
        if (
            mode == "federated"
            and not (self.rules.public_url or "").startswith("https://")
            and not self.simulated(name, info)
        ):
            return N_("Off: the platform has to reach this installation by https to check who asks (LOTSE_PUBLIC_URL).")
        if mode == "ambient" and name not in self.rules.ambient:
            return N_("Off: the operator does not lend the identity of this machine (LOTSE_LAUNCH_AMBIENT).")
        return ""

    def endpoint(self, name: str, info: ControlInfo) -> str | None:
        """The configured address of a platform: by module first, then by platform."""
        return self.rules.endpoints.get(info.module) or self.rules.endpoints.get(name)

    def simulated(self, name: str, info: ControlInfo) -> bool:
        """Whether launches go to a stand-in: a platform in the cloud does not live on this machine. Never without an address of one."""
        host = urlsplit(self.endpoint(name, info) or "").hostname
        return bool(host) and (self.rules.simulated or (host in LOOPBACK and not info.needs_endpoint))

    def info(self, launch: Launch) -> ControlInfo:
        """How the way of a launch is started."""
        return controls(launch.platform)[launch.way]

    def control(self, launch: Launch, order: Order) -> Control:
        """The platform as a stored launch may use it. Raises PlatformTrouble when it cannot sign in, or would cost although it was simulated."""
        info = self.info(launch)
        if launch.simulated and launch.submitted_at is None and not self.simulated(launch.platform, info):
            raise PlatformTrouble("refused", "no longer simulated")
        plan = SignInPlan(kind=info.sign_in, mode=launch.mode, region=order.region, **launch.sign_in)
        return self.trial(order, plan, self.vault.get(launch.public_id), LaunchSpec.model_validate(launch.spec))

    def trial(self, order: Order, plan: SignInPlan, secret: Secret | None, spec: LaunchSpec) -> Control:
        """The platform for an order, stored or not yet: to ask for its quota before anything is kept. Raises PlatformTrouble.

        Other code than was approved is left out: what runs already has to be followed and removed after an upgrade, too.
        """
        info, found = controls(order.platform)[order.way], control_class(order.platform, order.way)
        endpoint = self.endpoint(order.platform, info)
        bundle = bundle_of(spec, platform(order.platform).ways_of(spec)) if found.uses_bundle else b""
        bundle = bundle if sha256(bundle).hexdigest() == order.bundle_sha256 else b""
        return found(order, Access(self._signing(order.launch, plan, secret, endpoint), endpoint), bundle)

    def _signing(self, launch: str, plan: SignInPlan, secret: Secret | None, endpoint: str | None) -> Signing:
        """Exchanged credentials are kept while they live, so that not every look asks for new ones."""
        if plan.mode == "token":
            return signing(plan, secret, None, endpoint)
        with self._lock:
            if launch not in self._signings:
                while len(self._signings) >= MOST_SIGNINGS:
                    self._signings.pop(next(iter(self._signings)))
                issuer = self._issuer = self._issuer or self._new_issuer()
                self._signings[launch] = signing(plan, None, issuer, endpoint)
            return self._signings[launch]


def subject(assessment: str) -> str:
    """Who asks, as our own tokens name it: one assessment, so that nobody else's launch can take on its role."""
    return f"lotse:{assessment}"
