"""A launch kit: a folder of files from a spec, and the same as a zip whose bytes depend on nothing else."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.domain.decision import Decision
from app.launch.catalogue import catalogue
from app.launch.examples import example_data
from app.launch.platform import Platform, Way
from app.launch.readme import readme
from app.launch.requirements import groups, plain, requirement_files, smoke_files
from app.launch.scripts import scripts
from app.launch.service_settings import settings_page
from app.launch.spec import LaunchSpec
from app.locales import N_, Formatter, formatter

TASK = N_("You help with one task of a company. Stay with what you are given.")
EPOCH = (2020, 1, 1, 0, 0, 0)  # fixed, so that the same kit is the same bytes
PROMPTED = ["conversations", "inspection", "promptfoo", "smollm", "smoke_retrieval", "smoke_retrieval.json"]
SMOKE = ["smoke_data", "tiny", "card"]
TUNED = ["training", "tune", "preferences", "local", "merge", "forgetting", *SMOKE, "smoke_tuning"]
MODULES = {
    "baseline": [],
    "prompting": ["optimise", *PROMPTED],
    "retrieval": ["store_postgres", "store_qdrant", *PROMPTED],
    "encoder": ["training", "encoder", *SMOKE, "smoke_encoder"],
    "tuning": [],
}
COMMON = [
    "__init__",
    "setup",
    "records",
    "rest",
    "traces",
    "metrics",
    "wording",
    "passages",
    "store_sqlite",
    "search",
    "minilm",
    "schema",
    "model",
    "faithfulness",
    "prompts",
    "rerank",
    "retrieval",
    "ranking",
    "baseline",
    "evaluate",
    "request_log",
    "service",
    "fill",
    "monitor",
    "smoke",
]


def kit_files(platform: Platform, spec: LaunchSpec, decision: Decision) -> dict[str, str]:
    """All files of a kit: path -> text, sorted; `manifest.json` holds the SHA-256 of every other."""
    texts, ways = formatter(spec.language), platform.ways_of(spec)
    packages = requirement_files(spec, ways)
    found = {
        "launch.json": spec.model_dump_json(indent=2) + "\n",
        "config.json": json.dumps(config(spec, decision, ways, texts), indent=2, ensure_ascii=False) + "\n",
        **packages,
        "monitoring.json": json.dumps(_monitoring(decision, texts), indent=2, ensure_ascii=False) + "\n",
        "Dockerfile": dockerfile(ways, list(packages)),
        ".dockerignore": "out/*\n!out/model\n!out/prompt.json\n.venv*\n.git\n**/__pycache__\n",
        "README.md": readme(platform, spec, decision, ways, texts),
        "SETTINGS.md": settings_page(spec, texts),
        **{path: text for way in ways for path, text in platform.render(spec, way).items()},
        **pipeline_files(spec, ways),
        **evaluation_files(spec),
        **example_data(spec),
        **scripts(ways, platform.values(spec), texts, smoke_files(spec, packages)),
    }
    manifest = {
        "kit": spec.name,
        "decision": spec.decision,
        "files": {path: _sha(found[path]) for path in sorted(found)},
    }
    found["manifest.json"] = json.dumps(manifest, indent=2) + "\n"
    return dict(sorted(found.items()))


def kit_zip(name: str, content: dict[str, str]) -> bytes:
    """The files of a kit as a zip under one folder."""
    return zipped({f"{name}/{path}": text for path, text in content.items()})


def zipped(content: dict[str, str]) -> bytes:
    """Files as a zip, sorted, with fixed dates; scripts are executable."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for path, text in sorted(content.items()):
            entry = ZipInfo(path, EPOCH)
            entry.external_attr = (0o100755 if path.endswith(".sh") else 0o100644) << 16
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            archive.writestr(entry, text.encode(), compresslevel=9)
    return buffer.getvalue()


def config(spec: LaunchSpec, decision: Decision | None, ways: list[Way], texts: Formatter) -> dict[str, Any]:
    """What the pipeline reads: the report's goal, measure, target and stop rule, and the settings of each part."""
    values, way = catalogue(), ways[-1]
    tuned = spec.pipeline == "tuning"
    return {
        "kit": spec.name,
        "pipeline": spec.pipeline,
        "language": spec.text_language,
        "task": formatter(spec.text_language).t(TASK),
        "model": {
            "name": _serving_name(spec, ways),
            "auth": way.auth,
            "protocol": way.protocol,
            "limit_field": way.limit_field,
        },
        "prompt": {**values.prompt, "examples": 0 if tuned else values.prompt["examples"]},
        "retrieval": {**values.retrieval, "whole": spec.option == "long_context"},
        "evaluation": _evaluation(spec, decision, texts),
        "training": _training(spec, ways),
        "monitoring": values.monitoring,
    }


def _training(spec: LaunchSpec, ways: list[Way]) -> dict[str, Any] | None:
    """Settings of the training; None for a kit that trains nothing."""
    if not spec.training:
        return None
    added = {"model": spec.model_name, "form": ways[0].form, "needs_gpu": spec.pipeline != "encoder"}
    return {**spec.training.model_dump(), **added, "preferences": catalogue().preferences}


def _serving_name(spec: LaunchSpec, ways: list[Way]) -> str:
    """Name under which the service calls the model: a tuned one is called as the run."""
    return spec.name if ways[0].stage != "serve" else spec.model_name or ""


def _evaluation(spec: LaunchSpec, decision: Decision | None, texts: Formatter) -> dict[str, Any]:
    pilot = decision.pilot if decision else None
    said = {"goal": pilot.metric, "baseline": pilot.baseline, "stop_rule": pilot.stop_rule} if pilot else {}
    return {
        **catalogue().evaluation,
        "measure": spec.measure,
        "target": spec.target,
        "test_cases": spec.test_cases,
        **{name: texts.say(said.get(name)) for name in ("goal", "baseline", "stop_rule")},
    }


def _monitoring(decision: Decision, texts: Formatter) -> list[dict[str, str]]:
    return [{"what": texts.say(item), "how_often": texts.t(item.cadence)} for item in decision.monitoring]


def pipeline_files(spec: LaunchSpec, ways: list[Way]) -> dict[str, str]:
    """The modules this kit needs, unchanged."""
    names = [*COMMON, *MODULES[spec.pipeline]]
    names += TUNED if spec.tunes_text else []
    names += ["provider", "smoke_provider"] if ways[0].stage == "tune" else []
    names += ["tuning_job"] if "openai" in ways[0].packages else []
    names += ["teach"] if spec.option == "distillation" else []
    names += [module for way in ways for module in way.modules]
    source = files("app.launch.pipeline")
    paths = [name if "." in name else f"{name}.py" for name in dict.fromkeys(names)]
    return {f"pipeline/{path}": source.joinpath(path).read_text(encoding="utf-8") for path in paths}


def evaluation_files(spec: LaunchSpec) -> dict[str, str]:
    """Entry points of other evaluation tools, which want them beside config.json."""
    source = files("app.launch.pipeline").joinpath("inspect_task.py.txt")
    return (
        {"inspect_task.py": source.read_text(encoding="utf-8")} if spec.pipeline in ("prompting", "retrieval") else {}
    )


def code_zip(spec: LaunchSpec, ways: list[Way]) -> bytes:
    """The pipeline, its packages and the example data: public, the same for every launch of that kind."""
    content = {**pipeline_files(spec, ways), **example_data(spec), "requirements.txt": plain(groups(spec, ways))}
    return zipped(content)


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def dockerfile(ways: list[Way], names: list[str]) -> str:
    """The image: a service runs without root; training platforms mount folders that only root may write."""
    order = [name for name in INSTALLS if name in names]
    lines = "".join(f"RUN pip install --no-cache-dir {INSTALLS[name]}-r {name}\n" for name in order)
    text = DOCKERFILE.replace("INSTALLS\n", lines)
    return text if ways[0].stage == "train" else text.replace("ENV PYTHON", "USER kit\nENV PYTHON")


INSTALLS = {"requirements-torch.txt": "", "requirements-lock.txt": "--no-deps --require-hashes "}  # in this order
DOCKERFILE = """FROM python:3.12-slim
RUN useradd --create-home kit
WORKDIR /kit
COPY requirements*.txt ./
INSTALLS
COPY --chown=kit . .
RUN mkdir -p out && chown kit out
ENV PYTHONUNBUFFERED=1 PORT=8080
EXPOSE 8080
CMD ["python", "-m", "pipeline.service"]
"""
