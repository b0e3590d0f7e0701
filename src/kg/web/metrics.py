"""Counters and histograms in the format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/.

Every label takes its values from a list that the program knows: route templates, methods, statuses,
codes of our own errors. So no request can add a time series.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

disable_created_metrics()  # type: ignore[no-untyped-call]  # else a second series beside each one

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
_queries: Final = Counter(
    "kg_queries", "Queries given to the workers", ["outcome"], registry=REGISTRY
)
_query_seconds: Final = Histogram(
    "kg_query_seconds",
    "How long a worker was busy with a query",
    buckets=_BUCKETS,
    registry=REGISTRY,
)
_refusals: Final = Counter(
    "kg_budget_refusals", "Requests over the budget of their client", ["budget"], registry=REGISTRY
)
_workers: Final = Gauge(
    "kg_query_workers",
    "Idle workers, workers with a short and with a long query, and queries that wait for one",
    ["state"],
    registry=REGISTRY,
)
_started: Final = Gauge(
    "kg_query_workers_started", "Workers started so far, replacements included", registry=REGISTRY
)
_clients: Final = Gauge("kg_budget_clients", "Clients with a budget in use", registry=REGISTRY)
_release: Final = Gauge("kg_release_info", "The release in use", ["release"], registry=REGISTRY)


def observe(route: str, method: str, status: int, seconds: float, cached: str) -> None:
    """Counts one answered request; `route` is a template, never text of a visitor."""
    method = method if method in METHODS else OTHER
    shown = str(status) if 100 <= status < 600 else OTHER
    requests, durations = _series(route, method, shown)
    requests.inc()
    durations.observe(seconds)
    if cached in ("hit", "miss"):
        _cache_series(cached).inc()


@cache
def _series(route: str, method: str, status: str) -> tuple[Counter, Histogram]:
    """The time series of these labels; finding them anew took two thirds of `observe`."""
    return _requests.labels(route, method, status), _seconds.labels(route)


@cache
def _cache_series(result: str) -> Counter:
    return _cache.labels(result)


def observe_query(outcome: str, seconds: float) -> None:
    """Counts one query that was given to the workers; `outcome` is `ok` or the code of an error."""
    _queries.labels(outcome).inc()
    _query_seconds.observe(seconds)


def count_refusal(budget: str) -> None:
    """Counts one request refused because a client has used up that budget."""
    _refusals.labels(budget).inc()


def exposition(workers: Mapping[str, int], release: str, clients: int) -> bytes:
    """Everything measured so far and the state right now, as text."""
    for state in ("idle", "short", "long", "waiting"):
        _workers.labels(state).set(workers[state])
    _started.set(workers["started"])
    _release.clear()
    _release.labels(release).set(1)
    _clients.set(clients)
    return generate_latest(REGISTRY)
