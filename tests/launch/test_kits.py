"""Every platform, option and persona gives a kit that parses, compiles and says what it is; no text of a user breaks it."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from pydantic import ValidationError

from app.errors import InputError, KnowledgeError
from app.knowledge import load_knowledge
from app.launch.catalogue import catalogue
from app.launch.kit import kit_files, kit_zip
from app.launch.platform import FOLDER, platform, platforms
from app.launch.render import command, fill
from app.launch.spec import LaunchSpec
from tests.launch.sample import OPTIONS, PERSONAS, full_decision, launch

SCRIPTS = ("run.sh", "status.sh", "cancel.sh", "teardown.sh", "smoke.sh")
PLACEHOLDER = re.compile(r"(?<!\$)(?<!\$\{)\{[a-z_]+\}|TODO|CHANGE_?ME|<your|your-", re.IGNORECASE)


def kits(persona: str) -> Iterator[tuple[LaunchSpec, dict[str, str]]]:
    decision = full_decision()
    for place in platforms().values():
        for option in OPTIONS:
            for way in place.alternatives(option):
                spec = launch(place, option, persona, "de", way.id)
                yield spec, kit_files(place, spec, decision)


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_kit_parses_and_names_all_its_files(persona: str) -> None:
    count = 0
    for spec, files in kits(persona):
        for path, text in files.items():
            _parse(path, text)
        manifest = json.loads(files["manifest.json"])["files"]
        assert manifest == {path: _sha(text) for path, text in files.items() if path != "manifest.json"}
        assert LaunchSpec.model_validate_json(files["launch.json"]) == spec
        count += 1
    assert count > 60


def _parse(path: str, text: str) -> None:
    if path.endswith(".json"):
        json.loads(text)
    elif path.endswith(".jsonl"):
        assert [json.loads(line) for line in text.splitlines()]
    elif path.endswith(".yaml"):
        assert isinstance(yaml.safe_load(text), dict)
    elif path.endswith(".py"):
        compile(text, path, "exec")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_scripts_are_valid_shell(tmp_path: Path) -> None:
    for number, (_, files) in enumerate(kits("hostile")):
        for name in SCRIPTS:
            target = tmp_path / f"{number}-{name}"
            target.write_text(files[name])
    loop = 'for file in "$1"/*.sh; do sh -n "$file" || exit 1; done'
    checked = subprocess.run(["sh", "-c", loop, "sh", str(tmp_path)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_no_text_of_a_user_reaches_anything_that_runs() -> None:
    for _, files in kits("hostile"):
        for path, text in files.items():
            if not path.endswith(".md"):
                for part in ("rm -rf /", "$(touch", "`id`", "</script>", "--help"):
                    assert part not in text, path


def test_no_kit_leaves_a_placeholder_to_guess() -> None:
    for _, files in kits("support"):
        for path, text in files.items():
            if path.startswith("job/") or path in SCRIPTS:
                assert not PLACEHOLDER.search(text), (path, PLACEHOLDER.search(text))


def test_every_variable_of_a_definition_is_explained_and_checked() -> None:
    own = {"AWS::AccountId", "AWS::Partition", "BucketName", "RunName", "Issuer", "IssuerHost", "Subject", "HF_TOKEN:-"}
    for spec, files in kits("bank"):
        for path in [path for path in files if path.startswith("job/")]:
            for name in set(re.findall(r"\$\{([A-Za-z_:-]+)\}", files[path])) - own:
                assert f"`{name}`" in files["README.md"], (spec.platform, path, name)
                assert f'"${{{name}:-}}"' in files["run.sh"], (spec.platform, path, name)


def test_the_same_launch_is_the_same_bytes() -> None:
    spec = launch(platform("aws"), "lora_open_weights")
    first, second = (kit_zip(spec.name, kit_files(platform("aws"), spec, full_decision())) for _ in range(2))
    assert first == second
    with ZipFile(BytesIO(first)) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert all(name.startswith(f"{spec.name}/") and ".." not in name for name in names)
        assert archive.getinfo(f"{spec.name}/run.sh").external_attr >> 16 & 0o111


def test_numbers_of_the_report_stand_in_the_definition() -> None:
    spec = launch(platform("aws"), "lora_open_weights")
    assert spec.training
    assert (spec.training.max_hours, spec.gpu, spec.machine) == (
        3,
        "H100-SXM",
        "ml.p5.4xlarge",
    )  # 1.5 × 9 GPU-hours / 5 runs
    assert spec.cost
    assert (str(spec.cost.p90), spec.cost_cap) == ("9.00", 50)  # 45 euros / 5 runs; the least cap
    job = json.loads(platform("aws").render(spec, platform("aws").ways_of(spec)[0])["job/train.json"])
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3 * 3600}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_readme_speaks_the_language_of_the_report(language: str) -> None:
    place = platform("azure")
    text = kit_files(place, launch(place, "rag", language=language), full_decision())["README.md"]
    expected = {
        "de": ("## Was Sie brauchen", "nie auf einem echten Cloud-Konto"),
        "en": ("## What you need", "never run on a real"),
    }
    assert all(part in text for part in expected[language])


def test_titles_stay_inert_in_the_readme() -> None:
    place = platform("on_premises")
    text = kit_files(place, launch(place, "rag", "hostile"), full_decision())["README.md"]
    assert "</script>" not in text


def test_a_platform_without_a_way_says_so() -> None:
    with pytest.raises(InputError, match="offers no way"):
        launch(platform("openai"), "lora_open_weights")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "a b"), ("name", "-x"), ("model_name", "../x"), ("model_name", "a;b"), ("region", "$(x)"), ("machine", "a b"), ("decision", "x")],
)  # fmt: skip
def test_a_value_outside_its_pattern_is_refused_by_name(field: str, value: str) -> None:
    data = launch(platform("aws"), "lora_open_weights").model_dump()
    with pytest.raises(ValidationError) as refused:
        LaunchSpec.model_validate({**data, field: value})
    assert refused.value.errors()[0]["loc"] == (field,)


def test_words_of_a_command_are_quoted_and_variables_kept() -> None:
    words = ["az", "--name", "{name}", "x=${VAR}/{name}", "a'b; rm"]
    assert command(words, {"name": "n m"}) == """az --name 'n m' x="${VAR}"'/n m' 'a'"'"'b; rm'"""


def test_a_filled_value_keeps_its_type_and_its_braces() -> None:
    assert fill({"a": "{n}", "b": ["x{n}", "${V}"], "c": "{none}"}, {"n": 3, "none": None}) == {
        "a": 3,
        "b": ["x3", "${V}"],
    }
    assert fill("{text}", {"text": "{n} ${V}"}) == "{n} ${V}"
    with pytest.raises(KnowledgeError, match="unknown"):
        fill("{unknown}", {})


def test_links_lead_only_to_hosts_of_the_platform() -> None:
    for place in platforms().values():
        for way in place.info.ways:
            if way.console:
                assert way.console.url.startswith("https://")
                assert way.console.url.split("/")[2] in place.info.hosts, (place.id, way.id)


def test_every_open_model_has_its_repository() -> None:
    all_models = {name: model.kind for name, model in load_knowledge().models.items()}
    missing = [
        name for name, kind in all_models.items() if kind in ("open_weights", "encoder") and name not in catalogue().hub
    ]
    unknown = [name for place in platforms().values() for name in place.info.models if name not in all_models]
    assert (missing, unknown) == ([], [])


def test_packages_are_pinned() -> None:
    lines = [line for group in catalogue().packages.values() for line in group]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in lines), lines


def test_pipeline_code_imports_nothing_of_the_application() -> None:
    heavy = {"torch", "transformers", "trl", "peft", "datasets", "openai", "boto3"}
    for path in sorted((FOLDER.parent / "pipeline").glob("*.py")):
        tree = ast.parse(path.read_text())
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {name for node in ast.walk(tree) for name in _modules(node)}
        assert not any(name.split(".")[0] == "app" for name in names), path.name
        assert not heavy & {name for node in top for name in _modules(node)}, path.name


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [item.name for item in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def test_a_secret_in_the_environment_reaches_no_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "canary-5f1d2c"
    for place in platforms().values():
        for way in place.info.ways:
            for variable in way.variables:
                monkeypatch.setenv(variable.name, canary)
    for _, files in kits("support"):
        assert not [path for path, text in files.items() if canary in text]
