"""An optional second look at the passages found: off unless RERANK is set; the evaluation prints the ranking with and without.

RERANK=service asks RERANK_URL (a cross-encoder behind the `/rerank` form of Cohere, Jina and vLLM, or `RERANK_FORM=tei` for
Text Embeddings Inference); RERANK=model runs the cross-encoder in the folder RERANK_MODEL where transformers and torch are
installed (tried with random weights only); RERANK=words needs no model: it prefers passages that hold more of the question's words,
rare ones and neighbouring ones above all. That helps long passages and changes little for short ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import log
from typing import Any

from .metrics import words
from .passages import Hit
from .rest import authorization, call
from .setup import SetupError, optional, required

Rerank = Callable[[str, list[Hit]], list[Hit]]
CANDIDATES = 4  # times as many passages are found as are kept after the second look


def reranker() -> Rerank | None:
    """The reranker that RERANK names, or None. Raises SetupError for an unknown one."""
    kind = optional("RERANK")
    if kind in ("", "no"):
        return None
    known: dict[str, Callable[[], Rerank]] = {
        "service": lambda: by_service,
        "words": lambda: by_words,
        "model": by_model,
    }
    if kind not in known:
        raise SetupError("RERANK must be service, model or words.")
    return known[kind]()


def by_service(question: str, hits: list[Hit]) -> list[Hit]:
    """The order of a reranking service. The answer may leave passages out: they come last."""
    address = required("RERANK_URL", "address of the reranker, such as https://host/v2/rerank")
    texts = [f"{hit.title}\n{hit.text}" for hit in hits]
    body: dict[str, Any] = {"query": question, "texts": texts}
    if optional("RERANK_FORM") != "tei":
        body = {"model": optional("RERANK_MODEL"), "query": question, "documents": texts, "top_n": len(texts)}
    answer = call("POST", address, body, authorization(optional("RERANK_API_KEY")), "RERANK_URL")
    rows = answer if isinstance(answer, list) else answer["results"]
    points = {row["index"]: row.get("relevance_score", row.get("score", 0.0)) for row in rows}
    order = sorted(range(len(hits)), key=lambda number: (-points.get(number, float("-inf")), number))
    return [hits[number] for number in order]


def by_model() -> Rerank:
    """A cross-encoder in this process: it reads question and passage together. Raises SetupError without its packages."""
    try:
        import torch  # noqa: PLC0415
        from transformers import AutoModelForSequenceClassification, AutoTokenizer  # noqa: PLC0415
    except ImportError as error:
        raise SetupError("RERANK=model needs the packages torch and transformers.") from error
    name = required("RERANK_MODEL", "folder or name of a cross-encoder")
    tokenizer = AutoTokenizer.from_pretrained(name)
    model = AutoModelForSequenceClassification.from_pretrained(name, trust_remote_code=False, use_safetensors=True)
    model.eval()

    def rerank(question: str, hits: list[Hit]) -> list[Hit]:
        texts = [f"{hit.title}\n{hit.text}" for hit in hits]
        given = tokenizer([question] * len(texts), texts, padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            points = model(**given).logits[:, -1].tolist()
        order = sorted(range(len(hits)), key=lambda number: (-points[number], number))
        return [hits[number] for number in order]

    return rerank


def by_words(question: str, hits: list[Hit]) -> list[Hit]:
    """By the share of the question's words and word pairs in a passage, each weighed by how rare it is among the passages."""
    asked = words(question)
    wanted = {*asked, *pairwise(asked)}
    holds = [_parts(f"{hit.title} {hit.text}") & wanted for hit in hits]
    spread = Counter(part for found in holds for part in found)
    points = [sum(log(1 + len(hits) / spread[part]) for part in found) for found in holds]
    order = sorted(range(len(hits)), key=lambda number: (-points[number], number))
    return [hits[number] for number in order]


def _parts(text: str) -> set[str | tuple[str, str]]:
    found = words(text)
    return {*found, *pairwise(found)}
