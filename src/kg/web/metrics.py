"""Counters and histograms in the format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/.

Every label takes its values from a list that the program knows: route templates, methods, statuses,
codes of our own errors. So no request can add a time series.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""Our own, so that a second application in one process, as in a test, registers nothing twice."""

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
OTHER: Final = "other"
"""What any method or status outside the known ones counts as."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_requests: Final = Counter(
    "kg_http_requests", "Answered requests", ["route", "method", "status"], registry=REGISTRY
)
_seconds: Final = Histogram(
    "kg_http_request_seconds",
    "From the request to the last byte of its answer",
    ["route"],
    buckets=_BUCKETS,
    registry=REGISTRY,
)
_cache: Final = Counter(
    "kg_cache_requests", "Requests that the cache was asked for", ["result"], registry=REGISTRY
)


def observe(route: str, method: str, status: int, seconds: float, cache: str) -> None:
    """Counts one answered request; `route` is a template, never text of a visitor."""
    method = method if method in METHODS else OTHER
    shown = str(status) if 100 <= status < 600 else OTHER
    _requests.labels(route, method, shown).inc()
    _seconds.labels(route).observe(seconds)
    if cache in ("hit", "miss"):
        _cache.labels(cache).inc()


def exposition() -> bytes:
    """Everything measured so far, as text."""
    return generate_latest(REGISTRY)
