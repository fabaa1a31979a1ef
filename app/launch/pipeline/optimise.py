"""The prompt optimiser: `python -m pipeline.optimise [CALLS]` tries instructions, numbers and choices of examples.

Successive halving (Jamieson, Talwalkar 2016): all candidates answer a few cases, the better half goes on to twice as many,
until one is left or the CALLS (default 400) are used up. Only training data are used, cut into three parts: examples to
show, cases to choose by, and cases to confirm by, which no choice has seen. The test part is never touched.
The winner is kept (out/prompt.json, read by evaluation and service) only if it is better on the confirming cases.
More instructions to try: one a line in data/instructions.txt.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from itertools import product
from typing import Any, Literal

from .evaluate import load
from .metrics import passed, score, wilson
from .model import Chat, chat
from .prompts import Plan, PromptSet, instruction, labels_in, plan_file
from .records import Example, data_folder, split
from .schema import schema_for
from .setup import Config, SetupError, load_config

CALLS = 400  # budget of model calls
FIRST_CASES = 4  # cases in the first round
SHARES = (0.5, 0.5)  # kept for choosing and confirming; of that, for confirming
SHOTS = (0, 2, 4, 8)
CHOICES: tuple[Literal["nearest", "first"], ...] = ("nearest", "first")
ADVICE = {
    "de": ("", "Achten Sie auf Grenzfälle und entscheiden Sie nach dem Anliegen, nicht nach einzelnen Wörtern.",
           "Lesen Sie die Eingabe zweimal. Antworten Sie knapp und genau in der Form der Beispiele."),
    "en": ("", "Mind the borderline cases and decide by what is meant, not by single words.",
           "Read the input twice. Answer briefly and exactly in the form of the examples."),
}  # fmt: skip


class Budget:
    """Counts the calls of a model."""

    def __init__(self, ask: Chat, calls: int) -> None:
        self.ask, self.left = ask, calls

    def __call__(self, messages: list[dict[str, str]]) -> str:
        """One call."""
        self.left -= 1
        return self.ask(messages)


def candidates(config: Config, examples: list[Example]) -> list[Plan]:
    """The first prompt, then every combination of instruction, number and choice of examples."""
    base = instruction(config, labels_in(config, examples))
    own = data_folder() / "instructions.txt"
    lines = own.read_text(encoding="utf-8").splitlines() if own.is_file() else []
    texts = [f"{base}\n{advice}".strip() for advice in ADVICE[config["language"]]]
    texts += [line for line in lines if line.strip()]
    first = Plan(base, config["prompt"]["examples"])
    found = [Plan(*parts) for parts in product(texts, SHOTS, CHOICES) if parts[1] or parts[2] == "nearest"]
    return list(dict.fromkeys([first, *found]))


def halving(
    plans: list[Plan], cases: list[Example], rate: Callable[[Plan, list[Example]], int], left: Callable[[], int]
) -> Plan:
    """The plan that survives; `rate` counts right answers, `left` says for how many cases calls are left. Ties go to the earlier plan."""
    size = FIRST_CASES
    while len(plans) > 1 and left() >= len(plans) * min(size, len(cases)):
        right = {plan: rate(plan, cases[:size]) for plan in plans}
        plans = sorted(plans, key=lambda plan: -right[plan])[: (len(plans) + 1) // 2]
        size *= 2
    return plans[0]


def optimise(config: Config, train: list[Example], ask: Chat, calls: int) -> dict[str, Any]:
    """Searches, confirms and says what came out. Raises SetupError when there are too few examples or calls."""
    shown, kept = split(train, SHARES[0], "optimise")
    choosing, confirming = split(kept, SHARES[1], "confirm")
    if not shown or len(choosing) < FIRST_CASES or len(confirming) < FIRST_CASES:
        raise SetupError(f"{len(train)} examples are too few to optimise by; about 40 are needed at least.")
    plans, schema, budget = candidates(config, train), schema_for(config, train), Budget(ask, calls)
    each = 2 if schema else 1  # calls for a case at most: JSON may have to be repaired
    reserve = 2 * len(confirming) * each
    least = len(plans) * FIRST_CASES * each + reserve
    if calls < least:
        raise SetupError(f"{calls} calls are too few: {least} are needed at least.")

    @cache
    def right(plan: Plan, item: Example) -> bool:
        return _right(config, PromptSet(config, shown, budget, plan, schema).answer(item.input), item)

    def rate(plan: Plan, cases: list[Example]) -> int:
        return sum(right(plan, item) for item in cases)

    best = halving(plans, choosing, rate, lambda: (budget.left - reserve) // each)
    before, after = (rate(plan, confirming) for plan in (plans[0], best))
    kept_plan = best if after > before else plans[0]
    return {
        "plan": asdict(kept_plan), "changed": kept_plan != plans[0], "tried": len(plans), "calls": calls - budget.left,
        "before": _rate(before, len(confirming)), "after": _rate(after, len(confirming)),
    }  # fmt: skip


def _right(config: Config, given: str, item: Example) -> bool:
    rules = config["evaluation"]
    return passed(rules["measure"], score(rules["measure"], given, item.output), rules["text_threshold"])


def _rate(right: int, cases: int) -> dict[str, float]:
    low, high = wilson(right, cases)
    return {"right": right, "cases": cases, "low": low, "high": high}


def main(arguments: list[str]) -> int:
    """Optimises with the configured model and says what came out."""
    config = load_config()
    if config["pipeline"] != "prompting":
        raise SetupError("Only a prompting kit has a prompt to optimise.")
    train, _ = load(config)
    calls = int(arguments[0]) if arguments and arguments[0].isdigit() else CALLS
    result = optimise(config, train, chat(config, schema_for(config, train)), calls)
    path = plan_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(summary(result), f"Kept in {path}; now run python -m pipeline.evaluate.", sep="\n")
    return 0


def summary(result: dict[str, Any]) -> str:
    """What came out; it says so when the gain may be chance."""
    lines = [f"{result['tried']} prompts tried with {result['calls']} calls."]
    for name in ("before", "after"):
        found = result[name]
        interval = f"95 % interval {found['low']:.0%} to {found['high']:.0%}"
        lines.append(f"{name}: {found['right']} of {found['cases']} ({interval})")
    if result["after"]["low"] < result["before"]["high"]:
        lines.append("The intervals overlap: the difference may be chance.")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
