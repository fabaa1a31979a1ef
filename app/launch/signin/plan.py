"""How one launch signs in, and the one place that makes its signature."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.domain.messages import Frozen
from app.errors import InputError
from app.launch.access import PlatformTrouble, Signing
from app.launch.control import Mode, SignIn
from app.launch.render import fill_text
from app.launch.signin import ambient, exchange
from app.launch.signin.issuer import Issuer
from app.launch.signin.kinds import SecretField, kind
from app.launch.signin.signatures import Aws, Bearer, Token
from app.launch.signin.vault import Secret

if TYPE_CHECKING:
    from botocore.credentials import Credentials

FOREVER = 30 * 24 * 3600.0  # a pasted token says nothing of its end; the platform does


class SignInPlan(Frozen):
    """What names the role to take on; stored with the launch, holds no secret. `subject`: who asks, in our own tokens."""

    kind: SignIn
    mode: Mode
    entries: dict[str, str] = {}
    subject: str
    region: str = "us-east-1"  # whose token service is asked, where a platform has several


def signing(plan: SignInPlan, secret: Secret | None, issuer: Issuer | None, endpoint: str | None) -> Signing:
    """The signature of a launch; credentials are fetched when the first request is signed. Raises PlatformTrouble without a secret."""
    if plan.mode == "token":
        if secret is None:
            raise PlatformTrouble("unauthorised", "no token")
        return _pasted(plan, secret)
    return _ambient(plan, endpoint) if plan.mode == "ambient" else _federated(plan, issuer, endpoint)


def _pasted(plan: SignInPlan, secret: Secret) -> Signing:
    ends = time.monotonic() + FOREVER
    if plan.kind == "aws":
        return Aws(lambda: (_session_keys(secret), ends))
    return Bearer(lambda service: Token(_token_for(service, secret), ends))


def _token_for(service: str, secret: Secret) -> str:
    """The pasted token of a service; one for another service is never sent there. Raises PlatformTrouble without one."""
    found = secret.get(service or "management") or secret.get("token")
    if not found:
        raise PlatformTrouble("unauthorised", "no token")
    return found


def _session_keys(secret: Secret) -> Credentials:
    from botocore.credentials import Credentials  # noqa: PLC0415

    return Credentials(secret["access_key_id"], secret["secret_access_key"], secret["session_token"])


def _federated(plan: SignInPlan, issuer: Issuer | None, endpoint: str | None) -> Signing:
    assert issuer is not None
    audience = fill_text(kind(plan.kind).audience, plan.entries)

    def own_token() -> str:
        return issuer.token(plan.subject, audience)

    if plan.kind == "aws":
        return Aws(lambda: exchange.aws(plan.entries, own_token(), plan.region, endpoint))
    return exchange.bearer_for(plan.kind, plan.entries, own_token, endpoint)


def _ambient(plan: SignInPlan, endpoint: str | None) -> Signing:
    if plan.kind == "aws":
        return Aws(ambient.aws)
    fetchers: dict[str, Callable[[str], Token]] = {
        "azure": lambda service: ambient.azure(service, endpoint),
        "google": lambda service: ambient.google(endpoint),
    }
    if plan.kind not in fetchers:
        raise PlatformTrouble("unauthorised", "no identity")
    return Bearer(fetchers[plan.kind])


def checked_secret(name: SignIn, given: Mapping[str, str]) -> Secret:
    """What was pasted, by pattern. Raises InputError that names the field and never repeats what was pasted."""
    fields = kind(name).fields
    found = {field.name: (given.get(field.name) or "").strip() for field in fields}
    problems = [problem for field in fields if (problem := _problem(field, found[field.name]))]
    if problems:
        raise InputError(problems)
    return Secret({field: value for field, value in found.items() if value})


def _problem(field: SecretField, value: str) -> dict[str, Any] | None:
    if field.refused and re.fullmatch(field.refused, value):
        return {"key": field.name, "value": "", "allowed": field.label, "says": field.refusal}
    if (not value and not field.required) or re.fullmatch(field.pattern, value):
        return None
    return {"key": field.name, "value": "", "allowed": field.label, "says": f"{field.name} does not look like one"}
