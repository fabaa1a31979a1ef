"""The language model behind one function: any OpenAI-compatible address, or Amazon Bedrock."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable
from typing import Any

from .minilm import minilm
from .passages import Embed
from .rest import Refused, authorization, call
from .schema import Schema, response_format
from .setup import Config, SetupError, optional, required
from .traces import span, texts

Message = dict[str, str]
Chat = Callable[[list[Message]], str]
NO_SCHEMA = {400, 404, 422}  # how services answer that do not know `response_format`
METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"


def chat(config: Config, schema: Schema | None = None) -> Chat:
    """The model of the configuration as a function from messages to text; `schema` asks for JSON of that form."""
    return _bedrock(config) if config["model"]["protocol"] == "bedrock" else _compatible(config, schema)


def model_name(config: Config) -> str:
    """The model's name at its service. Raises SetupError when nobody named it."""
    return optional("MODEL_NAME", config["model"]["name"]) or required("MODEL_NAME", "name of the model or deployment")


def embeddings(config: Config) -> Embed | None:
    """Embeddings on this machine (EMBEDDINGS=minilm) or from a service (EMBEDDING_MODEL); None: search goes by words alone."""
    if optional("EMBEDDINGS") == "minilm":
        return minilm()
    name = optional("EMBEDDING_MODEL")
    if not name:
        return None
    address = optional("EMBEDDING_URL") or required("MODEL_URL", "address of the model service, ending in /v1")

    def embed(texts: list[str]) -> list[list[float]]:
        body = {"model": name, "input": texts}
        answer = call("POST", f"{address.rstrip('/')}/embeddings", body, authorization(bearer(config)))
        return [row["embedding"] for row in sorted(answer["data"], key=lambda row: row["index"])]

    return embed


def _compatible(config: Config, schema: Schema | None) -> Chat:
    address = required("MODEL_URL", "address of the model service, ending in /v1").rstrip("/") + "/chat/completions"
    body = {"model": model_name(config), config["model"]["limit_field"]: config["prompt"]["max_output_tokens"]}
    if "temperature" in config["prompt"]:  # not sent unless asked for: some models allow only their own
        body["temperature"] = config["prompt"]["temperature"]
    form = {"response_format": response_format(schema)} if schema else {}

    def ask(messages: list[Message]) -> str:
        with span("chat", "LLM", {**_named(body["model"]), **texts("input", messages)}) as found:
            try:
                answer = call("POST", address, {**body, **form, "messages": messages}, authorization(bearer(config)))
            except Refused as error:
                if not form or error.status not in NO_SCHEMA:
                    raise
                form.clear()  # the service does not know schemas: the prompt and the repair have to do
                answer = call("POST", address, {**body, "messages": messages}, authorization(bearer(config)))
            text = str(answer["choices"][0]["message"]["content"] or "")
            found.update({**_usage(answer.get("usage") or {}), **texts("output", text)})
            return text

    return ask


def _named(name: str) -> dict[str, Any]:
    return {"gen_ai.operation.name": "chat", "gen_ai.request.model": name, "llm.model_name": name}


def _usage(usage: dict[str, Any]) -> dict[str, Any]:
    """Token counts under the names of OpenTelemetry's GenAI conventions and of OpenInference."""
    names = {
        "prompt_tokens": ("gen_ai.usage.input_tokens", "llm.token_count.prompt"),
        "completion_tokens": ("gen_ai.usage.output_tokens", "llm.token_count.completion"),
    }
    return {name: usage[key] for key, both in names.items() if key in usage for name in both}


def _bedrock(config: Config) -> Chat:
    import boto3  # noqa: PLC0415

    name = model_name(config)
    client = boto3.client("bedrock-runtime", region_name=required("AWS_REGION", "the region, such as eu-central-1"))

    def ask(messages: list[Message]) -> str:
        system = [{"text": item["content"]} for item in messages if item["role"] == "system"]
        turns = [
            {"role": item["role"], "content": [{"text": item["content"]}]}
            for item in messages
            if item["role"] != "system"
        ]
        settings = {"maxTokens": config["prompt"]["max_output_tokens"]}
        with span("chat", "LLM", {**_named(name), **texts("input", messages)}) as found:
            answer = client.converse(modelId=name, system=system, messages=turns, inferenceConfig=settings)
            text = "".join(part.get("text", "") for part in answer["output"]["message"]["content"])
            found.update(texts("output", text))
        return text

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
