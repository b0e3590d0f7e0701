"""How long another client's short queries take while one client floods the endpoint with endless ones.

Run as `python tests/benchmarks/flood.py [seconds]`; the clients are 127.0.0.1 and 127.0.0.2. Bound:
99 of 100 short queries within 5 times what they take on the idle server.
"""

import http.client
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))
import conftest

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SHORT = "SELECT ?o {{ <https://w3id.org/industry-kg/id/chain/humanoid> ?p ?o }} #{}"
CONNECTIONS = 12


def ask(connection: http.client.HTTPConnection, query: str) -> int:
    """The status of one answer, read to its end."""
    connection.request("GET", "/sparql?" + urlencode({"query": query}))
    response = connection.getresponse()
    response.read()
    return response.status


def measure(host: str, seconds: float) -> tuple[list[float], Counter[int]]:
    """Sorted milliseconds of short queries from 127.0.0.2, each another text, and their statuses."""
    connection = http.client.HTTPConnection(host, source_address=("127.0.0.2", 0), timeout=60)
    took, statuses = [], Counter[int]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.perf_counter()
        statuses[ask(connection, SHORT.format(time.perf_counter_ns()))] += 1
        took.append((time.perf_counter() - started) * 1000)
        time.sleep(0.01)
    connection.close()
    return sorted(took), statuses


def flood(host: str, ended: threading.Event, statuses: Counter[int]) -> None:
    """Endless queries one after another, whatever the answer is."""
    while not ended.is_set():
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            while not ended.is_set():
                statuses[ask(connection, f"{ENDLESS} #{time.perf_counter_ns()}")] += 1
        except (OSError, http.client.HTTPException):
            statuses[0] += 1
        finally:
            connection.close()


def show(name: str, took: list[float], statuses: Counter[int]) -> float:
    """Prints a line; returns the 99th percentile."""
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    figures = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {took[-1]:.1f} ms"
    print(f"{name}: {len(took)} queries, {figures}, {dict(statuses)}")  # noqa: T201
    return p99


def main() -> None:
    """Idle, flooded, and the ratio."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with conftest.serving(os.environ) as url:
        host = url.removeprefix("http://")
        measure(host, 2.0)
        idle = show("idle", *measure(host, seconds))
        ended, statuses = threading.Event(), Counter[int]()
        threads = [
            threading.Thread(target=flood, args=(host, ended, statuses), daemon=True)
            for _ in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for phase in range(4):
            flooded = show(f"flooded, part {phase + 1}", *measure(host, seconds))
            print(f"  p99 {flooded / idle:.1f} times idle; the flood got {dict(statuses)}")  # noqa: T201
        ended.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
