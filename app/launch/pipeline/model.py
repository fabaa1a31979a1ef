"""The language model behind one function: any OpenAI-compatible address, or Amazon Bedrock."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from .setup import Config, SetupError, optional, required

Message = dict[str, str]
Chat = Callable[[list[Message]], str]
RETRIES = (1, 4, 15)  # seconds between attempts when the service is busy
BUSY = {408, 429, 500, 502, 503, 504}
METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"


def chat(config: Config) -> Chat:
    """The model of the configuration as a function from messages to text."""
    return _bedrock(config) if config["model"]["protocol"] == "bedrock" else _compatible(config)


def embeddings(config: Config) -> Callable[[list[str]], list[list[float]]] | None:
    """Embeddings from the same service when EMBEDDING_MODEL is set, else None: search then goes by words alone."""
    name = optional("EMBEDDING_MODEL")
    if not name:
        return None
    address = optional("EMBEDDING_URL") or required("MODEL_URL", "address of the model service, ending in /v1")

    def embed(texts: list[str]) -> list[list[float]]:
        answer = _post(f"{address.rstrip('/')}/embeddings", {"model": name, "input": texts}, bearer(config))
        return [row["embedding"] for row in sorted(answer["data"], key=lambda row: row["index"])]

    return embed


def _compatible(config: Config) -> Chat:
    address = required("MODEL_URL", "address of the model service, ending in /v1").rstrip("/")
    name = optional("MODEL_NAME", config["model"]["name"]) or required("MODEL_NAME", "name of the model or deployment")

    def ask(messages: list[Message]) -> str:
        limit = config["prompt"]["max_output_tokens"]
        body = {"model": name, "messages": messages, config["model"]["limit_field"]: limit}
        answer = _post(f"{address}/chat/completions", body, bearer(config))
        return str(answer["choices"][0]["message"]["content"] or "")

    return ask


def _bedrock(config: Config) -> Chat:
    import boto3  # noqa: PLC0415

    name = optional("MODEL_NAME", config["model"]["name"]) or required("MODEL_NAME", "model id on Amazon Bedrock")
    client = boto3.client("bedrock-runtime", region_name=required("AWS_REGION", "the region, such as eu-central-1"))

    def ask(messages: list[Message]) -> str:
        system = [{"text": item["content"]} for item in messages if item["role"] == "system"]
        turns = [
            {"role": item["role"], "content": [{"text": item["content"]}]}
            for item in messages
            if item["role"] != "system"
        ]
        settings = {"maxTokens": config["prompt"]["max_output_tokens"]}
        answer = client.converse(modelId=name, system=system, messages=turns, inferenceConfig=settings)
        return "".join(part.get("text", "") for part in answer["output"]["message"]["content"])

    return ask


def bearer(config: Config) -> str:
    """A short-lived token of the cloud's own identity, or the key in MODEL_API_KEY."""
    kind = config["model"]["auth"]
    if optional("MODEL_API_KEY"):
        return optional("MODEL_API_KEY")
    if kind == "azure":
        return _azure_token()
    if kind == "google":
        return google_token()
    return "" if kind == "none" else required("MODEL_API_KEY", "key of the model service; it is never written anywhere")


def _azure_token() -> str:
    scope = "https://cognitiveservices.azure.com"
    address = optional("IDENTITY_ENDPOINT")
    if address:
        query = f"{address}?resource={scope}&api-version=2019-08-01"
        client = optional("AZURE_CLIENT_ID")
        query += f"&client_id={client}" if client else ""
        return str(_read(query, {"X-IDENTITY-HEADER": required("IDENTITY_HEADER", "set by Azure")})["access_token"])
    arguments = ["az", "account", "get-access-token", "--resource", scope, "--query", "accessToken", "-o", "tsv"]
    return _output(arguments)


def google_token() -> str:
    """A short-lived token of the service account, or of the person signed in with gcloud."""
    try:
        return str(_read(METADATA, {"Metadata-Flavor": "Google"})["access_token"])
    except OSError:
        return _output(["gcloud", "auth", "print-access-token"])


def _output(arguments: list[str]) -> str:
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"{arguments[0]} gave no token; sign in with it first, or set MODEL_API_KEY.") from error
    return done.stdout.strip()


def _read(address: str, headers: dict[str, str]) -> Any:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def _post(address: str, body: dict[str, Any], bearer: str) -> Any:
    if not address.startswith(("https://", "http://localhost", "http://127.0.0.1", "http://model")):
        raise SetupError("MODEL_URL must begin with https:// (or be this machine).")
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    for wait in (*RETRIES, None):
        request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in BUSY or wait is None:
                raise SetupError(f"The model service answered with status {error.code}.") from error
            time.sleep(wait)
    raise AssertionError("the loop returns or raises")
