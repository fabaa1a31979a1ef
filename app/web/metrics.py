"""Counters for operators. Labels are route templates, never paths."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.settings import metrics_folder

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "lotse_requests", "Answers by method, route and status", ["method", "route", "status"], registry=REGISTRY
)
DURATION = Histogram("lotse_request_seconds", "Time to answer by route", ["route"], registry=REGISTRY)


def latest() -> bytes:
    """All counters as text, those of the other server processes included."""
    if not metrics_folder():
        return generate_latest(REGISTRY)
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
    return generate_latest(everyone)
