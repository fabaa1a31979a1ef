"""Our own token exchanged for short-lived credentials of a platform, each in the form that its documentation names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from app.launch.access import Access, PlatformTrouble
from app.launch.signin.kinds import kind
from app.launch.signin.signatures import Bearer, Token, Unsigned

if TYPE_CHECKING:
    from botocore.credentials import Credentials

SECONDS = 3600  # asked for, where it can be asked
JWT = "urn:ietf:params:oauth:token-type:jwt"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


def aws(entries: dict[str, str], own_token: str, region: str, endpoint: str | None) -> tuple[Credentials, float]:
    """AssumeRoleWithWebIdentity: the credentials of the role for an hour. Raises PlatformTrouble."""
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    settings = Config(signature_version=UNSIGNED, connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 1})
    client = Session().create_client("sts", region_name=region, endpoint_url=endpoint, config=settings)
    try:
        answer = client.assume_role_with_web_identity(
            RoleArn=entries["role_arn"], RoleSessionName="lotse", WebIdentityToken=own_token, DurationSeconds=SECONDS
        )
    except ClientError as error:
        raise PlatformTrouble("unauthorised", _code(error.response)) from None
    except BotoCoreError as error:
        raise PlatformTrouble("busy", type(error).__name__) from None
    finally:
        client.close()
    given = answer["Credentials"]
    credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return credentials, time.monotonic() + SECONDS


def _code(response: dict[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code", "refused"))[:80]


def azure(entries: dict[str, str], own_token: str, scope: str, endpoint: str | None) -> Token:
    """Client credentials with our token as the assertion (RFC 7523)."""
    form = {
        "client_id": entries["client"], "scope": f"{scope}.default", "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": own_token,
    }  # fmt: skip
    url = f"https://login.microsoftonline.com/{entries['tenant']}/oauth2/v2.0/token"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return _token(_ask(endpoint, "POST", url, content=urlencode(form).encode(), headers=headers))


def google(entries: dict[str, str], own_token: str, endpoint: str | None) -> Token:
    """Token exchange, then a token of the service account."""
    body = {
        "audience": f"//iam.googleapis.com/{entries['provider']}", "grantType": EXCHANGE, "scope": CLOUD_PLATFORM,
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token", "subjectTokenType": JWT, "subjectToken": own_token,
    }  # fmt: skip
    federated = _token(_ask(endpoint, "POST", "https://sts.googleapis.com/v1/token", json=body))
    account = entries["service_account"]
    url = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
    wanted = {"scope": [CLOUD_PLATFORM], "lifetime": f"{SECONDS}s"}
    answer = _ask(endpoint, "POST", url, json=wanted, headers={"Authorization": f"Bearer {federated.value}"})
    return Token(str(answer["accessToken"]), time.monotonic() + SECONDS)


def openai(entries: dict[str, str], own_token: str, endpoint: str | None) -> Token:
    """Token exchange as the vendor's package does it."""
    body = {
        "grant_type": EXCHANGE, "subject_token": own_token, "subject_token_type": JWT,
        "identity_provider_id": entries["identity_provider"], "service_account_id": entries["service_account"],
    }  # fmt: skip
    return _token(_ask(endpoint, "POST", "https://auth.openai.com/oauth/token", json=body))


def _ask(endpoint: str | None, method: str, url: str, **request: Any) -> dict[str, Any]:
    """One request without credentials; a refusal means that we may not sign in. Raises PlatformTrouble."""
    access = Access(Unsigned(), endpoint)
    try:
        answer = access.call(method, url, **request)
    except PlatformTrouble as trouble:
        kind_ = (
            "unauthorised"
            if trouble.kind in ("refused", "absent")
            else "busy"
            if trouble.kind == "lost"
            else trouble.kind
        )
        raise PlatformTrouble(kind_, trouble.reason, trouble.wait) from None
    finally:
        access.close()
    if not isinstance(answer, dict):
        raise PlatformTrouble("unauthorised", "no token")
    return answer


def _token(answer: dict[str, Any]) -> Token:
    value, seconds = answer.get("access_token"), answer.get("expires_in", 300)
    if not isinstance(value, str) or not value:
        raise PlatformTrouble("unauthorised", "no token")
    return Token(value, time.monotonic() + min(float(seconds), 24 * 3600.0))


def bearer_for(name: str, entries: dict[str, str], own_token: Any, endpoint: str | None) -> Bearer:
    """Bearer tokens of a platform, exchanged when they are needed; `own_token` makes one of ours."""
    services = kind(name).services
    fetchers = {
        "azure": lambda service: azure(entries, own_token(), services[service or "management"], endpoint),
        "google": lambda service: google(entries, own_token(), endpoint),
        "openai": lambda service: openai(entries, own_token(), endpoint),
    }
    return Bearer(fetchers[name])
