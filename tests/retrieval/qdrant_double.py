"""Stands in for a Qdrant server: its documented REST paths over the vendor's request models (unknown fields are refused)
and the vendor's own engine, which the Python client holds for tests. Run in .envs/retrieval; prints its port.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from pydantic import BaseModel, ValidationError
from qdrant_client import QdrantClient, models

engine = QdrantClient(":memory:")
KEY = "store-key"


def create(name: str, given: models.CreateCollection) -> Any:
    return engine.create_collection(name, vectors_config=given.vectors, sparse_vectors_config=given.sparse_vectors)


def upsert(name: str, given: models.PointsList) -> Any:
    return engine.upsert(name, points=given.points).model_dump(mode="json")


def query(name: str, given: models.QueryRequest) -> Any:
    found = engine.query_points(name, given.query, using=given.using, query_filter=given.filter, limit=given.limit)
    return {"points": [point.model_dump(mode="json") for point in found.points]}


def scroll(name: str, given: models.ScrollRequest) -> Any:
    points, following = engine.scroll(name, scroll_filter=given.filter, limit=given.limit, offset=given.offset)
    return {"points": [point.model_dump(mode="json") for point in points], "next_page_offset": following}


def count(name: str, given: models.CountRequest) -> Any:
    return {"count": engine.count(name, count_filter=given.filter, exact=given.exact).count}


def delete(name: str, given: models.FilterSelector) -> Any:
    return engine.delete(name, points_selector=given).model_dump(mode="json")


def index(name: str, given: models.CreateFieldIndex) -> Any:
    return bool(given.field_schema)  # the engine needs none


PATHS: dict[tuple[str, str], tuple[type[BaseModel], Callable[[str, Any], Any]]] = {
    ("PUT", ""): (models.CreateCollection, create),
    ("PUT", "/points"): (models.PointsList, upsert),
    ("PUT", "/index"): (models.CreateFieldIndex, index),
    ("POST", "/points/query"): (models.QueryRequest, query),
    ("POST", "/points/scroll"): (models.ScrollRequest, scroll),
    ("POST", "/points/count"): (models.CountRequest, count),
    ("POST", "/points/delete"): (models.FilterSelector, delete),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer("GET")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        status, result = self._handle(method)
        text = json.dumps({"result": result, "status": "ok" if status == 200 else {"error": "refused"}}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _handle(self, method: str) -> tuple[int, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("api-key") != KEY:
            return 403, None
        _, collections, name, *rest = self.path.partition("?")[0].split("/", 3)
        path = "/" + rest[0] if rest else ""
        if collections != "collections":
            return 404, None
        exists = engine.collection_exists(name)
        if (method, path) == ("GET", "/exists"):
            return 200, {"exists": exists}
        if (method, path) not in PATHS or (not exists and path):
            return 404, None
        model, act = PATHS[method, path]
        try:
            return 200, act(name, model.model_validate_json(body))
        except (ValidationError, ValueError):
            return 400, None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
