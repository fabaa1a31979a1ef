"""The kit's cases, messages and measure for Inspect (package inspect-ai); `inspect_task.py` beside config.json names the tasks.

inspect eval inspect_task.py --model openai-api/kit/NAME     with KIT_BASE_URL and KIT_API_KEY set
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .conversations import with_context, without_context
from .evaluate import load
from .metrics import passed, score, unfenced
from .setup import load_config


def evaluation(context: bool) -> Any:
    """An Inspect task over the test cases, with what the pipeline adds or without."""
    from inspect_ai import Task  # noqa: PLC0415
    from inspect_ai.dataset import MemoryDataset, Sample  # noqa: PLC0415
    from inspect_ai.model import GenerateConfig  # noqa: PLC0415
    from inspect_ai.solver import generate  # noqa: PLC0415

    config = load_config()
    train, test = load(config)
    asked = with_context(config, train) if context else without_context(config)
    samples = [Sample(input=_turns(asked(item)), target=item.output, id=number) for number, item in enumerate(test, 1)]
    settings = GenerateConfig(max_tokens=config["prompt"]["max_output_tokens"])
    return Task(
        dataset=MemoryDataset(samples), solver=generate(), scorer=_scorer(config["evaluation"]), config=settings
    )


def _turns(messages: list[dict[str, str]]) -> list[Any]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser  # noqa: PLC0415

    kinds = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    return [kinds[turn["role"]](content=turn["content"]) for turn in messages]


def _scorer(rules: dict[str, Any]) -> Any:
    """The kit's own measure: the share of right answers with its standard error."""
    from inspect_ai.scorer import Score, accuracy, scorer, stderr  # noqa: PLC0415

    @scorer(metrics=[accuracy(), stderr()], name="right")  # type: ignore[untyped-decorator]
    def right() -> Callable[[Any, Any], Awaitable[Any]]:
        async def judge(state: Any, target: Any) -> Any:
            given = unfenced(state.output.completion)
            points = score(rules["measure"], given, target.text)
            return Score(value=float(passed(rules["measure"], points, rules["text_threshold"])), answer=given)

        return judge

    return right()
