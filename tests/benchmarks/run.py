"""Measures what the project promises and appends it to results.md: `make bench`.

Each section is a function that returns rows of (what, figure, bound). Servers are started on free
ports of this machine; nothing else is contacted.
"""

import argparse
import concurrent.futures
import http.client
import itertools
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import sparq
from analyses import analyses
from labels import suggestions
from speed import bulk_build, export, mix, repeated

from kg.engine.pool import QueryPool
from kg.engine.request import QueryRequest
from kg.errors import QueryTimeout
from kg.release.publish import build
from kg.settings import Settings
from kg.web import create_app

Row = tuple[str, str, str]
HERE = Path(__file__).parent
LOOKUPS = [
    line.split("\t")[0]
    for line in (HERE.parent / "data" / "lookups.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
POINT = "SELECT ?p ?o { <https://w3id.org/industry-kg/id/place/shenzhen> ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_ASKED = itertools.count()
DEADLY = "SELECT * {" + "{" * 4000 + "}" * 4000 + "}"


def milliseconds(call: Callable[[], object], rounds: int) -> list[float]:
    """Sorted times of a call, milliseconds, after a tenth of the rounds as warm-up."""
    times = []
    for number in range(rounds + rounds // 10):
        started = time.perf_counter()
        call()
        if number >= rounds // 10:
            times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def spread(times: list[float]) -> str:
    """Median and 95th percentile."""
    return f"{statistics.median(times):.2f} ms median, {times[int(len(times) * 0.95)]:.2f} ms p95"


def seconds_until(call: Callable[[], object]) -> float:
    """Wall time of one call, seconds."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


# Query workers: ours, Pebble's and the standard library's


def _evaluate(folder: str, query: str) -> bytes | None:
    """What a pool library's worker does: open the store once, answer as JSON."""
    global _store  # one per worker process
    if "_store" not in globals():
        _store = ox.Store.read_only(folder)
    results = _store.query(query)
    assert isinstance(results, ox.QuerySolutions)
    return results.serialize(format=ox.QueryResultsFormat.JSON)


def query_workers(settings: Settings) -> Iterator[Row]:
    """Latency of a point query, lateness of a 1 s deadline, time until the next answer."""
    folder = str((settings.data / "current").resolve() / "store")
    yield from _measure_own(settings)
    try:
        import pebble
    except ImportError:
        yield "Pebble", "not installed", ""
    else:
        yield from _measure_pebble(pebble.ProcessPool, folder)
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        times = milliseconds(lambda: executor.submit(_evaluate, folder, POINT).result(), 500)
        yield "concurrent.futures: point query (no deadline, no kill)", spread(times), ""


def _measure_own(settings: Settings) -> Iterator[Row]:
    pool = QueryPool(settings)
    formats = {"table": "json", "boolean": "json", "graph": "turtle"}

    def ask(query: str) -> None:
        request = QueryRequest(query=query, base_iri="http://localhost/", formats=formats)
        pool.run(request, timeout_seconds=1.0).file.close()

    def late() -> None:
        with suppress(QueryTimeout):
            ask(SLOW)

    yield "own pool: point query", spread(milliseconds(lambda: ask(POINT), 500)), ""
    yield (
        "own pool: end of a query with a deadline of 1 s",
        f"{seconds_until(late):.3f} s",
        "<= 1.5 s",
    )
    yield (
        "own pool: next answer after the kill",
        f"{seconds_until(lambda: ask(POINT)) * 1000:.1f} ms",
        "",
    )
    pool.close()


def _measure_pebble(process_pool: type, folder: str) -> Iterator[Row]:
    with process_pool(max_workers=2) as pool:

        def ask(query: str) -> None:
            pool.schedule(_evaluate, args=(folder, query), timeout=1.0).result()

        def late() -> None:
            with suppress(TimeoutError):
                ask(SLOW)

        yield "Pebble: point query", spread(milliseconds(lambda: ask(POINT), 500)), ""
        yield "Pebble: end of a query with a deadline of 1 s", f"{seconds_until(late):.3f} s", ""
        yield (
            "Pebble: next answer after the kill",
            f"{seconds_until(lambda: ask(POINT)) * 1000:.1f} ms",
            "",
        )


# The endpoint


@contextmanager
def serving(settings: Settings) -> Iterator[http.client.HTTPConnection]:
    """A connection to a running `kg serve`."""
    environment = {**os.environ, **settings.to_environment()}
    process = subprocess.Popen([sys.executable, "-m", "kg", "serve"], env=environment)
    connection = http.client.HTTPConnection(settings.host, settings.port)
    try:
        for _ in range(300):
            try:
                connection.connect()
                break
            except OSError:
                time.sleep(0.1)
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """Body of a GET over the open connection."""
    connection.request("GET", path, headers={"Accept": "application/json"})
    return connection.getresponse().read()


def get_point(connection: http.client.HTTPConnection) -> None:
    """One point query that was not asked before; a refusal ends the run, since none may be lost."""
    connection.request("GET", fresh(POINT), headers={"Accept": "application/json"})
    response = connection.getresponse()
    response.read()
    assert response.status == 200, response.status


def fresh(query: str) -> str:
    """Address of a query that was not asked before, so that its answer is evaluated, not kept."""
    return "/sparql?" + urllib.parse.urlencode({"query": f"{query} # {next(_ASKED)}"})


def endpoint(settings: Settings) -> Iterator[Row]:
    """Ordinary requests over loopback, and the first one after a crash query."""

    def path(query: str) -> str:
        return "/sparql?" + urllib.parse.urlencode({"query": query})

    with serving(settings) as connection:
        times = milliseconds(lambda: get_point(connection), 1000)
        yield "/sparql point query, one keep-alive client", spread(times), "<= 5 ms median"
        for name, query in (("deep nesting", DEADLY), ("deadline of 1 s", SLOW)):
            get(connection, path(query) + "&timeout=1")
            after = seconds_until(lambda: get(connection, path("ASK {}")))
            yield f"/sparql after {name}", f"{after * 1000:.1f} ms", "<= 500 ms"
        for page in ("/", "/network", "/network?focus=e:inovance", "/queries/city-counts"):
            yield (
                f"{page}",
                spread(milliseconds(lambda page=page: get(connection, page), 50)),
                "<= 100 ms p95",
            )
        started = time.perf_counter()
        connection.request("GET", "/export/all.ttl")
        response = connection.getresponse()
        response.read(1)
        yield (
            "/export/all.ttl first byte",
            f"{(time.perf_counter() - started) * 1000:.1f} ms",
            "<= 200 ms",
        )
        response.read()


def heavy_neighbours(settings: Settings) -> Iterator[Row]:
    """Point queries, evaluated each time, while other clients send endless ones all the time."""
    # Refused ones would be no load.
    settings = replace(settings, budget_seconds_per_minute=0, budget_errors_per_minute=0)
    with serving(settings) as connection:
        idle = milliseconds(lambda: get_point(connection), 300)
        yield "point query, idle", f"{spread(idle)}, {idle[int(len(idle) * 0.99)]:.2f} ms p99", ""
        for clients, bound in ((2, "p99 <= 5 x idle"), (4, ""), (12, "p99 <= 5 x idle")):
            with _endless_clients(settings, clients):
                busy = milliseconds(lambda: get_point(connection), 300 if bound else 50)
            ratio = busy[int(len(busy) * 0.99)] / idle[int(len(idle) * 0.99)]
            yield (
                f"the same beside {clients} endless ones",
                f"{spread(busy)}, p99 {ratio:.1f} x idle",
                bound,
            )


@contextmanager
def _endless_clients(settings: Settings, number: int) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=_send_endless, args=(settings, stop)) for _ in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    yield
    stop.set()
    for thread in threads:
        thread.join()


def _send_endless(settings: Settings, stop: threading.Event) -> None:
    # From an address of their own: a client that asks itself to death is no neighbour.
    source = ("127.0.0.2", 0)
    connection = http.client.HTTPConnection(settings.host, settings.port, source_address=source)
    while not stop.is_set():
        get(connection, "/sparql?" + urllib.parse.urlencode({"query": SLOW, "timeout": "2"}))
    connection.close()


def release(settings: Settings) -> Iterator[Row]:
    """The build of the repository's own files, step by step."""
    manifest = build(settings)
    for step, seconds in manifest.seconds.items():
        yield f"kg build: {step}", f"{seconds:.2f} s", ""
    yield (
        "kg build: all",
        f"{sum(manifest.seconds.values()):.2f} s for {manifest.counts['quads']:,} quads",
        "<= 60 s",
    )


def search(settings: Settings) -> Iterator[Row]:
    """Suggestions over a million names, and pages of the shipped graph, in process."""
    with tempfile.TemporaryDirectory() as folder:
        yield from suggestions(Path(folder), 1_000_000)
    client = create_app(settings).test_client()
    for path, bound in (("suggest", "p95 <= 30 ms"), ("search", "p95 <= 100 ms")):
        for text in LOOKUPS:  # warm
            client.get(f"/{path}", query_string={"q": text})
        times = iter(LOOKUPS * 4)
        found = milliseconds(
            lambda times=times, path=path: client.get(f"/{path}", query_string={"q": next(times)}),
            3 * len(LOOKUPS),
        )
        yield f"/{path} of the shipped graph, {len(LOOKUPS)} texts", spread(found), bound


SIZED: dict[str, Callable[[int], Iterator[Row]]] = {
    "Mix": mix,
    "Repeated": repeated,
    "Export": export,
    "Bulk build": bulk_build,
}
"""Sections over a generated graph of the size that `--triples` names."""

SECTIONS: dict[str, Callable[[Settings], Iterator[Row]]] = {
    "Release": release,
    "Query workers": query_workers,
    "Endpoint": endpoint,
    "Heavy neighbours": heavy_neighbours,
    "Search": search,
    "Analyses": analyses,
}


def main() -> None:
    """Runs the sections named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*SECTIONS, *SIZED]
    parser.add_argument("sections", nargs="*", choices=[[], *known], default=[], metavar="SECTION")
    parser.add_argument(
        "--triples", type=int, nargs="+", default=[1_000_000], help="sizes of the generated graph"
    )
    options = parser.parse_args()
    wanted = options.sections or known
    processors = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    lines = [
        f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {processors}, Python {platform.python_version()}, pyoxigraph {ox.__version__}, sparq {sparq.__version__}"
    ]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({}, data=Path(folder), port=8765, workers=4)
        if set(wanted) & set(SECTIONS):
            build(settings)
        for name in wanted:
            if name in SECTIONS:
                lines += _report(name, SECTIONS[name](settings))
            for size in options.triples if name in SIZED else ():
                lines += _report(f"{name}, {size:,} triples", SIZED[name](size))
    with (HERE / "results.md").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _report(title: str, rows: Iterator[Row]) -> list[str]:
    """A section as Markdown, printed while it is made."""
    lines = ["", f"### {title}", "", "| what | measured | bound |", "|---|---|---|"]
    for row in rows:
        print(*row, sep="  |  ", flush=True)  # noqa: T201  # a program for the terminal
        lines.append(f"| {' | '.join(row)} |")
    return lines


if __name__ == "__main__":
    main()
