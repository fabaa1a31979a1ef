"""Evaluation on the held-out part: `python -m pipeline.evaluate [--rehearse | --base | --tuned]`; writes out/evaluation*.json.

Exit status 0: target reached or still open; 1: missed (the stop rule of the report applies); 2: something has to be set up.
`--rehearse` uses no model and no network: it proves that data, search and scoring work before anything is spent.
`--base` and `--tuned` run the base or the tuned model in this process: the comparison before and after.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import fmean
from typing import Any

from .baseline import baseline
from .metrics import passed, score, verdict, wilson
from .model import Chat, chat
from .prompts import PromptSet
from .records import Example, examples_file, leaks, read_examples, split
from .retrieval import Retrieval, ingest, open_index, quote
from .search import Index
from .setup import Config, SetupError, load_config, report

System = Callable[[Example], tuple[str, dict[str, float]]]


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
    rehearse = mode == "rehearse"
    if config["pipeline"] == "retrieval":
        return _retrieval(config, mode)
    if rehearse or config["pipeline"] == "baseline":
        simple = baseline(config["evaluation"]["measure"], train)
        return lambda item: (simple.answer(item.input), {})
    if config["pipeline"] == "encoder":
        from .encoder import predictor  # noqa: PLC0415

        predict = predictor()
        return lambda item: (predict(item.input), {})
    prompts = PromptSet(config, train, _chat(config, mode))
    return lambda item: (prompts.answer(item.input), {})


def _chat(config: Config, mode: str) -> Chat:
    if mode in ("base", "tuned"):
        from .local import local_chat  # noqa: PLC0415

        return local_chat(config, mode == "tuned")
    return chat(config)


def _retrieval(config: Config, mode: str) -> System:
    rehearse = mode == "rehearse"
    index = Index() if rehearse else open_index(config)
    if rehearse:
        ingest(config, index)
    pipeline = Retrieval(config, index, quote(config) if rehearse else _chat(config, mode))

    def answer(item: Example) -> tuple[str, dict[str, float]]:
        given = pipeline.answer(item.input)
        measures = {"cited": float(bool(given.cited))}
        if item.documents:
            measures["found"] = float(bool({hit.document for hit in given.found} & set(item.documents)))
            measures["cited_right"] = float(bool({hit.document for hit in given.cited} & set(item.documents)))
        return given.text, measures

    return answer


def evaluate(config: Config, test: list[Example], run: System) -> dict[str, Any]:
    """Scores every case; the rate comes with its 95 % interval and is held against the target."""
    rules = config["evaluation"]
    rows = [_case(rules, item, *run(item)) for item in test]
    right = sum(row["right"] for row in rows)
    low, high = wilson(right, len(rows))
    extra = {name for row in rows for name in row["measures"]}
    means = {name: fmean(row["measures"][name] for row in rows if name in row["measures"]) for name in sorted(extra)}
    return {
        "goal": rules["goal"], "target": rules["target"], "cases": len(rows), "cases_planned": rules["test_cases"],
        "right": right, "rate": right / len(rows), "low": low, "high": high, "measures": means,
        "verdict": verdict(low, high, rules["target"]), "stop_rule": rules["stop_rule"],
        "wrong": [row["input"] for row in rows if not row["right"]],
    }  # fmt: skip


def _case(rules: dict[str, Any], item: Example, given: str, measures: dict[str, float]) -> dict[str, Any]:
    points = score(rules["measure"], given, item.output)
    right = passed(rules["measure"], points, rules["text_threshold"])
    return {"input": item.input, "right": right, "measures": {"score": points, **measures}}


def main(arguments: list[str]) -> int:
    """Runs the evaluation and says what came out."""
    config = load_config()
    mode = next((item.removeprefix("--") for item in arguments if item in ("--rehearse", "--base", "--tuned")), "")
    train, test = load(config)
    result = evaluate(config, test, system(config, train, mode))
    path = report(f"evaluation{'-' + mode if mode else ''}.json", {**result, "mode": mode or "service"})
    print(f"{result['right']} of {result['cases']} right ({result['rate']:.0%}, 95 % interval {result['low']:.0%} to")
    print(f"{result['high']:.0%}); target {result['target']:.0%}: {result['verdict']}. Details: {path}")
    if mode == "rehearse":
        print("This was a rehearsal without a model: everything works; the rate says nothing about the model.")
    return int(result["verdict"] == "missed" and not mode)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
