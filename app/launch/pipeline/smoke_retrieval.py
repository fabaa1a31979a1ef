"""The smoke test of retrieval and prompting kits, with real models on this machine: `run(config)`; no network, no cost.

Ten documents are taken in with MiniLM, questions are answered by SmolLM2-135M and evaluated with and without passages; one
answer is made to follow a JSON schema. It proves that every part works together. It says nothing about your data or model:
those are judged by `python -m pipeline.evaluate`.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from . import smollm
from .evaluate import run as evaluation
from .evaluate import summary
from .model import chat
from .prompts import Plan, PromptSet
from .records import Example
from .retrieval import Retrieval, open_index
from .schema import derived, text_problems
from .setup import Config, SetupError, report

DATA = Path(__file__).with_suffix(".json")
TASK = "Answer in one short sentence."


def run(config: Config) -> None:
    """Runs everything and says what came out. Raises SetupError when a part does not do its work."""
    server = smollm.start()
    with tempfile.TemporaryDirectory() as folder:
        small = settings(config, Path(folder))
        result = evaluation(small, "", bare=True)
        print(summary(result))
        report("smoke.json", result)
        check(result)
        _deletion(small)
        _structured(small)
    del server
    print("Retrieval, rights, deletion, answers, evaluation and structured output work on this machine.")
    print("The figures are those of a very small model on ten documents; they say nothing about yours.")


def settings(config: Config, folder: Path) -> Config:
    """The kit's settings, cut to the small models, with the data in `folder`."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    rows = {"documents": data["documents"], "test": data["cases"], "examples": [{"input": "Hello", "output": "Hello"}]}
    for name, part in rows.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
    os.environ |= {
        "DATA_DIR": str(folder), "INDEX_FILE": str(folder / "index.sqlite3"), "EMBEDDINGS": "minilm", "STORE_URL": "",
    }  # fmt: skip
    model = {"auth": "none", "protocol": "openai", "name": "smollm2", "limit_field": "max_tokens"}
    return {
        **config, "pipeline": "retrieval", "language": "en", "task": TASK, "model": model,
        "prompt": {"examples": 0, "max_output_tokens": 60, "temperature": 0},
        "retrieval": {"chunk_words": 220, "overlap_words": 40, "top": 1, "fusion": 60, "whole": False, "attribute": True},
        "evaluation": {**config["evaluation"], "measure": "fact", "target": 0.5, "test_cases": len(data["cases"])},
    }  # fmt: skip


def check(result: dict[str, Any]) -> None:
    """Raises SetupError unless the passages were found and helped the model."""
    if result["ranking"]["as_found"]["recall"] < 1:
        raise SetupError("The search missed a document that holds an answer.")
    if result["right"] <= result["without_context"]["right"]:
        raise SetupError("The passages did not help the model; see out/smoke.json.")


def _deletion(config: Config) -> None:
    """Rights and deletion on the index just made."""
    index = open_index(config)
    quiet = Retrieval(config, index, lambda messages: "")
    for groups, seen in (((), False), (("personnel",), True)):
        found = {hit.document for hit in quiet.index.find("When is the pay round prepared?", 10, groups)}
        if ("salary" in found) is not seen:
            raise SetupError("The filter by rights does not work.")
    index.delete("backup")
    if index.store.count("backup") or any(hit.document == "backup" for hit in index.find("backups", 10)):
        raise SetupError("A deleted document is still found.")


def _structured(config: Config) -> None:
    """An answer that has to follow a schema."""
    example = Example("Invoice 4711 over 119.00 euros.", '{"number": "4711", "total": 119.0}')
    schema = derived([json.loads(example.output)])
    plan = Plan("Answer with JSON in the form of the example.", 1)
    given = PromptSet(config, [example], chat(config, schema), plan, schema).answer("Invoice 4712 over 59.50 euros.")
    print(f"Structured output: {given}")
    wrong = text_problems(given, schema)
    if wrong:
        raise SetupError(f"The structured answer breaks its schema: {wrong[0]}.")
