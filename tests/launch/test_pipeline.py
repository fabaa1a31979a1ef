"""The code of the kits, run as it is: reading, searching, answering, scoring, serving; without heavy packages or network."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from app.commands.kit import write_kit
from app.launch.kit import kit_files
from app.launch.pipeline import (
    evaluate,
    fill,
    google_job,
    metrics,
    model,
    prompts,
    provider,
    records,
    rest,
    service,
    teach,
    tune,
    tuning_job,
)
from app.launch.pipeline.baseline import NaiveBayes, Nearest
from app.launch.pipeline.passages import chunks
from app.launch.pipeline.records import Document, Example
from app.launch.pipeline.retrieval import Retrieval, quote
from app.launch.pipeline.search import Index
from app.launch.pipeline.setup import Config, SetupError
from app.launch.platform import platform
from tests.launch.sample import full_decision, launch

KITS = [
    ("azure", "rag", "bank"), ("google", "prompting", "insurer"), ("aws", "managed_tuning", "support"),
    ("on_premises", "tuned_encoder", "mail"), ("gpu_cloud", "rag_tuning", "hostile"), ("openai", "no_llm", "clinic"),
    ("azure", "long_context", "support"), ("on_premises", "continued_pretraining", "bank"), ("azure", "distillation", "mail"),
]  # fmt: skip


def kit_folder(folder: Path, name: str, option: str, persona: str) -> Path:
    place = platform(name)
    write_kit(folder, kit_files(place, launch(place, option, persona, "de"), full_decision()))
    return folder


def config_of(name: str, option: str, persona: str) -> Config:
    place = platform(name)
    return dict(json.loads(kit_files(place, launch(place, option, persona, "de"), full_decision())["config.json"]))


@pytest.mark.parametrize(("name", "option", "persona"), KITS)
def test_a_kit_rehearses_on_its_own(tmp_path: Path, name: str, option: str, persona: str) -> None:
    folder = kit_folder(tmp_path / "kit", name, option, persona)
    done = subprocess.run(["sh", "smoke.sh", "quick"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads((folder / "out" / "evaluation-rehearse.json").read_text())
    assert result["mode"] == "rehearse"
    assert result["cases"] >= 2
    if option in ("rag", "rag_tuning", "long_context"):
        assert result["measures"]["found"] == 1


@pytest.mark.parametrize("script", ["run.sh", "cancel.sh"])
def test_a_script_names_what_is_missing_and_starts_nothing(tmp_path: Path, script: str) -> None:
    folder = kit_folder(tmp_path / "kit", "aws", "lora_open_weights", "support")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("aws", "docker", "python3"):
        (tools / tool).write_text('#!/bin/sh\necho "$0 $*" >> "$CALLS"\n')
        (tools / tool).chmod(0o755)
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "CALLS": str(tmp_path / "calls")}
    done = subprocess.run(["sh", script], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    called = (tmp_path / "calls").read_text() if (tmp_path / "calls").exists() else ""
    if script == "run.sh":
        assert done.returncode == 2
        assert "Umgebungsvariable AWS_ACCOUNT_ID" in done.stderr
        assert called == ""
    else:
        assert done.returncode == 0
        assert "sagemaker stop-training-job" in called


def test_a_hostile_value_cannot_run_anything(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "azure", "lora_open_weights", "support")
    tools, calls = tmp_path / "bin", tmp_path / "calls"
    tools.mkdir()
    (tools / "az").write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >> "$CALLS"\n')
    (tools / "az").chmod(0o755)
    hostile = f"a b; touch {tmp_path}/made $(touch {tmp_path}/made) `touch {tmp_path}/made` \"'"
    environment = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "CALLS": str(calls),
        "AZURE_RESOURCE_GROUP": hostile,
        "AZURE_WORKSPACE": "w",
    }
    subprocess.run(["sh", "run.sh", "train"], cwd=folder, env=environment, check=True)
    assert hostile in calls.read_text().split("\n")
    assert not (tmp_path / "made").exists()


def test_teardown_goes_on_after_a_failure(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "aws", "lora_open_weights", "support")
    tools, calls = tmp_path / "bin", tmp_path / "calls"
    tools.mkdir()
    for tool in ("aws", "docker", "python3"):
        (tools / tool).write_text('#!/bin/sh\necho "$*" >> "$CALLS"\nexit 1\n')
        (tools / tool).chmod(0o755)
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "CALLS": str(calls), "LOTSE_BUCKET": "b"}
    done = subprocess.run(["sh", "teardown.sh"], cwd=folder, env=environment, check=False)
    assert done.returncode == 1
    assert "delete-stack" in calls.read_text()


def test_passages_hold_all_words_and_overlap() -> None:
    words = [f"w{number}" for number in range(500)]
    found = chunks(" ".join(words), 100, 20)
    assert all(len(part.split()) <= 100 for part in found)
    assert found[1].split()[:20] == found[0].split()[-20:]
    assert {word for part in found for word in part.split()} == set(words)
    assert chunks("", 100, 20) == []


@pytest.fixture
def index() -> Index:
    found = Index()
    found.add(Document("a", "Urlaub", "Sie haben 30 Urlaubstage im Jahr."), 50, 5)
    found.add(Document("b", "Gehalt", "Die Gehaltsrunde ist im November.", ("personal",)), 50, 5)
    return found


def test_search_respects_rights_and_deletion(index: Index) -> None:
    assert [hit.document for hit in index.find("Wie viele Urlaubstage?", 3)] == ["a"]
    assert index.find("Gehaltsrunde", 3) == []
    assert [hit.document for hit in index.find("Gehaltsrunde", 3, ["personal"])] == ["b"]
    index.add(Document("a", "Urlaub", "Es sind 28 Tage."), 50, 5)
    assert [hit.text for hit in index.find("Urlaub", 3)] == ["Es sind 28 Tage."]
    index.delete("a")
    assert index.find("Urlaub", 3) == []
    assert index.store.count("a") == 0


def test_search_takes_any_text(index: Index) -> None:
    for question in ('"', "*", "a OR", "Urlaub' --", "NEAR(", "", "ü" * 2000):
        index.find(question, 3)


def test_vectors_join_the_ranking() -> None:
    def embed(texts: list[str]) -> list[list[float]]:
        return [[1.0, 0.0] if "Auto" in text or "Wagen" in text else [0.0, 1.0] for text in texts]

    found = Index(embed=embed)
    found.add(Document("a", "", "Der Wagen ist rot."), 50, 5)
    found.add(Document("b", "", "Das Haus ist blau."), 50, 5)
    assert found.find("Auto", 1)[0].document == "a"


def test_an_answer_without_a_citation_counts_as_unknown(index: Index) -> None:
    config = config_of("azure", "rag", "support")
    made_up = Retrieval(config, index, lambda _: "Es sind 99 Tage.").answer("Urlaubstage?")
    assert (made_up.text, made_up.cited) == (prompts.unknown(config), [])
    wrong = Retrieval(config, index, lambda _: "Es sind 99 Tage [7].").answer("Urlaubstage?")
    assert wrong.text == prompts.unknown(config)
    right = Retrieval(config, index, quote(config)).answer("Wie viele Urlaubstage im Jahr?")
    assert [hit.document for hit in right.cited] == ["a"]


def test_the_prompt_takes_the_nearest_examples() -> None:
    config = config_of("google", "prompting", "mail")
    examples = [
        Example("Rechnung fehlt", "Rechnung"),
        Example("Paket fehlt", "Lieferung"),
        Example("Hallo", "Sonstiges"),
    ]
    seen: list[list[dict[str, str]]] = []

    def ask(messages: list[dict[str, str]]) -> str:
        seen.append(messages)
        return "```\nLieferung\n```"

    assert prompts.PromptSet(config, examples, ask).answer("Wo ist mein Paket?") == "Lieferung"
    assert [turn["content"] for turn in seen[0][-3:]] == ["Paket fehlt", "Lieferung", "Wo ist mein Paket?"]
    assert "Lieferung, Rechnung, Sonstiges" in seen[0][0]["content"]


def test_baselines_learn() -> None:
    examples = [Example("rote Rechnung", "A"), Example("alte Rechnung", "A"), Example("neues Paket", "B")]
    assert NaiveBayes(examples).answer("Rechnung verloren") == "A"
    assert Nearest(examples).answer("Paket verloren") == "B"


@pytest.mark.parametrize(
    ("measure", "given", "expected", "points"),
    [
        ("label", "rechnung.", "Rechnung", 1), ("label", "Rechnungen", "Rechnung", 0),
        ("json", '```json\n{"b": 2, "a": 1}\n```', '{"a": 1, "b": 2}', 1), ("json", "{", '{"a": 1}', 0),
        ("text", "30 Tage", "30 Tage", 1), ("text", "ganz anders", "30 Tage", 0),
    ],
)  # fmt: skip
def test_scores(measure: str, given: str, expected: str, points: float) -> None:
    assert metrics.score(measure, given, expected) == points


def test_the_interval_is_wilsons() -> None:
    low, high = metrics.wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # published example values of the Wilson score interval
    assert metrics.wilson(0, 0) == (0, 1)
    assert [metrics.verdict(*pair, 0.8) for pair in ((0.85, 0.9), (0.5, 0.7), (0.7, 0.9))] == [
        "reached",
        "missed",
        "open",
    ]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    for text, says in (
        ('{"input": "a", "output": "b"}\n{"input": 3}', "line 2"),
        ("[1]", "line 1"),
        ("{", "not valid JSON"),
        ("", "no example"),
    ):
        file.write_text(text)
        with pytest.raises(SetupError, match=says):
            records.read_examples(file)


def test_a_leak_between_training_and_test_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = '{"input": "%s", "output": "x"}\n'
    (tmp_path / "examples.jsonl").write_text(row % "Eine Frage" + row % "Andere")
    (tmp_path / "test.jsonl").write_text(row % "eine  FRAGE")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(SetupError, match="also stand in the training data"):
        evaluate.load(config_of("azure", "rag", "support"))


def test_the_same_input_never_falls_into_both_parts() -> None:
    examples = [Example(f"Frage {number % 50}", "x") for number in range(200)]
    train, test = records.split(examples, 0.2)
    assert len(train) + len(test) == 200
    assert records.leaks(train, test) == []
    assert 0 < len(test) < 100


def test_a_missed_target_ends_with_status_1(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "openai", "no_llm", "mail")
    rows = "".join(
        json.dumps({"input": f"Fall {number}", "output": "A" if number % 2 else "B"}) + "\n" for number in range(400)
    )
    (folder / "data" / "examples.jsonl").write_text(rows)
    (folder / "data" / "test.jsonl").write_text(rows.replace("Fall", "Neu").replace('"A"', '"B"'))
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.evaluate"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert json.loads((folder / "out" / "evaluation.json").read_text())["verdict"] == "missed"


def test_training_rows_hide_nothing_and_arguments_follow_the_report() -> None:
    config = config_of("on_premises", "lora_open_weights", "support")
    row = tune.rows("System", [Example("Frage", "Antwort")])[0]
    assert [turn["role"] for turn in row["prompt"] + row["completion"]] == ["system", "user", "assistant"]
    arguments = tune.arguments(config)
    assert (arguments["num_train_epochs"], arguments["max_length"]) == (3, 2048)


@pytest.mark.parametrize("form", ["chat", "gemini", "bedrock"])
def test_files_for_tuning_services_hold_the_example(form: str) -> None:
    text = json.dumps(provider.row(form, "System", Example("Frage", "Antwort")))
    assert all(part in text for part in ("System", "Frage", "Antwort"))


def test_teaching_goes_on_where_it_stopped(tmp_path: Path) -> None:
    config, asked = config_of("on_premises", "distillation", "support"), []

    def ask(messages: list[dict[str, str]]) -> str:
        asked.append(messages[-1]["content"])
        if len(asked) == 2:
            raise KeyboardInterrupt
        return "gut"

    path = tmp_path / "examples.jsonl"
    with pytest.raises(KeyboardInterrupt):
        teach.teach(config, ["a", "b", "c"], ask, path)
    assert teach.teach(config, ["a", "b", "c"], ask, path) == 2
    assert [json.loads(line)["input"] for line in path.read_text().splitlines()] == ["a", "b", "c"]


def test_a_definition_is_filled_without_changing_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "my-bucket")
    assert fill.filled({"a": ["s3://${BUCKET}/x"], "b": 3}) == {"a": ["s3://my-bucket/x"], "b": 3}
    monkeypatch.setenv("BUCKET", 'x", "y": "z')
    with pytest.raises(SetupError, match="BUCKET"):
        fill.filled("${BUCKET}")
    monkeypatch.delenv("BUCKET")
    with pytest.raises(SetupError, match="Set the environment variable BUCKET"):
        fill.filled("${BUCKET}")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    monkeypatch.setenv("SERVICE_TOKEN", "token-1")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("OUTPUT_DIR", str(tmp_path / "out"))
    folder = kit_folder(tmp_path / "kit", "openai", "no_llm", "mail")
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    (folder / "data" / "examples.example.jsonl").rename(folder / "data" / "examples.jsonl")
    server = service.serve(json.loads((folder / "config.json").read_text()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()
    thread.join()


def _post(
    connection: http.client.HTTPConnection, body: Any, token: str = "token-1", path: str = "/answer"
) -> tuple[int, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    connection.request("POST", path, text.encode(), {"Authorization": f"Bearer {token}", "Connection": "close"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_service_answers_those_with_the_token(running: http.client.HTTPConnection) -> None:
    assert _post(running, {"question": "Wo ist mein Paket?"}) == (200, {"answer": "Lieferung"})
    assert _post(running, {"question": "Wo?"}, token="falsch")[0] == 401
    assert [
        _post(running, body)[0]
        for body in ("{", "[]", {"question": ""}, {"question": "a", "groups": [1]}, {"question": "a", "groups": "hr"})
    ] == [422] * 5
    assert _post(running, {"question": "a"}, path="/other")[0] == 404
    assert _post(running, "x" * 300_000)[0] == 413


def test_the_model_address_must_be_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_URL", "http://example.org/v1")
    monkeypatch.setenv("MODEL_API_KEY", "k")
    with pytest.raises(SetupError, match="https"):
        model.chat(config_of("openai", "prompting", "support"))([])


def test_a_google_job_is_created_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_PROJECT", "p")
    created: list[dict[str, Any]] = []

    class Jobs(google_job.Jobs):
        def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
            if method == "POST" and body:
                created.append({**body, "name": "projects/p/1"})
                return created[-1]
            return {self.kind: created}

    jobs = Jobs("customJobs", "europe-west4", token="t")
    first, second = (jobs.submit({"displayName": "lotse-x"}) for _ in range(2))
    assert first == second
    assert len(created) == 1


class FakeModel(BaseHTTPRequestHandler):
    """An OpenAI-compatible service that is busy at first."""

    busy = 2
    seen: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append({"path": self.path, "key": self.headers["Authorization"], **body})
        status, answer = 200, {"choices": [{"message": {"content": "gut"}}]}
        if self.path.endswith("/embeddings"):
            answer = {"data": [{"index": 1, "embedding": [0.0, 1.0]}, {"index": 0, "embedding": [1.0, 0.0]}]}
        elif type(self).busy:
            type(self).busy -= 1
            status = 429
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


@pytest.fixture
def model_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeModel]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeModel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("MODEL_URL", f"http://127.0.0.1:{server.server_address[1]}/v1")
    monkeypatch.setenv("MODEL_API_KEY", "key-1")
    monkeypatch.setattr(rest, "RETRIES", (0, 0, 0))
    FakeModel.seen, FakeModel.busy = [], 2
    yield FakeModel
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_busy_model_is_asked_again(model_service: type[FakeModel]) -> None:
    config = config_of("openai", "prompting", "support")
    assert model.chat(config)([{"role": "user", "content": "Frage"}]) == "gut"
    assert len(model_service.seen) == 3
    last = model_service.seen[-1]
    assert (last["path"], last["key"], last["model"]) == ("/v1/chat/completions", "Bearer key-1", "gpt-6-luna")
    assert last["max_completion_tokens"] == 800


def test_a_model_that_stays_busy_gives_one_sentence(model_service: type[FakeModel]) -> None:
    model_service.busy = 9
    with pytest.raises(SetupError, match="status 429"):
        model.chat(config_of("openai", "prompting", "support"))([{"role": "user", "content": "Frage"}])


def test_embeddings_come_back_in_order(model_service: type[FakeModel], monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of("azure", "rag", "support")
    assert model.embeddings(config) is None
    monkeypatch.setenv("EMBEDDING_MODEL", "text-embedding-3-large")
    embed = model.embeddings(config)
    assert embed
    assert embed(["a", "b"]) == [[1.0, 0.0], [0.0, 1.0]]


def test_a_tuning_job_is_created_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = kit_folder(tmp_path / "kit", "azure", "managed_tuning", "support")
    monkeypatch.setattr(records, "ROOT", folder)
    provider.write(json.loads((folder / "config.json").read_text()), folder / "out")
    monkeypatch.setattr(tuning_job, "ROOT", folder)
    monkeypatch.setattr(tuning_job, "DEFINITION", folder / "job" / "tuning.json")
    monkeypatch.setenv("OUTPUT_DIR", str(folder / "out"))
    made: list[SimpleNamespace] = []

    def create(**definition: Any) -> SimpleNamespace:
        assert definition["extra_body"] == {"trainingType": "standard"}
        assert {definition["training_file"], definition["validation_file"]} == {"file-1"}
        made.append(SimpleNamespace(id="job-1", status="queued", fine_tuned_model=None, suffix=definition["suffix"]))
        return made[-1]

    jobs = SimpleNamespace(list=lambda limit: made, create=create)
    service_ = SimpleNamespace(
        fine_tuning=SimpleNamespace(jobs=jobs), files=SimpleNamespace(create=lambda **_: SimpleNamespace(id="file-1"))
    )
    assert tuning_job.submit(service_) == tuning_job.submit(service_)
    assert len(made) == 1
    assert json.loads((folder / "out" / "job.json").read_text())["id"] == "job-1"
