"""The token services of AWS, Azure, Google and OpenAI, as strict as their documentation: they fetch our keys and check our token.

Forms: STS query protocol (AssumeRoleWithWebIdentity), RFC 7523 (Azure), Google STS and IAM Credentials, OpenAI's token exchange.
What each trusts stands in `cloud.things["trust"]`: issuer and subject.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx2
import jwt

from tests.launch.fakes.cloud import Call, Cloud, Reply

AUDIENCES = {
    "aws": "sts.amazonaws.com", "azure": "api://AzureADTokenExchange", "openai": "https://api.openai.com/v1",
    "google": "https://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/lotse/providers/lotse",
}  # fmt: skip
STS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>ASIAEXCHANGED0001</AccessKeyId><SecretAccessKey>exchanged-canary</SecretAccessKey><SessionToken>exchanged-canary</SessionToken>
<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
DENIED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>no</Message></Error></ErrorResponse>"""


def answer(cloud: Cloud, call: Call) -> Reply | None:  # noqa: PLR0911 -- one line a service
    """Each service at the path of the real one."""
    form = {name: values[0] for name, values in parse_qs(call.raw.decode("utf-8", "replace")).items()}
    if call.path == "/" and form.get("Action") == "AssumeRoleWithWebIdentity":
        good = _trusted(cloud, "aws", form["WebIdentityToken"])
        return Reply(STS if good else DENIED, 200 if good else 403, {"Content-Type": "text/xml"})
    if call.path.endswith("/oauth2/v2.0/token"):
        good = form["grant_type"] == "client_credentials" and _trusted(cloud, "azure", form["client_assertion"])
        return _token(good, f"azure-canary-{form['scope'].split('//')[1].split('.')[0]}")
    if call.path == "/v1/token":
        return _token(call.body["audience"].startswith("//iam.googleapis.com/") and _trusted(cloud, "google", call.body["subjectToken"]), "google-federated-canary")  # fmt: skip
    if call.path.endswith(":generateAccessToken"):
        good = call.headers.get("authorization") == "Bearer google-federated-canary"
        return (
            Reply({"accessToken": "google-canary"}) if good else Reply({"error": {"status": "PERMISSION_DENIED"}}, 403)
        )
    if call.path == "/oauth/token":
        return _token(_trusted(cloud, "openai", call.body["subject_token"]), "openai-canary")
    if call.path.startswith("/computeMetadata/"):
        return _token(call.headers.get("metadata-flavor") == "Google", "google-ambient-canary")
    if call.path == "/metadata/identity/oauth2/token":
        return _token(call.headers.get("metadata") == "true", f"azure-ambient-canary {call.one('resource')}")
    return None


def _token(good: bool, value: str) -> Reply:
    if not good:
        return Reply({"error": "invalid_grant", "error_description": "canary of a token"}, 400)
    return Reply({"access_token": value, "expires_in": 3600, "token_type": "Bearer"})


def _trusted(cloud: Cloud, platform: str, token: str) -> bool:
    """As a real platform does it: discovery, keys, signature, issuer, audience, time, subject."""
    trust = cloud.things["trust"]
    try:
        found: dict[str, Any] = httpx2.get(f"{trust['issuer']}/.well-known/openid-configuration").json()
        keys = {row["kid"]: jwt.PyJWK(row) for row in httpx2.get(found["jwks_uri"]).json()["keys"]}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, ["RS256"], audience=AUDIENCES[platform], issuer=trust["issuer"], options={"require": ["exp", "iat", "sub", "jti"]})  # fmt: skip
    except (jwt.PyJWTError, KeyError, httpx2.HTTPError):
        return False
    return bool(claims["sub"] == trust["subject"])
