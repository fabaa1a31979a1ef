"""Evaluation on the held-out part: `python -m pipeline.evaluate [--rehearse | --base | --tuned] [--without-context]`.

Writes out/evaluation*.json. Exit status 0: target reached or still open; 1: missed (the stop rule of the report applies);
2: something has to be set up.
`--rehearse` uses no model and no network: it proves that data, search and scoring work before anything is spent.
`--base` and `--tuned` run the base or the tuned model in this process: the comparison before and after.
`--without-context` asks the model the same questions once more without passages or examples: what they bring.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .baseline import baseline
from .faithfulness import faithfulness
from .metrics import passed, score, verdict, wilson
from .model import Chat, chat
from .prompts import PromptSet, is_unknown
from .ranking import means, ranking, rankings
from .records import Example, examples_file, leaks, read_examples, split
from .rerank import reranker
from .retrieval import Grounded, Retrieval, ingest, open_index, quote
from .schema import Schema, schema_for
from .search import Index
from .setup import Config, SetupError, load_config, report

System = Callable[[Example], tuple[str, dict[str, float]]]
MODES = ("rehearse", "base", "tuned")


def load(config: Config) -> tuple[list[Example], list[Example]]:
    """Training and test examples; `test.jsonl` wins over a split of `examples.jsonl`. Raises SetupError on a leak."""
    examples, own_test = read_examples(examples_file("examples")), examples_file("test")
    if own_test.is_file():
        train, test = examples, read_examples(own_test)
    else:
        train, test = split(examples, config["evaluation"]["test_share"])
    shared = leaks(train, test)
    if shared:
        raise SetupError(f"{len(shared)} test cases also stand in the training data, first: {shared[0][:60]!r}.")
    if not train or not test:
        raise SetupError("The data hold too few examples to keep some back for the test; add more or give test.jsonl.")
    return train, test


def system(config: Config, train: list[Example], mode: str) -> System:
    """The configured pipeline as a function from a case to an answer and further measures."""
    if config["pipeline"] == "retrieval":
        return answering(config, retrieval(config, mode))
    if mode == "rehearse" or config["pipeline"] == "baseline":
        simple = baseline(config["evaluation"]["measure"], train)
        return lambda item: (simple.answer(item.input), {})
    if config["pipeline"] == "encoder":
        from .encoder import predictor  # noqa: PLC0415

        predict = predictor()
        return lambda item: (predict(item.input), {})
    schema = schema_for(config, train)
    prompts = PromptSet(config, train, _chat(config, mode, schema), schema=schema)
    return lambda item: (prompts.answer(item.input), {})


def _chat(config: Config, mode: str, schema: Schema | None = None) -> Chat:
    if mode in ("base", "tuned"):
        from .local import local_chat  # noqa: PLC0415

        return local_chat(config, mode == "tuned")
    return chat(config, schema)


def retrieval(config: Config, mode: str) -> Retrieval:
    """The retrieval pipeline; in the rehearsal over an index in memory, with a quotation for an answer."""
    if mode != "rehearse":
        return Retrieval(config, open_index(config), _chat(config, mode), reranker())
    index = Index()
    ingest(config, index)
    return Retrieval(config, index, quote(config))


def answering(config: Config, pipeline: Retrieval) -> System:
    """Retrieval as a system: the answer with the measures of ranking, citations and faithfulness."""

    def answer(item: Example) -> tuple[str, dict[str, float]]:
        given = pipeline.answer(item.input)
        if is_unknown(config, item.output):  # the expert says that the documents do not say
            return given.text, {"unknown_when_absent": float(given.unknown)}
        return given.text, _measures(config, given, item)

    return answer


def _measures(config: Config, given: Grounded, item: Example) -> dict[str, float]:
    found = {"cited": float(bool(given.cited)), "unknown_though_present": float(given.unknown)}
    if not is_unknown(config, given.said):
        found["faithful"] = faithfulness(
            given.said, given.found
        )  # of what the model said, before sentences are dropped
    if item.documents:
        found |= ranking(given.found, item.documents)
        found["found"] = float(found["recall"] > 0)
        found["cited_right"] = float(bool({hit.document for hit in given.cited} & set(item.documents)))
    return found


def without_context(config: Config, mode: str) -> System:
    """The model alone: the task and the question, neither passages nor examples."""
    ask = _chat(config, mode)
    task = {"role": "system", "content": config["task"]}
    return lambda item: (ask([task, {"role": "user", "content": item.input}]), {})


def evaluate(config: Config, test: list[Example], run: System) -> dict[str, Any]:
    """Scores every case; the rate comes with its 95 % interval and is held against the target."""
    rules = config["evaluation"]
    rows = [_case(rules, item, *run(item)) for item in test]
    right = sum(row["right"] for row in rows)
    low, high = wilson(right, len(rows))
    return {
        "goal": rules["goal"], "target": rules["target"], "cases": len(rows), "cases_planned": rules["test_cases"],
        "right": right, "rate": right / len(rows), "low": low, "high": high, "measures": means([row["measures"] for row in rows]),
        "verdict": verdict(low, high, rules["target"]), "stop_rule": rules["stop_rule"],
        "wrong": [row["input"] for row in rows if not row["right"]],
    }  # fmt: skip


def _case(rules: dict[str, Any], item: Example, given: str, measures: dict[str, float]) -> dict[str, Any]:
    points = score(rules["measure"], given, item.output)
    right = passed(rules["measure"], points, rules["text_threshold"])
    return {"input": item.input, "right": right, "measures": {"score": points, **measures}}


def run(config: Config, mode: str, bare: bool) -> dict[str, Any]:
    """The whole evaluation; `bare` adds the model without context, retrieval adds its rankings with and without reranker."""
    train, test = load(config)
    pipeline = retrieval(config, mode) if config["pipeline"] == "retrieval" else None
    result = evaluate(config, test, answering(config, pipeline) if pipeline else system(config, train, mode))
    result["mode"] = mode or "service"
    if pipeline:
        result["ranking"] = rankings(pipeline, test)
    if bare and mode != "rehearse":
        result["without_context"] = evaluate(config, test, without_context(config, mode))
    return result


def summary(result: dict[str, Any]) -> str:
    """What came out, in a few lines."""
    lines = [f"{_rate(result)}; target {result['target']:.0%}: {result['verdict']}."]
    if "without_context" in result:
        lines.append(f"The same model without context: {_rate(result['without_context'])}.")
    for name, found in result.get("ranking", {}).items():
        lines.append(f"Ranking {name}: " + ", ".join(f"{key} {value:.2f}" for key, value in found.items()) + ".")
    shown = ("faithful", "unknown_when_absent", "unknown_though_present")
    lines += [f"{name}: {result['measures'][name]:.0%}" for name in shown if name in result["measures"]]
    return "\n".join(lines)


def _rate(result: dict[str, Any]) -> str:
    interval = f"95 % interval {result['low']:.0%} to {result['high']:.0%}"
    return f"{result['right']} of {result['cases']} right ({result['rate']:.0%}, {interval})"


def main(arguments: list[str]) -> int:
    """Runs the evaluation and says what came out."""
    config = load_config()
    mode = next((name for name in MODES if f"--{name}" in arguments), "")
    result = run(config, mode, "--without-context" in arguments)
    path = report(f"evaluation{'-' + mode if mode else ''}.json", result)
    print(f"{summary(result)}\nDetails: {path}")
    if mode == "rehearse":
        print("This was a rehearsal without a model: everything works; the rate says nothing about the model.")
    return int(result["verdict"] == "missed" and not mode)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
