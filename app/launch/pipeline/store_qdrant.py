"""Passages in Qdrant over its REST form: BM25 as sparse vectors with Qdrant's own IDF, dense vectors, rights as a filter.

Checked against the vendor's request models and its engine inside the Python client; never run against a real Qdrant server.
Form: https://api.qdrant.tech/api-reference (create collection, upsert, query, scroll, count and delete points).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from .metrics import words
from .passages import Hit, Vector
from .records import Document
from .rest import Refused, call
from .setup import optional
from .wording import search_words

COLLECTION = "lotse_passages"
INDEXES = {"document": "keyword", "readers": "keyword", "open": "bool", "place": "integer"}
K, B, USUAL_LENGTH = 1.2, 0.75, 200  # BM25's usual constants; words of a usual passage, as Qdrant keeps no mean length
PAGE = 1000  # passages in one answer


class QdrantStore:
    """Passages in one collection. The key of the service is read from STORE_API_KEY."""

    def __init__(self, address: str) -> None:
        self.base = f"{address.rstrip('/')}/collections/{COLLECTION}"

    def replace(self, document: Document, passages: list[str], vectors: list[Vector] | None) -> None:
        """See Store. New passages come first and surplus old ones go last, so the document is never missing."""
        self._create(len(vectors[0]) if vectors else 0)
        points = [_point(document, place, text, vectors) for place, text in enumerate(passages)]
        if points:
            self._call("PUT", "/points?wait=true", {"points": points})
        surplus = [_is("document", document.id), {"key": "place", "range": {"gte": len(passages)}}]
        self._call("POST", "/points/delete?wait=true", {"filter": {"must": surplus}})

    def delete(self, document: str) -> None:
        """See Store."""
        self._call("POST", "/points/delete?wait=true", {"filter": {"must": [_is("document", document)]}})

    def by_words(self, question: str, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store."""
        asked = sorted({_number(word) for word in search_words(question)})
        sparse = {"indices": asked, "values": [1.0] * len(asked)}
        return self._query({"query": sparse, "using": "words"}, groups, top) if asked else []

    def by_vector(self, vector: Vector, groups: Sequence[str], top: int) -> list[Hit]:
        """See Store. Raises SetupError when the passages were taken in with other embeddings."""
        return self._query({"query": vector, "using": "text"}, groups, top)

    def all(self, groups: Sequence[str]) -> list[Hit]:
        """See Store."""
        found: list[Hit] = []
        body: dict[str, Any] = {"filter": _readable(groups), "limit": PAGE, "with_payload": True}
        while True:
            page = self._call("POST", "/points/scroll", body)["result"]
            found += [_hit(row) for row in page["points"]]
            body["offset"] = page.get("next_page_offset")
            if body["offset"] is None:
                return sorted(found, key=lambda hit: (hit.document, hit.place))

    def count(self, document: str = "") -> int:
        """See Store. 0 while there is no collection."""
        where = {"filter": {"must": [_is("document", document)]}} if document else {}
        try:
            return int(self._call("POST", "/points/count", {"exact": True, **where})["result"]["count"])
        except Refused as error:
            if error.status == 404:
                return 0
            raise

    def close(self) -> None:
        """See Store; HTTP keeps nothing open."""

    def _query(self, asked: dict[str, Any], groups: Sequence[str], top: int) -> list[Hit]:
        body = {**asked, "filter": _readable(groups), "limit": top, "with_payload": True}
        return [_hit(row) for row in self._call("POST", "/points/query", body)["result"]["points"]]

    def _create(self, size: int) -> None:
        """Makes the collection and the indexes its filters need, unless it is there."""
        if self._call("GET", "/exists")["result"]["exists"]:
            return
        dense = {"text": {"size": size, "distance": "Cosine"}} if size else {}
        self._call("PUT", "", {"vectors": dense, "sparse_vectors": {"words": {"modifier": "idf"}}})
        for field, schema in INDEXES.items():
            self._call("PUT", "/index?wait=true", {"field_name": field, "field_schema": schema})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        key = optional("STORE_API_KEY")
        return call(method, self.base + path, body, {"api-key": key} if key else {}, "STORE_URL")


def _point(document: Document, place: int, text: str, vectors: list[Vector] | None) -> dict[str, Any]:
    dense = {"text": vectors[place]} if vectors else {}
    return {
        "id": str(uuid5(NAMESPACE_URL, f"{document.id}#{place}")),
        "vector": {"words": _sparse(f"{document.title} {text}"), **dense},
        "payload": {
            "document": document.id,
            "title": document.title,
            "text": text,
            "place": place,
            "open": not document.allowed,
            "readers": list(document.allowed),
        },
    }


def _sparse(text: str) -> dict[str, Any]:
    """The BM25 weight of each word but for the IDF, which Qdrant multiplies in."""
    found = words(text)
    weights: dict[int, float] = {}
    for word, times in Counter(found).items():
        weight = times * (K + 1) / (times + K * (1 - B + B * len(found) / USUAL_LENGTH))
        weights[_number(word)] = weights.get(_number(word), 0.0) + weight
    return {"indices": list(weights), "values": list(weights.values())}


def _number(word: str) -> int:
    return crc32(word.encode())


def _is(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "match": {"value": value}}


def _readable(groups: Sequence[str]) -> dict[str, Any]:
    mine = [{"key": "readers", "match": {"any": list(groups)}}] if groups else []
    return {"should": [_is("open", True), *mine]}


def _hit(row: dict[str, Any]) -> Hit:
    given = row["payload"]
    return Hit(given["document"], given["title"], given["text"], given["place"])
