"""Retrieval: passages = tokens / (length x (1 - overlap)); index = vectors x length x 4 bytes x overhead; searches, reranking, refresh."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.components.lines import TOKENS_PER_UNIT, Desk, PricedLine
from app.domain.components.profile import IN_EU, OWN_MACHINES, Way, requests
from app.domain.statistics import Amount

BYTES_PER_NUMBER, GB, MILLION = 4.0, 1e9, 1e6


def retrieval_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Embedding, index, searches and reranking; own machines need no prices per token."""
    own = way.hosting in OWN_MACHINES
    if own:
        yield desk.line(
            "retrieval.store", "monthly", 1.0, "vector.self_hosted.month", label="Vector store on own machines"
        )
        return
    embedding = f"embedding.{'cohere-embed-v4' if way.hosting in IN_EU else 'text-embedding-3-large'}.tokens"
    indexed = desk.once(
        "indexed tokens", lambda: desk.input("corpus_tokens") / (1 - desk.parameter("retrieval.overlap"))
    )
    searches = desk.once("searches", lambda: requests(desk) * desk.parameter("retrieval.searches"))
    yield desk.line(
        "retrieval.embedding", "one_off", indexed, embedding, TOKENS_PER_UNIT, label="Embedding of the documents"
    )
    refreshed = indexed * desk.input("corpus_change_per_month") + searches * desk.parameter("retrieval.question")
    yield desk.line("retrieval.refresh", "monthly", refreshed, embedding, TOKENS_PER_UNIT, label="Embedding of changed documents and of questions")  # fmt: skip
    yield desk.line("retrieval.minimum", "monthly", 1.0, "vector.managed.minimum", label="Vector store, minimum")
    yield desk.line("retrieval.storage", "monthly", index_gb(desk, indexed), "vector.managed.storage", label="Vector store, stored data")  # fmt: skip
    reads = searches * desk.parameter("retrieval.reads")
    yield desk.line(
        "retrieval.reads", "monthly", reads, "vector.managed.reads", MILLION, label="Vector store, searches"
    )
    yield desk.line(
        "retrieval.rerank", "monthly", searches, "rerank.cohere.search", label="Reranking of the passages found"
    )


def index_gb(desk: Desk, indexed: Amount) -> Amount:
    """GB of the index."""
    vectors = indexed / desk.parameter("retrieval.chunk")
    return vectors * desk.parameter("retrieval.dimensions") * BYTES_PER_NUMBER * desk.parameter("retrieval.index") / GB
