"""Every definition the product renders, as questions to the vendors' validators: of kits, of links, and of launches from the server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from app.launch.control import control_class, controls
from app.launch.kit import config
from app.launch.platform import Platform, Way, platforms
from app.locales import formatter
from tests.launch.control_sample import every, parts
from tests.launch.sample import OPTIONS, PERSONAS, full_decision, launch

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
RUN = "lotse-run-1"  # one name for all, so that texts which differ in nothing else are asked about once
CODE_URL = "https://lotse.example.org/launch-templates/x.zip"

# (platform, file of its kit) -> kind of definition
FILES = {
    ("aws", "train.json"): "sagemaker", ("aws", "serverless.json"): "sagemaker", ("aws", "bedrock.json"): "bedrock",
    ("aws", "bootstrap.yaml"): "cloudformation", ("aws", "service.yaml"): "cloudformation",
    ("azure", "train.yaml"): "azure_ml", ("azure", "tuning.json"): "azure_openai_job",
    ("google", "train.json"): "custom_job", ("google", "tuning.json"): "tuning_job",
    ("openai", "tuning.json"): "openai_job",
    ("aws", "machine.yaml"): "skypilot", ("aws", "plain.yaml"): "skypilot", ("azure", "machine.yaml"): "skypilot",
    ("google", "machine.yaml"): "skypilot",
    ("gpu_cloud", "train.yaml"): "skypilot", ("gpu_cloud", "service.yaml"): "skypilot", ("gpu_cloud", "plain.yaml"): "skypilot",
    ("gpu_cloud", "train.dstack.yaml"): "dstack", ("gpu_cloud", "service.dstack.yaml"): "dstack",
    ("kubernetes", "job.json"): "kubernetes", ("kubernetes", "service.json"): "kubernetes",
    ("huggingface", "job.json"): "huggingface", ("runpod", "pod.json"): "runpod_pod", ("on_premises", "compose.yaml"): "compose",
}  # fmt: skip
NO_DEFINITION = (".txt", ".sh")  # a Dockerfile and scripts are no definitions of a vendor
# (platform, way) -> kind of the body that a launch from the server sends, and the part of the definition that is that body
LAUNCHES = {
    ("kubernetes", "kubernetes_job"): ("kubernetes", ""), ("kubernetes", "kubernetes_service"): ("kubernetes", ""),
    ("huggingface", "hf_job"): ("huggingface", ""), ("runpod", "pod"): ("runpod_pod", ""),
    ("aws", "sagemaker_training"): ("sagemaker", "request"), ("aws", "sagemaker_serverless"): ("sagemaker", ""),
    ("aws", "bedrock_customization"): ("bedrock", ""),
    ("azure", "aml_job"): ("azure_job", "job"), ("azure", "foundry_tuning"): ("azure_openai_job", ""),
    ("openai", "fine_tuning"): ("openai_job", ""),
    ("google", "custom_job"): ("custom_job", ""), ("google", "tuning_job"): ("tuning_job", ""),
    ("gpu_cloud", "skypilot_train"): ("skypilot", "task"), ("gpu_cloud", "skypilot_service"): ("skypilot", "task"),
    ("gpu_cloud", "skypilot_plain"): ("skypilot", "task"), ("gpu_cloud", "dstack_train"): ("dstack", "configuration"),
}  # fmt: skip


class Question(NamedTuple):
    """A definition to ask about."""

    id: str
    kind: str
    text: str


def questions() -> list[Question]:
    """All definitions, each text once: many personas give the same."""
    found = {(item.kind, item.text): item for item in (*_kits(), *_links(), *_launches())}
    return list(found.values())


def _kits() -> Iterator[Question]:
    for place, option, persona, way in _cases():
        spec = launch(place, option, persona, "de", way.id)
        for used in place.ways_of(spec):
            for path, text in place.render(spec, used).items():
                name = path.removeprefix("job/")
                if not name.endswith(NO_DEFINITION):
                    kind = FILES[place.id, name]
                    sent = _as_sent(kind, text.replace(spec.name, RUN), used)
                    yield Question(f"{place.id} {used.id} {option} {persona} {name}", kind, sent)


def _links() -> Iterator[Question]:
    kinds = {"azure_template": "arm_template", "colab_enterprise": "notebook"}
    for place, option, persona, way in _cases():
        if way.link in kinds:
            spec = launch(place, option, persona, "de", way.id)
            settings = config(spec, full_decision(), place.ways_of(spec), formatter("de"))
            text = place.template(spec, settings, CODE_URL, "0" * 64) or ""
            yield Question(f"{place.id} {way.id} {option} {persona} link", kinds[way.link], text)


def _launches() -> Iterator[Question]:
    for name, way in _startable():
        kind, part = LAUNCHES[name, way]
        for option, persona in every(name, way):
            body = control_class(name, way).definition(parts(name, way, option, persona))
            sent = body[part] if part else body
            text = sent if isinstance(sent, str) else json.dumps(sent)
            yield Question(f"{name} {way} {option} {persona} launch", kind, text)


def _startable() -> list[tuple[str, str]]:
    return [(name, way) for name in platforms() for way in controls(name)]


def _cases() -> Iterator[tuple[Platform, str, str, Way]]:
    for place in platforms().values():
        for option in OPTIONS:
            for way in place.alternatives(option):
                for persona in PERSONAS:
                    yield place, option, persona, way


def _as_sent(kind: str, text: str, way: Way) -> str:
    """The text as run.sh sends it: variables filled with their examples, OpenAI's jobs with the id of the uploaded file."""
    if kind == "cloudformation":  # its ${Name} are its own
        return text
    examples = {variable.name: variable.example or "given" for variable in way.variables}
    filled = VARIABLE.sub(lambda found: examples[found[1]], text)
    if kind in ("openai_job", "azure_openai_job"):
        body: dict[str, Any] = json.loads(filled)
        return json.dumps(body | {"training_file": "file-abc123", "validation_file": "file-abc124"})
    return filled
