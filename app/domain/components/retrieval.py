"""Retrieval: passages = tokens / (length x (1 - overlap)); index = vectors x length x 4 bytes x overhead; searches, reranking, refresh."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.components.lines import TOKENS_PER_UNIT, Amount, Desk, PricedLine
from app.domain.components.profile import IN_EU, OWN_MACHINES, Way, requests

BYTES_PER_NUMBER, GB, MILLION = 4.0, 1e9, 1e6
QUESTION_TOKENS = 50.0  # a question as it is searched for; too little to matter, but not nothing


def retrieval_lines(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Embedding, index, searches and reranking; own machines need no prices per token."""
    own = way.hosting in OWN_MACHINES
    if own:
        yield desk.line("retrieval.store", "Vector store on own machines", "monthly", 1.0, "vector.self_hosted.month")
        return
    embedding = f"embedding.{'cohere-embed-v4' if way.hosting in IN_EU else 'text-embedding-3-large'}.tokens"
    indexed = desk.once(
        "indexed tokens", lambda: desk.input("corpus_tokens") / (1 - desk.parameter("retrieval.overlap"))
    )
    searches = desk.once("searches", lambda: requests(desk) * desk.parameter("retrieval.searches"))
    yield desk.line("retrieval.embedding", "Embedding of the documents", "one_off", indexed, embedding, TOKENS_PER_UNIT)
    refreshed = indexed * desk.input("corpus_change_per_month") + searches * QUESTION_TOKENS
    yield desk.line("retrieval.refresh", "Embedding of changed documents and of questions", "monthly", refreshed, embedding, TOKENS_PER_UNIT)  # fmt: skip
    yield desk.line("retrieval.minimum", "Vector store, minimum", "monthly", 1.0, "vector.managed.minimum")
    yield desk.line("retrieval.storage", "Vector store, stored data", "monthly", index_gb(desk, indexed), "vector.managed.storage")  # fmt: skip
    reads = searches * desk.parameter("retrieval.reads")
    yield desk.line("retrieval.reads", "Vector store, searches", "monthly", reads, "vector.managed.reads", MILLION)
    yield desk.line("retrieval.rerank", "Reranking of the passages found", "monthly", searches, "rerank.cohere.search")


def index_gb(desk: Desk, indexed: Amount) -> Amount:
    """GB of the index."""
    vectors = indexed / desk.parameter("retrieval.chunk")
    return vectors * desk.parameter("retrieval.dimensions") * BYTES_PER_NUMBER * desk.parameter("retrieval.index") / GB
