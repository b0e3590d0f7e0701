"""What one client may use: refused exactly where its budget ends, and never because of another."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.pool import QueryPool
from kg.engine.request import QueryRequest
from kg.engine.shares import Work
from kg.errors import Busy, QueryTimeout
from kg.settings import Settings
from kg.web.budget import Bucket, Budget, network_of

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(app: Flask) -> Iterator[Clock]:
    """The clock of a fresh budget of the application: 6 seconds and 3 errors a minute."""
    found, clock = app.extensions["kg"], Clock()
    before = found.budget
    small = replace(found.settings, budget_seconds_per_minute=6.0, budget_errors_per_minute=3.0)
    found.budget = Budget(small, clock)
    yield clock
    found.budget = before


def test_a_bucket_is_empty_exactly_at_its_end_and_comes_back_steadily() -> None:
    clock = Clock()
    bucket = Bucket(60.0, clock)
    bucket.charge("a", 119.0)
    assert bucket.wait_seconds("a") == 0
    bucket.charge("a", 1.0)
    assert (bucket.wait_seconds("a"), bucket.wait_seconds("b")) == (1, 0)
    clock.now += 1
    assert bucket.wait_seconds("a") == 0
    bucket.charge("a", 31.0)  # one second was left: thirty below nothing
    assert bucket.wait_seconds("a") == 31
    clock.now += 30
    assert bucket.wait_seconds("a") == 1
    clock.now += 1000
    bucket.charge("a", 119.5)  # no more than two minutes are saved up
    assert bucket.wait_seconds("a") == 0
    bucket.charge("a", 0.5)
    assert bucket.wait_seconds("a") == 1


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 90)), max_size=40))
def test_a_bucket_agrees_with_one_that_is_filled_drop_by_drop(
    steps: list[tuple[float, float]],
) -> None:
    clock, level = Clock(), 120.0
    bucket = Bucket(60.0, clock)
    for pause, amount in steps:
        clock.now += pause
        level = min(120.0, level + pause) - amount
        bucket.charge("a", amount)
        if abs(level) > 1e-6:
            assert (bucket.wait_seconds("a") > 0) == (level < 0)


def test_a_budget_of_nothing_bounds_nothing_and_memory_is_bounded() -> None:
    free, bucket = Bucket(0.0, Clock()), Bucket(60.0, Clock())
    free.charge("a", 1e9)
    assert (free.wait_seconds("a"), len(free)) == (0, 0)
    for number in range(20_000):
        bucket.charge(str(number), 500.0)
    assert len(bucket) == 10_000
    assert (bucket.wait_seconds("0"), bucket.wait_seconds("19999")) == (0, 381)


def test_queries_that_a_limit_ends_are_bounded_and_after_the_wait_it_works_again(
    client: FlaskClient, clock: Clock
) -> None:
    for _ in range(6):
        slow = client.get("/sparql", query_string={"query": SLOW, "timeout": "0.1"})
        assert slow.get_json()["code"] == "query_timeout"
    refused = client.get("/sparql?query=ASK%7B%7D")
    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")
    assert refused.headers["Retry-After"] == "1"
    for number in range(5):  # whatever a client writes there, it stays the same client
        forged = {"X-Forwarded-For": f"1.2.3.{number}", "X-Real-IP": f"1.2.3.{number}"}
        assert client.get("/sparql?query=ASK%7B%7D", headers=forged).status_code == 429
    assert client.get("/healthz").status_code == client.get("/limits").status_code == 200
    other = {"REMOTE_ADDR": "127.0.0.2"}
    assert client.get("/sparql?query=ASK%7B%7D", environ_base=other).status_code == 200
    assert client.get("/").status_code == 429
    clock.now += int(refused.headers["Retry-After"])
    assert client.get("/sparql?query=ASK%7B%7D").status_code == 200


def test_seconds_of_processing_are_bounded(client: FlaskClient, app: Flask, clock: Clock) -> None:
    query = {"query": SLOW, "timeout": "0.5"}
    started = time.perf_counter()
    client.get("/sparql", query_string=query)
    spent = time.perf_counter() - started
    bucket = app.extensions["kg"].budget.seconds
    charged = (bucket._paid_until["127.0.0.1"] - clock.now) * 6.0 / 60
    assert 0.5 <= charged <= spent
    bucket.charge("127.0.0.1", 12.0 - charged)
    refused = client.get("/queries/city-counts", headers={"Accept": "text/html"})
    assert refused.status_code == 429 and "is used up; come back in" in refused.get_data(True)
    clock.now += int(refused.headers["Retry-After"])
    assert client.get("/queries/city-counts").status_code == 200


def test_waiting_for_a_worker_is_not_charged(settings: Settings) -> None:
    pool = QueryPool(replace(settings, workers=1, slow_seconds=5.0, queue_seconds=5.0))
    request = QueryRequest("ASK {}", "http://localhost/", {"boolean": "json"})
    slow = QueryRequest(SLOW, "http://localhost/", {"table": "json"})
    long, short = Work("a"), Work("b")

    def block() -> None:
        with pytest.raises(QueryTimeout):
            pool.run(slow, timeout_seconds=1.0, work=long)

    blocker = threading.Thread(target=block)
    try:
        blocker.start()
        time.sleep(0.3)
        started = time.perf_counter()
        pool.run(request, work=short).file.close()
        elapsed = time.perf_counter() - started
        blocker.join()
    finally:
        pool.close()
    assert long.seconds >= 1.0
    assert elapsed - short.seconds > 0.3  # the time until the worker was free again


def test_a_client_never_holds_every_worker_and_only_its_share_of_the_long_lane(
    settings: Settings,
) -> None:
    pool = QueryPool(replace(settings, workers=3, max_slow_queries=4, slow_seconds=0.3))
    slow = QueryRequest(SLOW, "http://localhost/", {"table": "json"})
    cheap = QueryRequest("ASK {}", "http://localhost/", {"boolean": "json"})
    outcomes: list[str] = []

    def flood() -> None:
        try:
            pool.run(slow, timeout_seconds=3.0, work=Work("flood"))
        except (Busy, QueryTimeout) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=flood) for _ in range(12)]
    most = {"short": 0, "long": 0}
    try:
        while pool.count()["idle"] < 3:  # the first one is there, the others are starting
            time.sleep(0.05)
        for thread in threads:
            thread.start()
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            counts = pool.count()
            most = {name: max(value, counts[name]) for name, value in most.items()}
            pool.run(cheap, work=Work("other")).file.close()
            time.sleep(0.01)
        for thread in threads:
            thread.join()
        assert pool.count()["waiting"] == pool.count()["long"] == 0
    finally:
        pool.close()
    assert most == {"short": 2, "long": 2}
    assert sorted(set(outcomes)) == ["busy", "query_timeout"]
    assert outcomes.count("query_timeout") == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("x" * 500, "x" * 64),
    ],
)
def test_one_line_to_the_internet_is_one_client(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_metrics_tell_what_the_workers_do(client: FlaskClient, clock: Clock) -> None:
    client.get("/sparql?query=ASK%7B%7D")
    client.get("/sparql", query_string={"query": SLOW, "timeout": "0.1"})
    text = client.get("/metrics").get_data(as_text=True)
    release = client.get("/readyz").get_json()["release"]
    assert f'kg_release_info{{release="{release}"}} 1.0' in text
    for line in ('kg_queries_total{outcome="ok"}', 'kg_queries_total{outcome="query_timeout"}'):
        assert line in text
    assert 'kg_query_workers{state="waiting"} 0.0' in text
