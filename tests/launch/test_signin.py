"""Signing in: our tokens hold before strict token services, pasted ones live in memory only, and nothing is ever shown."""

from __future__ import annotations

import logging
import pickle
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import jwt
import pytest

from app.errors import AppError, InputError
from app.launch.access import Access, PlatformTrouble
from app.launch.signin import Issuer, Secret, SignInPlan, Vault, checked_secret, signing
from app.launch.signin.kinds import kinds
from tests.launch.fakes.cloud import Call, Cloud, Reply, running
from tests.launch.fakes.identity import answer

ENTRIES = {
    "aws": {"role_arn": "arn:aws:iam::123456789012:role/lotse-launch"},
    "azure": {"tenant": "00000000-0000-0000-0000-000000000001", "client": "00000000-0000-0000-0000-000000000002"},
    "google": {"provider": "projects/123456789012/locations/global/workloadIdentityPools/lotse/providers/lotse", "service_account": "launch@my-project.iam.gserviceaccount.com"},
    "openai": {"identity_provider": "idp_abc", "service_account": "sa_abc"},
}  # fmt: skip
EXPECTED = {
    "aws": "AWS4-HMAC-SHA256 Credential=ASIAEXCHANGED0001/", "azure": "Bearer azure-canary-management",
    "google": "Bearer google-canary", "openai": "Bearer openai-canary",
}  # fmt: skip
AWS_KEYS = {"access_key_id": "ASIA" + "A" * 16, "secret_access_key": "canarycanarycanary00", "session_token": "canarycanarycanary01"}  # fmt: skip


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "issuer", "")


@pytest.fixture
def cloud(issuer: Issuer) -> Iterator[Cloud]:
    def own(cloud: Cloud, call: Call) -> Reply | None:
        pages = {"/.well-known/openid-configuration": issuer.discovery, "/oidc/jwks.json": issuer.jwks}
        return Reply(pages[call.path]()) if call.path in pages else None

    def echo(cloud: Cloud, call: Call) -> Reply | None:
        return Reply({"authorization": call.headers.get("authorization", "")}) if call.path == "/echo" else None

    with running(own, echo, answer) as found:
        issuer.url = found.url
        found.things["trust"] = {"issuer": found.url, "subject": "lotse:abc"}
        yield found


def plan(kind: str, mode: str = "federated", subject: str = "lotse:abc") -> SignInPlan:
    entries = ENTRIES.get(kind, {}) if mode == "federated" else {}
    return SignInPlan(kind=kind, mode=mode, entries=entries, subject=subject)  # type: ignore[arg-type]


def authorization(found: object, cloud: Cloud, service: str = "") -> str:
    access = Access(found, cloud.url)  # type: ignore[arg-type]
    try:
        return str(access.call("GET", "https://x/echo", service=service, region="eu-central-1")["authorization"])
    finally:
        access.close()


@pytest.mark.parametrize("kind", EXPECTED)
def test_our_token_is_exchanged_once(cloud: Cloud, issuer: Issuer, kind: str) -> None:
    found = signing(plan(kind), None, issuer, cloud.url)
    service = "management" if kind == "azure" else "sagemaker"
    assert [authorization(found, cloud, service).startswith(EXPECTED[kind]) for _ in range(3)] == [True] * 3
    assert sum(call.path == "/oidc/jwks.json" for call in cloud.calls) == 1


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("wrong", ["subject", "issuer", "key", "expired"])
def test_a_token_of_somebody_else_is_refused(cloud: Cloud, issuer: Issuer, tmp_path: Path, kind: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    subject = "lotse:xyz" if wrong == "subject" else "lotse:abc"
    if wrong == "issuer":
        cloud.things["trust"]["issuer"] = f"{cloud.url}/elsewhere"
    signer = Issuer(tmp_path / "foreign", cloud.url) if wrong == "key" else issuer
    if wrong == "expired":
        monkeypatch.setattr("app.launch.signin.issuer.time.time", lambda: 1_700_000_000.0)
    with pytest.raises(PlatformTrouble) as trouble:
        authorization(signing(plan(kind, subject=subject), None, signer, cloud.url), cloud)
    assert trouble.value.kind == "unauthorised"
    assert "canary" not in str(trouble.value)


def test_azure_has_a_token_for_each_service(cloud: Cloud, issuer: Issuer) -> None:
    found = signing(plan("azure"), None, issuer, cloud.url)
    assert authorization(found, cloud, "cognitiveservices") == "Bearer azure-canary-cognitiveservices"
    assert authorization(found, cloud, "management") == "Bearer azure-canary-management"


@pytest.mark.parametrize(("kind", "expected"), [("google", "Bearer google-ambient-canary"), ("azure", "Bearer azure-ambient-canary https://management.azure.com/")])  # fmt: skip
def test_the_identity_of_the_machine(cloud: Cloud, kind: str, expected: str) -> None:
    assert authorization(signing(plan(kind, "ambient"), None, None, cloud.url), cloud) == expected


def test_pasted_credentials_sign(cloud: Cloud) -> None:
    aws = signing(plan("aws", "token"), checked_secret("aws", AWS_KEYS), None, cloud.url)
    assert f"Credential={AWS_KEYS['access_key_id']}/" in authorization(aws, cloud, "sagemaker")
    bearer = signing(plan("bearer", "token"), checked_secret("bearer", {"token": "canary-token"}), None, cloud.url)
    assert authorization(bearer, cloud) == "Bearer canary-token"
    with pytest.raises(PlatformTrouble):
        signing(plan("aws", "token"), None, None, cloud.url)


def test_a_pasted_token_goes_only_to_its_service(cloud: Cloud) -> None:
    token = "canary-management-token"
    azure = signing(plan("azure", "token"), checked_secret("azure", {"management": token}), None, cloud.url)
    assert authorization(azure, cloud, "management") == f"Bearer {token}"
    with pytest.raises(PlatformTrouble) as trouble:
        authorization(azure, cloud, "cognitiveservices")
    assert (trouble.value.kind, cloud.count("GET", "/echo")) == ("unauthorised", 1)
    key = signing(plan("openai", "token"), checked_secret("openai", {"token": "sk-" + "c" * 20}), None, cloud.url)
    assert authorization(key, cloud, "openai") == "Bearer sk-" + "c" * 20


def test_the_signature_covers_body_and_target() -> None:
    aws = signing(plan("aws", "token"), Secret(AWS_KEYS), None, None)
    headers = {"X-Amz-Target": "SageMaker.CreateTrainingJob", "Content-Type": "application/x-amz-json-1.1"}
    made = []
    for body in (b"{}", b'{"a": 1}'):
        request = httpx2.Request(
            "POST", "https://api.sagemaker.eu-central-1.amazonaws.com/", headers=headers, content=body
        )
        made.append(next(aws.auth("sagemaker", "eu-central-1").sync_auth_flow(request)).headers["authorization"])
    assert made[0] != made[1]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target" in made[0]


@pytest.mark.parametrize(("kind", "given", "field"), [
    ("aws", {**AWS_KEYS, "access_key_id": "AKIA" + "A" * 16}, "access_key_id"),
    ("aws", {**AWS_KEYS, "session_token": ""}, "session_token"),
    ("openai", {"token": "sk-admin-canarycanarycanary"}, "token"),
    ("bearer", {"token": "line\nbreak canary"}, "token"),
])  # fmt: skip
def test_what_must_not_be_pasted_is_refused_by_name(kind: str, given: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as refused:
        checked_secret(kind, given)  # type: ignore[arg-type]
    assert [problem["key"] for problem in refused.value.problems] == [field]
    assert "canary" not in str(refused.value.as_json())


def test_nothing_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret, vault = checked_secret("aws", AWS_KEYS), Vault()
    vault.put("a", secret)
    for shown in (secret, vault, signing(plan("aws", "token"), secret, None, None), [secret], {"x": vault}):
        assert "canary" not in f"{shown!r} {shown}"
    with pytest.raises(AppError):
        pickle.dumps(secret)
    assert "canary" not in caplog.text


def test_the_vault_forgets() -> None:
    vault = Vault()
    vault.put("a", Secret({"token": "x"}))
    vault.put("b", Secret({"token": "y"}), seconds=-1)
    assert (vault.launches(), vault.get("b")) == ({"a"}, None)
    vault.drop("a")
    assert vault.launches() == set()


def test_many_processes_make_one_key(tmp_path: Path) -> None:
    issuers = [Issuer(tmp_path, "https://lotse.example.org") for _ in range(4)]
    threads = [threading.Thread(target=item.jwks) for item in issuers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({str(item.jwks()) for item in issuers}) == 1
    (key,) = tmp_path.iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_new_key_signs_and_the_old_one_stays_published(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path, "https://lotse.example.org/")
    old = issuer.token("s", "a")
    issuer.rotate()
    new, keys = issuer.token("s", "a"), {row["kid"]: jwt.PyJWK(row) for row in issuer.jwks()["keys"]}
    assert len(keys) == 2
    assert "d" not in str(issuer.jwks()["keys"][0].keys()).replace("dict_keys", "").replace("kid", "")
    for token in (old, new):
        claims = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]], ["RS256"], audience="a")
        assert claims["iss"] == "https://lotse.example.org"
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]


def test_every_kind_names_its_sources_and_its_own_examples_fit() -> None:
    import re

    for name, kind in kinds().items():
        assert kind.sources or name == "bearer"
        for entry in kind.entries:
            assert re.fullmatch(entry.pattern, entry.example), (name, entry.name)


def test_every_federated_way_says_how_the_trust_is_made() -> None:
    import re

    from app.launch.control import controls
    from app.launch.platform import platforms
    from app.launch.trust import trust_steps

    for name in platforms():
        if any("federated" in info.modes for info in controls(name).values()):
            steps = trust_steps(name, "https://lotse.example.org", "lotse:abc'; x", "aud")
            text = "\n".join(step.commands for step in steps)
            assert steps
            assert not re.search(r"(?<!\$)\{[a-z_]+\}", text), (name, text)
            assert "lotse:abc" not in text or """lotse:abc'"'"'; x""" in text
    assert trust_steps("runpod", "https://x", "s", "a") == []
