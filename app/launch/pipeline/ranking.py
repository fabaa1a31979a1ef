"""How well passages are ranked: recall, mean reciprocal rank and nDCG against the documents that hold the answer."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from statistics import fmean

from .passages import Hit
from .records import Example
from .rerank import Rerank, by_words
from .retrieval import Retrieval


def ranking(hits: Sequence[Hit], wanted: Sequence[str]) -> dict[str, float]:
    """Each 0 to 1. Documents count once, at their best rank; each wanted one weighs the same."""
    order = list(dict.fromkeys(hit.document for hit in hits))
    ranks = [order.index(document) + 1 for document in dict.fromkeys(wanted) if document in order]
    total = len(set(wanted))
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(total, len(hits)) + 1))
    return {
        "recall": len(ranks) / total,
        "mrr": 1 / min(ranks) if ranks else 0.0,
        "ndcg": sum(1 / log2(rank + 1) for rank in ranks) / ideal if ideal else 0.0,
    }


def rankings(pipeline: Retrieval, test: Sequence[Example]) -> dict[str, dict[str, float]]:
    """The means with and without a second look, over the cases that name their documents; empty without such cases.

    Without RERANK the reranker by words is tried: it costs nothing, and shows whether a better one might pay.
    """
    cases = [item for item in test if item.documents]
    if not cases or pipeline.config["retrieval"]["whole"]:
        return {}
    known: dict[str, Rerank | None] = {"as_found": None, "reranked": pipeline.rerank or by_words}
    return {
        name: means([ranking(_with(pipeline, rerank).passages(item.input), item.documents) for item in cases])
        for name, rerank in known.items()
    }


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of every measure over the rows that have it."""
    names = sorted({name for row in rows for name in row})
    return {name: fmean(row[name] for row in rows if name in row) for name in names}


def _with(pipeline: Retrieval, rerank: Rerank | None) -> Retrieval:
    return Retrieval(pipeline.config, pipeline.index, pipeline.ask, rerank)
