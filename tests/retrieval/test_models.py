"""The kits' own code with real models on the processor: MiniLM, SmolLM2-135M, PostgreSQL, Inspect. Needs .envs/retrieval."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.retrieval.kits import call, http_service, kit_folder, service

if TYPE_CHECKING:
    from bench.postgres import Postgres

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".envs" / "retrieval" / "bin" / "python"
INSPECT = ROOT / ".envs" / "inspect" / "bin" / "inspect"
pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(not PYTHON.is_file(), reason=".envs/retrieval is missing; .ci/environments makes it"),
]
PARAPHRASED = {  # no word of the question but the most common ones stands in the document
    "How many vacation days does an employee get?": "leave",
    "Can I work from home?": "remote",
    "How do I get reimbursed for business trips?": "travel",
    "What do I do when I am ill?": "sickness",
}


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The kit's Python with its smoke environment and no other variables; a failure shows what it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    done = subprocess.run(
        [PYTHON, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A retrieval kit whose data are the ten documents of its smoke test."""
    folder = kit_folder(tmp_path_factory.mktemp("rag") / "kit", "azure", "rag", "bank")
    data = json.loads((folder / "pipeline" / "smoke_retrieval.json").read_text())
    rows = {"documents": data["documents"], "test": data["cases"], "examples": [{"input": "Hello", "output": "Hello"}]}
    for name, part in rows.items():
        (folder / "data" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    return folder


@contextmanager
def small_model(folder: Path) -> Iterator[str]:
    """SmolLM2 in a process of its own; yields its address."""
    code = "import os; from pipeline import smollm; server = smollm.start(); print(os.environ['MODEL_URL'], flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([PYTHON, "-c", code], cwd=folder, text=True, **pipes)  # type: ignore[call-overload]
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("\n", timeout=20)


def settings(folder: Path, **changes: dict[str, Any]) -> str:
    """The kit's settings, cut to what a model of 135 million parameters can do."""
    config = json.loads((folder / "config.json").read_text())
    cuts: dict[str, dict[str, Any]] = {
        "prompt": {"max_output_tokens": 60, "temperature": 0}, "evaluation": {"measure": "fact"},
        "retrieval": {"top": 1, "attribute": True}, "model": {"auth": "none", "limit_field": "max_tokens"},
    }  # fmt: skip
    for name, values in [*cuts.items(), *changes.items()]:
        config[name] |= values
    return json.dumps({**config, "task": "Answer in one short sentence."})


def test_the_smoke_test_answers_better_with_passages_than_without(rag: Path) -> None:
    code = "from pipeline import setup, smoke_retrieval; smoke_retrieval.run(setup.load_config())"
    done = run(rag, "-c", code)
    assert "work on this machine" in done.stdout
    result = json.loads((rag / "out" / "smoke.json").read_text())
    assert result["right"] >= 0.75 * result["cases"] > result["without_context"]["right"]
    assert result["measures"]["unknown_when_absent"] == result["measures"]["recall"] == 1
    assert result["measures"]["faithful"] >= 0.5


FIND = """
import json, sys
from pipeline import retrieval, setup
index = retrieval.open_index(setup.load_config())
by_meaning = lambda q: index.store.by_vector(index.embed([q])[0], (), 3) if index.embed else []
found = {q: [by_meaning(q), index.store.by_words(q, (), 3), index.find(q, 3)] for q in json.loads(sys.argv[1])}
print(json.dumps({q: [[hit.document for hit in hits] for hits in lists] for q, lists in found.items()}))
"""


def test_meaning_finds_what_words_miss_and_stores_agree(rag: Path, tmp_path: Path, postgres: Postgres) -> None:
    address = postgres.create().replace("postgresql+psycopg", "postgresql")
    stores = {"sqlite": f"sqlite:{tmp_path}/a.sqlite3", "postgresql": address}
    questions = json.dumps(list(PARAPHRASED))
    found, missed = {}, set()
    for name, store in stores.items():
        found[name] = json.loads(run(rag, "-c", FIND, questions, STORE_URL=store, EMBEDDINGS="minilm").stdout)
        for question, document in PARAPHRASED.items():
            by_meaning, by_words, both = found[name][question]
            assert by_meaning[0] == document
            assert document in both
            missed |= set() if document in by_words[:1] else {question}
    assert len(missed) >= 2
    assert [lists[0] for lists in found["sqlite"].values()] == [lists[0] for lists in found["postgresql"].values()]
    for store in stores.values():
        assert "deleted" in run(rag, "-m", "pipeline.retrieval", "delete", "leave", STORE_URL=store).stdout
        assert (
            "leave"
            not in run(
                rag, "-c", FIND, '["How many days of leave?"]', STORE_URL=store, EMBEDDINGS="minilm"
            ).stdout.split(":")[1]
        )


def test_other_weights_than_the_tried_ones_are_refused(rag: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"other")
    environment = {"PATH": os.environ["PATH"], "EMBEDDINGS": "minilm", "MINILM_MODEL": str(tmp_path / "model.onnx")}
    command = [PYTHON, "-m", "pipeline.retrieval", "ingest"]
    done = subprocess.run(command, cwd=rag, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is not the file that was tried" in done.stderr


def test_the_checks_catch_what_a_real_model_makes_up(rag: Path) -> None:
    """A model of this size makes things up: what no passage bears out is neither answered nor counted as faithful."""
    code = (
        "import json; from pipeline import setup, retrieval as r, model, faithfulness as f; c = setup.load_config();"
        "p = r.Retrieval(c, r.open_index(c), model.chat(c)); a = p.answer('What is the capital of France?');"
        "print(json.dumps([a.unknown, a.said, f.faithfulness(a.said, a.found)]))"
    )
    with small_model(rag) as address:
        variables = {"MODEL_URL": address, "MODEL_API_KEY": "none", "EMBEDDINGS": "minilm", "KIT_CONFIG": settings(rag)}
        unknown, said, faithful = json.loads(run(rag, "-c", code, **variables).stdout)
    assert said
    assert (unknown, faithful) == (True, 0)


def test_the_service_answers_from_postgresql(rag: Path, tmp_path: Path, postgres: Postgres) -> None:
    """Model, embeddings and database are real; only the network is this machine's own."""
    address = postgres.create().replace("postgresql+psycopg", "postgresql")
    with small_model(rag) as model:
        variables = {
            "MODEL_URL": model, "MODEL_API_KEY": "none", "EMBEDDINGS": "minilm", "STORE_URL": address,
            "KIT_CONFIG": settings(rag), "OUTPUT_DIR": str(tmp_path),
        }  # fmt: skip
        with service(rag, str(PYTHON), **variables) as (there, _):
            asked = {"question": "How long may customers return goods?"}
            status, found = call(f"{there}/answer", asked)
            secret = {"question": "What is the budget of the pay round?"}
            assert call(f"{there}/answer", secret)[1].get("sources") == []
            assert [source["document"] for source in found["sources"]] == ["refund"]
            assert (status, found["unknown"]) == (200, False)
            assert "42 days" in found["answer"]
    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert [(line["unknown"], line["found"]) for line in lines] == [(False, 1), (True, 1)]


@pytest.mark.skipif(not INSPECT.is_file(), reason=".envs/inspect is missing; .ci/environments makes it")
def test_inspect_runs_the_kits_tasks(rag: Path, tmp_path: Path) -> None:
    with small_model(rag) as address:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "KIT_BASE_URL": address, "KIT_API_KEY": "none",
            "INSPECT_LOG_FORMAT": "json", "KIT_CONFIG": settings(rag),
        }  # fmt: skip
        command = [INSPECT, "eval", "inspect_task.py", "--model", "openai-api/kit/smollm2", "--temperature", "0"]
        command += ["--log-dir", str(tmp_path / "logs"), "--display", "none", "--max-connections", "1"]
        done = subprocess.run(
            command, cwd=rag, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stderr[-2000:]
    logs = [json.loads(path.read_text()) for path in (tmp_path / "logs").glob("*.json")]
    rates = {log["eval"]["task"]: log["results"]["scores"][0]["metrics"]["accuracy"]["value"] for log in logs}
    assert rates["with_context"] >= 0.5 > rates["without_context"]


@pytest.mark.slow
def test_the_optimiser_works_with_a_real_model(tmp_path: Path) -> None:
    folder = kit_folder(tmp_path / "kit", "google", "prompting", "mail")
    subjects = {
        "invoice": "my invoice is wrong",
        "delivery": "the parcel has not arrived",
        "cancellation": "I cancel my contract",
    }
    rows = [{"input": f"Letter {n}: {text}.", "output": label} for n in range(17) for label, text in subjects.items()]
    for name, part in {"examples": rows[3:], "test": rows[:3]}.items():
        (folder / "data" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    with small_model(folder) as address:
        config = settings(folder, evaluation={"measure": "label"}, prompt={"max_output_tokens": 8, "examples": 0})
        variables = {"MODEL_URL": address, "MODEL_API_KEY": "none", "KIT_CONFIG": config}
        few = "from pipeline import optimise as o; o.SHOTS = (0, 4); o.ADVICE['de'] = ('',); o.main(['60'])"  # less to try
        done = run(folder, "-c", few, **variables)
        result = json.loads((folder / "out" / "prompt.json").read_text())
        run(folder, "-m", "pipeline.evaluate", **variables)
    assert "prompts tried" in done.stdout
    assert result["calls"] <= 60
    assert result["before"]["right"] < result["after"]["right"]
    assert result["plan"]["examples"] > 0
    assert json.loads((folder / "out" / "evaluation.json").read_text())["right"] >= 2


def test_traces_have_the_form_of_the_vendors_own_types(rag: Path) -> None:
    """OTLP's published protobuf types read what the kit sends; they refuse unknown fields."""
    received: list[Any] = []

    def answer(path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        received.append(body)
        return 200, {}

    code = "from pipeline.traces import span\nwith span('a', 'CHAIN', {'x': 1, 'y': 0.5, 'z': True}):\n  with span('b', 'LLM'): pass"
    with http_service(answer) as address:
        run(rag, "-c", code, OTEL_EXPORTER_OTLP_ENDPOINT=address)
    check = (
        "import json, sys; from google.protobuf import json_format as j;"
        "from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as R;"
        "print(sum(len(s.spans) for b in json.loads(sys.argv[1]) for r in j.ParseDict(b, R()).resource_spans for s in r.scope_spans))"
    )
    assert run(rag, "-c", check, json.dumps(received)).stdout.strip() == "2"


TRAINING = ROOT / ".envs" / "training" / "bin" / "python"
CROSS_ENCODER = """
import json, sys
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
from pipeline import rerank
from pipeline.passages import Hit
folder = sys.argv[1]
with open(folder + "/vocab.txt", "w") as file:
    file.write("\\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "leave", "backup", "lunch"]))
tokenizer = BertTokenizerFast(folder + "/vocab.txt", model_max_length=32)
size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
model = BertForSequenceClassification(BertConfig(vocab_size=7, num_labels=1, **size)).eval()
tokenizer.save_pretrained(folder), model.save_pretrained(folder)
hits = [Hit(word, "", word) for word in ("lunch", "backup", "leave")]
given = tokenizer(["leave"] * 3, ["\\n" + hit.text for hit in hits], return_tensors="pt", padding=True)
points = dict(zip((hit.document for hit in hits), model(**given).logits[:, 0].tolist()))
found = [hit.document for hit in rerank.reranker()("leave", hits)]
print(json.dumps([found, sorted(points, key=lambda name: -points[name])]))
"""


@pytest.mark.skipif(not TRAINING.is_file(), reason=".envs/training is missing; .ci/environments makes it")
def test_a_cross_encoder_orders_passages_by_its_points(rag: Path, tmp_path: Path) -> None:
    """Random weights: the order means nothing, but it is the model's own."""
    environment = {"PATH": os.environ["PATH"], "RERANK": "model", "RERANK_MODEL": str(tmp_path)}
    command = [TRAINING, "-c", CROSS_ENCODER, str(tmp_path)]
    done = subprocess.run(command, cwd=rag, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found, expected = json.loads(done.stdout.splitlines()[-1])
    assert found == expected
