"""Very many connections, slow and vanishing ones, and a machine without room: others are served.

`KG_TEST_DISCONNECTS` sets how often each of 64 clients goes away in the middle of a query; 4 by
default, 200 is the long run.
"""

import contextlib
import gzip
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import brotli
import pytest
import zstandard

from attacks.connections import dribbling, idle, is_closed, read_status
from kg.settings import Settings
from serving import BEARER, TOKEN
from test_front import SLOW, Running, path_of, start

DISCONNECTS = int(os.environ.get("KG_TEST_DISCONNECTS", "4"))
ENCODED = {
    "gzip": lambda data: gzip.compress(gzip.compress(data), 1),
    "zstd": zstandard.ZstdCompressor().compress,
    "br": lambda data: brotli.compress(data, quality=1),
}
"""A body of 200 MB that is a few KB long; gzip twice over, as one coding after another."""
ORDINARY = "ASK { ?s ?p ?o }"


@contextlib.contextmanager
def running(settings: Settings, folder: Path, **changed: object) -> Iterator[Running]:
    """A server of its own, whose end is an ordinary one."""
    found = start(settings, folder, **changed)  # type: ignore[arg-type]
    try:
        yield found
    finally:
        found.process.terminate()
        assert found.process.wait(20) == 0


def seconds_of(ask: Callable[[], int]) -> float:
    started = time.perf_counter()
    assert ask() == 200
    return time.perf_counter() - started


def check_next(found: Running, mark: str) -> None:
    """An ordinary query that is in no cache is answered within 500 ms; the best of three counts."""
    times = [
        seconds_of(lambda n=n: found.get(path_of(f"{ORDINARY} # {mark} {n}"))[0])  # type: ignore[misc]
        for n in range(3)
    ]
    assert min(times) <= 0.5, times


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def test_thousands_of_idle_connections_get_503_and_are_closed(
    settings: Settings, tmp_path: Path
) -> None:
    with running(settings, tmp_path, header_seconds=8.0, max_connections=400) as found:
        check_next(found, "before")
        before = found.descriptors()
        with idle(found.port, 2000, within=3.0) as flood:
            assert wait_until(lambda: sum(map(is_closed, flood)) >= 1600, 5)
            assert found.descriptors() <= before + 400 + 2
            started = time.perf_counter()
            status, headers, body = found.get(path_of(ORDINARY))
            assert time.perf_counter() - started <= 0.5
            assert (status, json.loads(body)["code"]) == (503, "busy")
            assert headers["retry-after"] == "1"
            assert "sandbox" in headers["content-security-policy"]
            assert wait_until(lambda: all(map(is_closed, flood)), 20)
            check_next(found, "after")  # while the clients still hold their ends
        assert wait_until(lambda: abs(found.descriptors() - before) <= 2, 5)


def test_slow_heads_and_slow_bodies_slow_nobody_else(settings: Settings, tmp_path: Path) -> None:
    def p95(found: Running, mark: str) -> float:
        times = [
            seconds_of(lambda n=n: found.get(path_of(f"{ORDINARY} # {mark} {n}"))[0])  # type: ignore[misc]
            for n in range(100)
        ]
        return statistics.quantiles(times, n=20)[-1]

    with running(settings, tmp_path, header_seconds=8.0, body_seconds=8.0) as found:
        alone = min(p95(found, f"alone {turn}") for turn in range(3))
        head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nX-Slow: "
        body = (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 60000\r\n\r\n"
        )
        with dribbling(found.port, [head] * 200 + [body] * 200) as slow:
            beside = min(p95(found, f"beside {turn}") for turn in range(3))
            figures = f"{alone * 1000:.1f} ms, beside 400 slow clients {beside * 1000:.1f} ms"
            print(f"\np95 of an ordinary query {figures}")  # noqa: T201  # seen with -s
            assert not any(map(is_closed, slow)), "they were gone before the measurement ended"
            # The sender of the slow bytes shares the processors with the server.
            assert beside <= max(2 * alone, 0.05)
            assert {read_status(connection, 15) for connection in slow} == {408}
        check_next(found, "after")


@pytest.mark.timeout(120 + 30 * DISCONNECTS)
def test_clients_that_leave_in_the_middle_of_a_query_leave_no_worker_behind(
    settings: Settings, tmp_path: Path
) -> None:
    with running(settings, tmp_path, query_timeout_seconds=60.0) as found:
        check_next(found, "before")
        assert wait_until(lambda: len(found.children()) == settings.workers, 10)
        process, before = json.loads(found.get("/healthz")[2]), found.descriptors()

        def leave(number: int) -> None:
            for turn in range(DISCONNECTS):
                path = path_of(f"{SLOW} # {number} {turn}")
                with contextlib.suppress(OSError):
                    connection = found.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    time.sleep(0.02 + number % 8 * 0.02)
                    connection.close()

        started = time.monotonic()
        threads = [threading.Thread(target=leave, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_next(found, "after")
        print(f"\n{64 * DISCONNECTS:,} disconnects in {time.monotonic() - started:.0f} s")  # noqa: T201
        assert wait_until(lambda: len(found.children()) == settings.workers, 15)
        assert wait_until(lambda: abs(found.descriptors() - before) <= 2, 15)
        assert json.loads(found.get("/healthz")[2]) == process


def test_a_server_without_descriptors_says_so_and_does_not_start(settings: Settings) -> None:
    command = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable, "-m", "kg", "serve"]
    found = subprocess.run(
        command,
        env={**os.environ, **replace(settings, port=1).to_environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 2 and "Traceback" not in found.stderr
    assert "64 open files" in found.stderr and "ulimit -n" in found.stderr


def test_few_descriptors_are_few_connections_and_never_none_left(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(settings, tmp_path, open_files=256, threads=16, header_seconds=8.0) as found:
        limit = json.loads(found.get("/limits")[2])["max_connections"]["value"]
        assert 32 <= limit < 256
        before = found.descriptors()
        with idle(found.port, 600, pause=0.001, within=4.0) as flood:  # its backlog is small
            assert wait_until(lambda: sum(map(is_closed, flood)) >= 600 - limit, 5)
            assert found.get(path_of(ORDINARY))[0] == 503
            assert wait_until(lambda: all(map(is_closed, flood)), 20)
        check_next(found, "after")
        assert wait_until(lambda: abs(found.descriptors() - before) <= 2, 5)
    assert "Too many open files" not in capfd.readouterr().err


def test_a_full_spool_disk_is_said_and_nothing_half_is_sent(
    settings: Settings, tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(small_disk))
    product = "{ ?a ?b ?c . ?d ?e ?f } LIMIT 50000"
    with running(settings, tmp_path, write_token=TOKEN, default_graph="plain") as found:
        for query, format in (
            (f"SELECT * {product}", "json"),
            (f"SELECT * {product}", "csv"),
            (f"CONSTRUCT {{ ?a ?b ?c . ?d ?e ?f }} {product}", "nt"),
        ):
            status, headers, body = found.get(path_of(query, format=format))
            assert (status, json.loads(body)["code"]) == (507, "storage_full"), body[:300]
            assert headers["content-type"] == "application/problem+json"
            check_next(found, format)
        head = b"PUT /store?graph=http://x/g HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
        head += b"Authorization: " + BEARER + b"\r\nContent-Length: 8000000\r\n\r\n"
        with contextlib.closing(found.send(head)) as connection:
            with contextlib.suppress(OSError):  # answered before all of it was taken
                connection.sendall(b"#" * 8_000_000)
            assert read_status(connection, 10) == 507
        check_next(found, "upload")
        [spool] = small_disk.iterdir()
        assert list(spool.iterdir()) == []
        free = os.statvfs(small_disk)
        assert free.f_bavail * free.f_frsize > 4 << 20  # all of it is free again


@pytest.mark.parametrize("coding", ENCODED)
def test_a_compressed_bomb_as_a_body_is_refused_unopened(bombed: Running, coding: str) -> None:
    body = ENCODED[coding](b"#" * (200 << 20))
    assert len(body) < 1 << 20
    before = peak_bytes(bombed.process.pid)
    named = "gzip, gzip" if coding == "gzip" else coding
    for method, path, kind in (
        ("POST", "/sparql", "application/sparql-query"),
        ("POST", "/sparql", "application/x-www-form-urlencoded"),
        ("POST", "/sparql/update", "application/sparql-update"),
        ("POST", "/sparql/update", "application/x-www-form-urlencoded"),
        ("PUT", "/store?graph=http://x/g", "text/turtle"),
        ("POST", "/store", "application/n-triples"),
        ("POST", "/store?graph=http://x/g", "multipart/form-data; boundary=x"),
    ):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Encoding: {named}\r\n"
        head += f"Authorization: {BEARER.decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
        started = time.perf_counter()
        with contextlib.closing(bombed.send(head.encode() + body)) as connection:
            assert read_status(connection, 10) == 415, (path, kind)
        assert time.perf_counter() - started <= 1.0
    assert peak_bytes(bombed.process.pid) - before <= 32 << 20
    check_next(bombed, coding)


@pytest.fixture(scope="module")
def bombed(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes writes."""
    folder = tmp_path_factory.mktemp("bombed")
    with running(settings, folder, write_token=TOKEN) as found:
        yield found


def peak_bytes(process: int) -> int:
    """The most resident memory that a process ever had."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
