"""The very messages the pipeline sends, for other evaluation tools: with what the pipeline adds, and without."""

from __future__ import annotations

from collections.abc import Callable

from .model import Message
from .prompts import PromptSet, grounded
from .records import Example
from .rerank import reranker
from .retrieval import Retrieval, open_index
from .schema import schema_for
from .setup import Config, SetupError

Asked = Callable[[Example], list[Message]]


def with_context(config: Config, train: list[Example]) -> Asked:
    """A case as messages with passages or examples. Raises SetupError for a pipeline without a prompt."""
    if config["pipeline"] == "retrieval":
        pipeline = Retrieval(config, open_index(config), _nothing, reranker())
        return lambda item: grounded(config, item.input, pipeline.passages(item.input))
    if config["pipeline"] != "prompting":
        raise SetupError("Only retrieval and prompting kits send prompts that other tools can evaluate.")
    prompts = PromptSet(config, train, _nothing, schema=schema_for(config, train))
    return lambda item: prompts.messages(item.input)


def without_context(config: Config) -> Asked:
    """A case as the task and the question alone."""
    return lambda item: [{"role": "system", "content": config["task"]}, {"role": "user", "content": item.input}]


def _nothing(messages: list[Message]) -> str:
    return ""
