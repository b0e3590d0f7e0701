"""The server as clients meet it: repeated, compressed, slow, vanishing, too many, at its end."""

import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
import zstandard

from kg.settings import Settings
from serving import free_port

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TABLE = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 300"
DECODERS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def path_of(query: str, **more: str) -> str:
    """The address of a query."""
    return "/sparql?query=" + quote(query) + "".join(f"&{n}={quote(v)}" for n, v in more.items())


@dataclass
class Running:
    """A running `kg serve` with its own copy of the release."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
        """Status, headers with lower-case names, and body; one connection a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=names)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read()
        finally:
            connection.close()

    def send(self, data: bytes, buffer: int = 0) -> socket.socket:
        """A connection over which these bytes were sent; `buffer` bytes of answer fit into it."""
        found = socket.socket()
        found.settimeout(20)
        if buffer:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        found.connect(("127.0.0.1", self.port))
        found.sendall(data)
        return found

    def number(self, name: str) -> float:
        """The value of a time series at /metrics."""
        text = self.get("/metrics")[2].decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def children(self) -> list[int]:
        """Process ids of the query workers."""
        found: list[int] = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that has ended meanwhile
                found += map(int, (task / "children").read_text().split())
        return found

    def descriptors(self) -> int:
        """How many files and sockets the server has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def start(
    settings: Settings, folder: Path, *, open_files: int | None = None, **changed: object
) -> Running:
    """A server over a copy of the release, ready to answer; it may open that many files."""
    data = folder / "data"
    shutil.copytree(settings.data, data, symlinks=True)
    found = replace(settings, data=data, port=free_port(), **changed)  # type: ignore[arg-type]
    command = [sys.executable, "-m", "kg", "serve"]
    if open_files:
        command = ["sh", "-c", f'ulimit -n {open_files}; exec "$@"', "sh", *command]
    process = subprocess.Popen(command, env={**os.environ, **found.to_environment()})
    running = Running(process, found.port, data)
    deadline = time.monotonic() + 90  # on a busy machine
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if running.get("/readyz")[0] == 200:
                return running
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextlib.contextmanager
def started(settings: Settings, folder: Path, **changed: float) -> Iterator[Running]:
    """Such a server for a block, with short deadlines; it has to end well."""
    short = {"query_timeout_seconds": 8.0, "header_seconds": 2.0, "stop_seconds": 1.0}
    found = start(settings, folder, **short, **changed)
    yield found
    found.process.terminate()
    assert found.process.wait(20) == 0


@pytest.fixture(scope="module")
def running(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("front")
    with started(settings, folder, body_seconds=1.0, send_seconds=2.0) as found:
        yield found


def test_a_repeated_request_is_answered_from_memory(running: Running) -> None:
    hits = running.number('kg_cache_requests_total{result="hit"}')
    queries = running.number('kg_queries_total{outcome="ok"}')
    first = running.get(path_of(TABLE))
    second = running.get(path_of(TABLE))
    third = running.get(path_of(TABLE), "HEAD")
    assert first[0] == second[0] == third[0] == 200
    assert first[2] == second[2] and len(first[2]) > 1000 and third[2] == b""
    for headers in (first[1], second[1], third[1]):
        headers.pop("date")
    assert first[1] == second[1] == third[1]
    assert first[1]["etag"].startswith('"')
    assert first[1]["cache-control"] == "public, no-cache"
    assert running.number('kg_cache_requests_total{result="hit"}') == hits + 2
    assert running.number('kg_queries_total{outcome="ok"}') == queries + 1


@pytest.mark.parametrize(
    "path",
    ["/", "/queries", "/queries/city-counts.csv", "/export", "/id/chain/humanoid", "/id/place/shenzhen.ttl", "/.well-known/void", "/network", "/ont", "/limits"],
)  # fmt: skip
def test_pages_and_linked_data_are_kept_too(running: Running, path: str) -> None:
    accept = "*/*" if path.startswith("/.") else "text/html"
    status, headers, body = running.get(path, Accept=accept)
    assert status in (200, 303)
    hits = running.number('kg_cache_requests_total{result="hit"}')
    assert running.get(path, Accept=accept)[2] == body
    assert running.number('kg_cache_requests_total{result="hit"}') == hits + 1
    again = running.get(path, Accept=accept, If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    assert again[1]["etag"] == headers["etag"] and "content-type" not in again[1]


def test_a_page_is_kept_for_each_language(running: Running) -> None:
    english = running.get("/", Accept="text/html", Cookie="lang=en")
    chinese = running.get("/", Accept="text/html", Accept_Language="zh-TW")
    assert b'lang="en"' in english[2] and b'lang="zh-Hant"' in chinese[2]
    assert {"Cookie", "Accept-Language"} <= set(english[1]["vary"].split(", "))


@pytest.mark.parametrize("body", [b"query=" + quote(TABLE).encode(), TABLE.encode()])
def test_a_posted_query_is_kept_under_its_body(running: Running, body: bytes) -> None:
    type_ = "application/x-www-form-urlencoded" if b"=" in body[:6] else "application/sparql-query"
    answers = []
    for text in (body, body, body + b"0"):
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        connection.request("POST", "/sparql", text, {"Content-Type": type_})
        answers.append(connection.getresponse().read())
        connection.close()
    assert answers[0] == answers[1] != answers[2]


@pytest.mark.parametrize(
    "path",
    [
        path_of("SELECT (NOW() AS ?x) {}"),
        path_of("SELECT (STRUUID() AS ?x) {}"),
        path_of("CONSTRUCT { [] <http://p> 1 } {}"),
        path_of("SELECT"),
        "/nowhere",
        "/healthz",
        "/readyz",
        "/metrics",
    ],
)
def test_what_does_not_follow_from_the_release_is_not_kept(running: Running, path: str) -> None:
    status, headers, _ = running.get(path)
    assert headers["cache-control"] == "no-store", status
    assert "etag" not in headers


def test_what_is_asked_under_a_token_is_not_kept(running: Running) -> None:
    running.get("/limits")
    _, headers, _ = running.get("/limits", Authorization="Bearer x")
    assert headers["cache-control"] == "no-store" and "etag" not in headers


@pytest.mark.parametrize("coding", DECODERS)
def test_an_answer_comes_in_the_coding_asked_for(running: Running, coding: str) -> None:
    plain = running.get(path_of(TABLE, format="csv"))
    for _ in range(2):
        status, headers, body = running.get(path_of(TABLE, format="csv"), Accept_Encoding=coding)
        assert (status, headers["content-encoding"]) == (200, coding)
        assert DECODERS[coding](body) == plain[2]
        assert int(headers["content-length"]) == len(body) < len(plain[2]) / 2
        assert headers["etag"] != plain[1]["etag"]
        assert "Accept-Encoding" in headers["vary"]
    tag = running.get(path_of(TABLE, format="csv"), If_None_Match=headers["etag"])
    assert tag[0] == 200  # the tag of another coding


def test_no_acceptable_coding_is_406_and_a_short_answer_stays_plain(running: Running) -> None:
    status, _, body = running.get("/limits", Accept_Encoding="*;q=0")
    assert (status, json.loads(body)["code"]) == (406, "not_acceptable")
    assert "content-encoding" not in running.get(path_of("ASK {}"), Accept_Encoding="br")[1]


@pytest.mark.parametrize("coding", DECODERS)
def test_an_export_is_compressed_while_it_is_streamed(running: Running, coding: str) -> None:
    plain = running.get("/export/src/A.nt")[2]
    status, headers, body = running.get("/export/src/A.nt", Accept_Encoding=coding)
    assert (status, headers["content-encoding"]) == (200, coding)
    assert DECODERS[coding](body) == plain
    assert "content-encoding" not in running.get("/export/src/A.nt.gz", Accept_Encoding=coding)[1]


def test_the_next_request_after_a_swap_is_answered_from_the_new_release(running: Running) -> None:
    path, current = path_of("ASK { ?s ?p ?o }"), running.data / "current"
    old = running.get(path)[1]["x-kg-release"]
    shutil.copytree(running.data / "releases" / old, running.data / "releases" / "next")
    try:
        for name in ("next", old):
            link = running.data / "link"
            link.symlink_to(f"releases/{name}")
            link.replace(current)
            assert running.get(path)[1]["x-kg-release"] == name
            assert running.get(path)[1]["x-kg-release"] == name
    finally:
        shutil.rmtree(running.data / "releases" / "next")


def test_many_who_ask_the_same_at_once_cost_one_evaluation(running: Running) -> None:
    query = "SELECT (COUNT(?o) AS ?n) { ?s ?p ?o . ?s ?q ?o } # together"
    before = running.number('kg_queries_total{outcome="ok"}')
    bodies: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: bodies.append(running.get(path_of(query))[2]))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 12 and len(set(bodies)) == 1
    assert running.number('kg_queries_total{outcome="ok"}') == before + 1


def test_a_client_that_goes_away_ends_its_query(running: Running) -> None:
    running.get("/healthz")
    before = running.descriptors()
    for number in range(20):
        sent = running.send(
            f"GET {path_of(f'{SLOW} # {number}')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )
        time.sleep(0.05)
        sent.close()
    time.sleep(2)
    busy = _ticks(running.children())
    time.sleep(1)
    assert _ticks(running.children()) - busy < 20  # of 100 a second
    deadline = time.monotonic() + 5
    while abs(running.descriptors() - before) > 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert abs(running.descriptors() - before) <= 2
    assert running.get(path_of("ASK { <http://a> ?p ?o }"))[0] == 200


def _ticks(processes: list[int]) -> int:
    """Processor time of these processes so far, in hundredths of a second."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    found = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while block := connection.recv(65536):
            found += block
    return found


def test_two_hundred_half_heads_stop_nobody_and_are_closed(running: Running) -> None:
    slow = [running.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-Wait: ") for _ in range(200)]
    started = time.monotonic()
    for number in range(10):
        assert running.get(f"/healthz?{number}")[0] == 200
    assert time.monotonic() - started < 2
    answers = [read_all(connection) for connection in slow]
    assert time.monotonic() - started < 6
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    assert json.loads(answers[0].partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


def test_a_body_that_does_not_come_is_408_and_one_too_long_413(running: Running) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    for rest, status, code in (
        (b"Content-Length: 10\r\n\r\nASK", 408, "request_timeout"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n", 408, "request_timeout"),
        (b"Content-Length: 99999999\r\n\r\nASK", 413, "body_too_large"),
    ):
        started = time.monotonic()
        response = http.client.HTTPResponse(connection := running.send(head + rest))
        response.begin()
        problem = json.loads(response.read())
        connection.close()
        assert time.monotonic() - started < 2.5
        assert (response.status, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (400 << 10), 431),
    ],
)
def test_what_is_no_request_gets_a_problem_document(
    running: Running, sent: bytes, status: int
) -> None:
    connection = running.send(b"")
    with contextlib.suppress(OSError):  # closed while it is sent
        connection.sendall(sent)
    answer = read_all(connection)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == status


def test_who_takes_nothing_of_a_long_answer_is_cut_off_and_holds_nobody_up(
    running: Running,
) -> None:
    before = running.descriptors()
    slow = [
        running.send(b"GET /export/all.nt HTTP/1.1\r\nHost: x\r\n\r\n", 4096) for _ in range(10)
    ]
    time.sleep(0.5)
    started = time.monotonic()
    assert running.get("/queries", Accept="text/html")[0] == 200
    assert running.get(path_of("ASK { <http://b> ?p ?o }"))[0] == 200
    assert time.monotonic() - started < 2
    deadline = time.monotonic() + 10
    while running.descriptors() > before + 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running.descriptors() <= before + 2
    for connection in slow:
        connection.close()


def test_pipelined_requests_are_answered_in_order(running: Running) -> None:
    running.get("/limits")
    paths = [path_of("SELECT (2 AS ?x) {}"), "/limits", path_of("SELECT (3 AS ?x) {}"), "/limits"]
    heads = [f"GET {path} HTTP/1.1\r\nHost: x\r\n" for path in paths]
    connection = running.send(
        "\r\n".join([*heads, ""])[:-2].encode() + b"Connection: close\r\n\r\n"
    )
    answer = read_all(connection)
    places = [answer.find(mark) for mark in (b'"value":"2"', b'"value":"3"')]
    assert answer.count(b"HTTP/1.1 200 OK") == 4 and 0 < places[0] < places[1]
    assert places[0] < answer.find(b"max_rows") < places[1] < answer.rfind(b"max_rows")


def test_many_threads_that_leave_early_leave_nothing_behind(running: Running) -> None:
    process, before = json.loads(running.get("/healthz")[2]), running.descriptors()

    def leave(number: int) -> None:
        for turn in range(4):
            query = f"SELECT * {{ ?s ?p ?o }} LIMIT {2000 + number * 10 + turn}"
            with contextlib.suppress(OSError):
                connection = running.send(
                    f"GET {path_of(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
                )
                if turn % 2:
                    connection.recv(1000)
                connection.close()

    threads = [threading.Thread(target=leave, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 15
    while abs(running.descriptors() - before) > 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert abs(running.descriptors() - before) <= 2
    assert json.loads(running.get("/healthz")[2]) == process
    spool = next(Path("/tmp").glob(f"kg-spool-{running.process.pid}-*"))
    assert list(spool.iterdir()) == []


def test_busy_is_said_in_time_and_what_is_kept_is_still_answered(
    settings: Settings, tmp_path: Path
) -> None:
    found = start(settings, tmp_path, threads=1, queue_seconds=0.3, query_timeout_seconds=4.0)
    try:
        page = found.get("/limits")[2]
        blocking = found.send(f"GET {path_of(SLOW)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.3)
        started = time.monotonic()
        status, headers, body = found.get("/queries")
        assert (status, headers["retry-after"], json.loads(body)["code"]) == (503, "1", "busy")
        assert time.monotonic() - started < 0.3 + 0.5
        assert found.get("/limits")[2] == page
        blocking.close()
    finally:
        found.process.terminate()
        assert found.process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_server_is_that_of_its_workers(
    settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    found = start(settings, tmp_path, query_timeout_seconds=60.0, stop_seconds=1.0)
    connection = found.send(f"GET {path_of(SLOW)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    time.sleep(1)
    workers = found.children()
    assert workers
    started = time.monotonic()
    found.process.send_signal(number)
    code = found.process.wait(15)
    assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() - started < 8, "a worker outlives the server"
        time.sleep(0.1)
    connection.close()
