"""The identity of the machine that this installation runs on, as its cloud hands it out; only for platforms that the operator names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.launch.access import Access, PlatformTrouble
from app.launch.signin.kinds import kind
from app.launch.signin.signatures import Token, Unsigned

if TYPE_CHECKING:
    from botocore.credentials import Credentials

GOOGLE = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
AZURE = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
AGAIN_SECONDS = 900.0


def aws() -> tuple[Credentials, float]:
    """What botocore's usual chain finds: the role of the instance, the container or the pod. Raises PlatformTrouble."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    try:
        found = Session().get_credentials()
    except BotoCoreError as error:
        raise PlatformTrouble("unauthorised", type(error).__name__) from None
    if found is None:
        raise PlatformTrouble("unauthorised", "no identity")
    return found, time.monotonic() + AGAIN_SECONDS


def google(endpoint: str | None) -> Token:
    """The token of the attached service account."""
    return _ask(GOOGLE, {"Metadata-Flavor": "Google"}, endpoint)


def azure(service: str, endpoint: str | None) -> Token:
    """The token of the managed identity of a virtual machine, for one service."""
    resource = kind("azure").services[service or "management"]
    return _ask(AZURE + quote(resource, safe=""), {"Metadata": "true"}, endpoint)


def _ask(url: str, headers: dict[str, str], endpoint: str | None) -> Token:
    access = Access(Unsigned(), endpoint)
    try:
        answer = access.call("GET", url, headers=headers)
    except PlatformTrouble as trouble:
        raise PlatformTrouble("unauthorised", f"no identity: {trouble.reason}") from None
    finally:
        access.close()
    return Token(str(answer["access_token"]), time.monotonic() + float(answer.get("expires_in", 300)))
