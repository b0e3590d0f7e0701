"""A foreign query can be slow, greedy or deadly: only its worker notices."""

import contextlib
import http.server
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.engine.cancel import Cancellation
from kg.engine.explain import error_of
from kg.engine.pool import QueryPool
from kg.engine.request import QueryAnswer, QueryRequest
from kg.errors import (
    Busy,
    EvaluationFailed,
    QueryCancelled,
    QueryCrashed,
    QueryMemory,
    QueryTimeout,
)
from kg.settings import Settings

FORMATS = {"table": "json", "boolean": "json", "graph": "turtle"}
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
GREEDY = (
    'SELECT * { BIND("0123456789abcdef" AS ?a0) '
    + " ".join(f"BIND(CONCAT(?a{n},?a{n}) AS ?a{n + 1})" for n in range(29))
    + "}"
)
DEADLY = "SELECT * {" + "{" * 4000 + "}" * 4000 + "}"


@pytest.fixture
def pool(settings: Settings) -> Iterator[QueryPool]:
    found = QueryPool(replace(settings, query_timeout_seconds=1.0, workers=2))
    yield found
    found.close()


def ask(pool: QueryPool, query: str, **more: object) -> tuple[QueryAnswer, bytes]:
    """The answer and the bytes of its result."""
    request = QueryRequest(query=query, base_iri="http://localhost/sparql", formats=FORMATS, **more)  # type: ignore[arg-type]
    result = pool.run(request)
    with result.file as file:
        return result.answer, file.read()


def test_an_answer_is_written_in_the_format_for_its_kind(pool: QueryPool) -> None:
    answer, body = ask(pool, "ASK {}")
    assert (answer.format, answer.kind, answer.size) == ("json", "boolean", 26)
    assert body == b'{"head":{},"boolean":true}'
    assert ask(pool, "SELECT (1 AS ?x) {}")[1].startswith(b'{"head":{"vars":["x"]}')
    assert (
        ask(pool, "CONSTRUCT { <a> <b> 1 } {}")[1].strip().splitlines()[-1]
        == b"<http://localhost/a> <http://localhost/b> 1 ."
    )


def test_a_slow_query_ends_at_the_deadline_and_the_next_one_works(pool: QueryPool) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeout):
        ask(pool, SLOW)
    assert time.monotonic() - started < 1.5
    assert ask(pool, "ASK {}")[0].kind == "boolean"


def test_a_greedy_query_ends_at_the_memory_limit_and_the_next_one_works(settings: Settings) -> None:
    # Half the usual limit: filling a gigabyte took longer than the deadline on a busy machine.
    pool = QueryPool(
        replace(settings, query_timeout_seconds=30.0, query_memory_bytes=512 << 20, workers=2)
    )
    try:
        with pytest.raises(QueryMemory):
            ask(pool, GREEDY)
        assert ask(pool, "ASK {}")[0].kind == "boolean"
    finally:
        pool.close()


def test_an_idle_worker_gives_back_what_its_query_freed(settings: Settings) -> None:
    others = _children()
    # Never a long query, whose worker would be replaced.
    pool = QueryPool(replace(settings, workers=1, slow_seconds=60.0, query_timeout_seconds=60.0))
    try:
        (worker,) = _children() - others
        ask(pool, "SELECT * { ?s ?p ?o }", max_rows=100_000)
        held = _private_megabytes(worker)
        deadline = time.monotonic() + 10
        while (left := _private_megabytes(worker)) > held / 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left < held / 2, (held, left)
    finally:
        pool.close()


def _children() -> set[str]:
    """Numbers of the processes that this thread has started."""
    task = Path(f"/proc/self/task/{threading.get_native_id()}")
    return set((task / "children").read_text().split())


def _private_megabytes(process: str) -> float:
    """Memory of a process that is no file's, MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def test_a_deadly_query_ends_its_worker_and_the_next_one_works(pool: QueryPool) -> None:
    with pytest.raises(QueryCrashed):
        ask(pool, DEADLY)
    assert ask(pool, "ASK {}")[0].kind == "boolean"


def test_long_queries_never_stand_in_the_way_of_short_ones(settings: Settings) -> None:
    lanes = {"workers": 2, "max_slow_queries": 2, "slow_seconds": 0.2}
    pool = QueryPool(replace(settings, query_timeout_seconds=2.0, **lanes))
    outcomes: list[str] = []

    def run() -> None:
        try:
            ask(pool, SLOW)
        except (Busy, QueryTimeout) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run) for _ in range(6)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(10):
            assert ask(pool, "ASK {}")[0].kind == "boolean"
            time.sleep(0.05)
        for thread in threads:
            thread.join()
    finally:
        pool.close()
    assert sorted(outcomes) == ["busy"] * 4 + ["query_timeout"] * 2


def test_a_query_that_finds_no_worker_is_told_to_come_back(settings: Settings) -> None:
    pool = QueryPool(replace(settings, workers=1, slow_seconds=5.0, queue_seconds=0.1))

    def block() -> None:
        with pytest.raises(QueryTimeout):
            ask(pool, SLOW)

    blocker = threading.Thread(target=block)
    try:
        blocker.start()
        time.sleep(0.2)
        with pytest.raises(Busy) as caught:
            ask(pool, "ASK {}")
        assert caught.value.extra["retry_after"] == 1
        blocker.join()
    finally:
        pool.close()


def test_every_worker_is_there_again_after_slow_and_deadly_queries(settings: Settings) -> None:
    pool = QueryPool(replace(settings, workers=2, slow_seconds=0.1, query_timeout_seconds=0.3))
    try:
        for query in (SLOW, DEADLY, SLOW):
            with contextlib.suppress(QueryTimeout, QueryCrashed):
                ask(pool, query)
        deadline = time.monotonic() + 10
        while pool.count()["idle"] < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (pool.count()["idle"], len(pool._workers), pool.count()["long"]) == (2, 2, 0)
    finally:
        pool.close()


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.5], ids=["before", "short", "in the slow lane"])
def test_a_cancelled_query_ends_at_once_and_its_worker_is_replaced(
    settings: Settings, seconds: float
) -> None:
    pool = QueryPool(replace(settings, workers=1, slow_seconds=0.3))
    cancellation = Cancellation()
    request = QueryRequest(query=SLOW, base_iri="http://localhost/sparql", formats=FORMATS)
    timer = threading.Timer(seconds, cancellation.cancel)
    try:
        timer.start()
        if not seconds:
            timer.join()
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            pool.run(request, cancellation=cancellation)
        assert time.monotonic() - started < seconds + 0.6
        assert ask(pool, "ASK {}")[0].kind == "boolean"
        assert len(pool._workers) == 1 and list(pool._spool.iterdir()) == []
    finally:
        pool.close()


def test_no_result_file_stays_behind(pool: QueryPool) -> None:
    for query in ("ASK {}", "SELECT * { ?s ?p ?o } LIMIT 1000", "SELECT", SLOW, DEADLY):
        with contextlib.suppress(QueryTimeout, QueryCrashed):
            ask(pool, query)
    assert list(pool._spool.iterdir()) == []


def test_the_folder_of_a_dead_process_is_removed_and_that_of_a_living_one_kept(
    settings: Settings, pool: QueryPool
) -> None:
    dead = Path(tempfile.mkdtemp(prefix="kg-spool-999999999-"))
    QueryPool(settings).close()
    assert not dead.exists() and pool._spool.exists()


def test_a_result_is_cut_at_a_whole_row_and_marked(settings: Settings) -> None:
    pool = QueryPool(replace(settings, max_rows=3))
    try:
        answer, body = ask(pool, "SELECT ?x { VALUES ?x { 1 2 3 } }")
        assert (answer.rows, answer.truncated) == (3, "")
        answer, body = ask(pool, "SELECT ?x { VALUES ?x { 1 2 3 4 } }")
        assert (answer.rows, answer.truncated) == (3, "rows")
        assert b'"kg":{"truncated": "rows", "limit": 3}' in body
        answer, body = ask(pool, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")
        assert (answer.rows, answer.truncated) == (3, "rows")
        assert body.endswith(b"# truncated: rows, limit 3\n")
    finally:
        pool.close()


def test_a_result_over_the_byte_limit_keeps_the_whole_rows_that_fit(settings: Settings) -> None:
    pool = QueryPool(replace(settings, max_result_bytes=90))
    try:
        answer, body = ask(pool, 'SELECT ?x { VALUES ?x { "aaaaaa" "bbbbbb" "cccccc" } }')
        assert (answer.rows, answer.truncated) == (2, "bytes")
        assert b"bbbbbb" in body and b"cccccc" not in body
    finally:
        pool.close()


class _Canary(http.server.BaseHTTPRequestHandler):
    hits = 0

    def do_GET(self) -> None:
        type(self).hits += 1
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


def test_a_query_that_slipped_past_the_scan_still_reaches_no_address(pool: QueryPool) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Canary) as canary:
        threading.Thread(target=canary.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{canary.server_port}/sparql"
        answer, _ = ask(pool, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
        ask(pool, f"SELECT * {{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}")
        ask(pool, f"SELECT * FROM <{address}> {{ ?s ?p ?o }}")
        canary.shutdown()
    assert isinstance(error_of(answer, ""), EvaluationFailed)
    assert _Canary.hits == 0


def test_a_protocol_dataset_hides_every_other_graph(pool: QueryPool) -> None:
    graph = "https://w3id.org/industry-kg/graph/src/A"
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"

    def number(query: str, default: list[str] | None, named_graphs: list[str] | None) -> int:
        body = ask(pool, query, default_graphs=default, named_graphs=named_graphs)[1]
        return int(body.partition(b'"value":"')[2].partition(b'"')[0])

    assert 0 < number(count, [graph], []) < number(count, None, None)
    assert number(named, [graph], []) == 0
    assert number(count, [], [graph]) == 0
    assert number(named, [], [graph]) == number(count, [graph], [])
    assert number(count, ["http://nowhere/"], []) == 0


def test_workers_answer_from_the_new_release_after_a_swap(
    settings: Settings, tmp_path: Path
) -> None:
    import pyoxigraph as ox

    for name in ("one", "two"):
        (tmp_path / "releases" / name).mkdir(parents=True)
        with_store = ox.Store(str(tmp_path / "releases" / name / "store"))
        triple = (ox.NamedNode("http://x/s"), ox.NamedNode("http://x/p"), ox.Literal(name))
        with_store.add(ox.Quad(*triple, ox.DefaultGraph()))
        with_store.flush()
        del with_store
    (tmp_path / "current").symlink_to("releases/one")
    pool = QueryPool(replace(settings, data=tmp_path, workers=1))
    try:
        assert b'"one"' in ask(pool, "SELECT ?o { ?s ?p ?o }")[1]
        (tmp_path / "next").symlink_to("releases/two")
        (tmp_path / "next").replace(tmp_path / "current")
        assert b'"two"' in ask(pool, "SELECT ?o { ?s ?p ?o }")[1]
    finally:
        pool.close()
