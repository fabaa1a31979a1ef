"""Counters for operators. Labels are route templates, never paths."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "lotse_requests", "Answers by method, route and status", ["method", "route", "status"], registry=REGISTRY
)
DURATION = Histogram("lotse_request_seconds", "Time to answer by route", ["route"], registry=REGISTRY)
