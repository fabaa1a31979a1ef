"""Every definition passes the vendor's own validator, and each validator refuses broken ones."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
import yaml

from tests.vendors.conftest import Vendors
from tests.vendors.definitions import Question

pytestmark = [pytest.mark.vendor, pytest.mark.slow]

# validator -> environment, kinds of definitions
VALIDATORS = {
    "aws_requests": ("vendors", ["sagemaker", "bedrock"]),
    "cloudformation": ("vendors", ["cloudformation"]),
    "azure_ml": ("vendors", ["azure_ml"]),
    "google_messages": ("vendors", ["custom_job", "tuning_job"]),
    "openai_types": ("vendors", ["openai_job", "azure_openai_job"]),
    "kubernetes_objects": ("vendors", ["kubernetes"]),
    "huggingface": ("vendors", ["huggingface"]),
    "notebook": ("vendors", ["notebook"]),
    "schemas": ("vendors", ["arm_template", "azure_job", "openai_job", "azure_openai_job", "compose", "runpod_pod"]),
    "skypilot": ("skypilot", ["skypilot"]),
    "dstack_run": ("dstack", ["dstack"]),
}
GONE = object()
# validator, kind, path to a field, what it becomes (GONE: it is left out), a word of the refusal
BROKEN: list[tuple[str, str, str, Any, str]] = [
    ("aws_requests", "sagemaker", "Colour", "red", "Colour"),
    ("aws_requests", "sagemaker", "TrainingJobName", GONE, "TrainingJobName"),
    ("aws_requests", "sagemaker", "StoppingCondition.MaxRuntimeInSeconds", "3600", "MaxRuntimeInSeconds"),
    ("aws_requests", "sagemaker", "OutputDataConfig.CompressionType", "RAR", "enum"),
    ("aws_requests", "sagemaker", "TrainingJobName", "bad name!", "match"),
    ("aws_requests", "bedrock", "customizationType", "GUESSING", "enum"),
    ("aws_requests", "bedrock", "baseModelIdentifier", GONE, "baseModelIdentifier"),
    ("cloudformation", "cloudformation", "Resources.Role.Properties.Colour", "red", "Colour"),
    ("cloudformation", "cloudformation", "Resources.Role.Type", "AWS::IAM::Roll", "AWS::IAM::Roll"),
    ("cloudformation", "cloudformation", "Outputs.More", {"Value": {"Ref": "Nothing"}}, "Nothing"),
    ("azure_ml", "azure_ml", "colour", "red", "colour"),
    ("azure_ml", "azure_ml", "command", GONE, "command"),
    ("azure_ml", "azure_ml", "limits.timeout", "soon", "timeout"),
    ("azure_ml", "azure_ml", "code", "../nothing", "nothing"),
    ("google_messages", "custom_job", "colour", "red", "colour"),
    ("google_messages", "custom_job", "displayName", GONE, "display_name"),
    ("google_messages", "custom_job", "jobSpec.scheduling.timeout", "1h", "timeout"),
    ("google_messages", "custom_job", "jobSpec.workerPoolSpecs.0.machineSpec.acceleratorType", "H9000", "H9000"),
    ("google_messages", "custom_job", "jobSpec.workerPoolSpecs.0.containerSpec.imageUri", GONE, "image_uri"),
    (
        "google_messages",
        "tuning_job",
        "supervisedTuningSpec.hyperParameters.adapterSize",
        "ADAPTER_SIZE_SEVEN",
        "SEVEN",
    ),
    ("google_messages", "tuning_job", "supervisedTuningSpec.trainingDatasetUri", GONE, "training_dataset_uri"),
    ("openai_types", "openai_job", "colour", "red", "colour"),
    ("openai_types", "openai_job", "training_file", GONE, "training_file"),
    ("openai_types", "openai_job", "method.type", "guessing", "type"),
    ("openai_types", "openai_job", "method.supervised.hyperparameters.n_epochs", "many", "n_epochs"),
    ("openai_types", "azure_openai_job", "trainingType", "cheap", "cheap"),
    ("kubernetes_objects", "kubernetes", "items.0.colour", "red", "colour"),
    ("kubernetes_objects", "kubernetes", "items.0.kind", "Jobs", "Jobs"),
    ("kubernetes_objects", "kubernetes", "items.0.metadata", "x", "object"),
    ("huggingface", "huggingface", "colour", "red", "colour"),
    ("huggingface", "huggingface", "flavor", "h9000", "h9000"),
    ("huggingface", "huggingface", "timeoutSeconds", "1h", "client"),
    ("huggingface", "huggingface", "command", GONE, "command"),
    ("notebook", "notebook", "cells.0.colour", "red", "colour"),
    ("notebook", "notebook", "cells.0.cell_type", "picture", "picture"),
    ("notebook", "notebook", "nbformat", GONE, "No schema"),
    ("schemas", "arm_template", "resources.2.properties.colour", "red", "$.properties:"),
    ("schemas", "arm_template", "resources.2.properties.command", GONE, "$.properties:"),
    ("schemas", "arm_template", "resources.2.properties.jobType", "Guess", "Guess"),
    ("schemas", "arm_template", "resources.2.apiVersion", "1999-01-01", "1999-01-01"),
    ("schemas", "arm_template", "parameters.jobName", GONE, "jobName"),
    ("schemas", "azure_job", "properties.colour", "red", "$.properties:"),
    ("schemas", "azure_job", "properties.limits.timeout", 3600, "$.properties:"),
    ("schemas", "openai_job", "method.supervised.hyperparameters.n_epochs", 0, "0"),
    ("schemas", "openai_job", "training_file", GONE, "training_file"),
    ("schemas", "compose", "services.service.colour", "red", "colour"),
    ("schemas", "compose", "services.service.ports", 8080, "8080"),
    ("schemas", "runpod_pod", "colour", "red", "colour"),
    ("schemas", "runpod_pod", "disk", "50", "50"),
    ("schemas", "runpod_pod", "cloud", "CHEAP", "CHEAP"),
    ("schemas", "runpod_pod", "name", GONE, "name"),
    ("skypilot", "skypilot", "colour", "red", "colour"),
    ("skypilot", "skypilot", "resources.use_sopt", True, "use_spot"),
    ("skypilot", "skypilot", "resources.cloud", "moon", "moon"),
    ("skypilot", "skypilot", "run", 5, "run"),
    ("dstack_run", "dstack", "colour", "red", "colour"),
    ("dstack_run", "dstack", "max_price", -1, "max_price"),
    ("dstack_run", "dstack", "max_duration", "soon", "soon"),
    ("dstack_run", "dstack", "backends", ["moon"], "moon"),
]


@pytest.mark.parametrize("validator", VALIDATORS)
def test_the_vendor_accepts_every_definition(vendors: Vendors, validator: str) -> None:
    environment, kinds = VALIDATORS[validator]
    rows = vendors.of(*kinds)
    answers = vendors.ask(environment, validator, rows)
    assert len(answers) == len(rows) > 0
    refused = [f"{name}: {problem}" for name, problem in answers.items() if problem]
    assert not refused, f"{len(refused)} of {len(rows)}, such as {refused[0]}"


@pytest.mark.parametrize("validator", VALIDATORS)
def test_the_vendor_refuses_what_is_broken(vendors: Vendors, validator: str) -> None:
    rows, words = [], {}
    for _, kind, path, value, word in (case for case in BROKEN if case[0] == validator):
        name = f"{kind} {path} {'gone' if value is GONE else value}"
        rows.append(Question(name, kind, _broken(vendors.of(kind)[0].text, path, value)))
        words[name] = word
    answers = vendors.ask(VALIDATORS[validator][0], validator, rows)
    assert len(answers) == len(words) > 2
    assert {name: answers[name] for name, word in words.items() if word not in answers[name]} == {}


def _broken(text: str, path: str, value: Any) -> str:
    body = yaml.load(text, Loader=yaml.CSafeLoader)
    *folders, last = path.split(".")
    node = reduce(lambda node, part: node[int(part)] if isinstance(node, list) else node[part], folders, body)
    node[last] = value
    if value is GONE:
        del node[last]
    return json.dumps(body)


def test_every_kind_of_definition_has_a_validator(vendors: Vendors) -> None:
    checked = {kind for _, kinds in VALIDATORS.values() for kind in kinds}
    assert {question.kind for question in vendors.questions} - checked == set()
