"""Where one message of a connection ends and the next begins, and whose answer is whose."""

import contextlib
import http.client
import itertools
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pytest

from kg.settings import Settings
from test_front import SLOW, TABLE, Running, _ticks, path_of, read_all, started

CITIES = b"GET /cities.csv HTTP/1.1\r\nHost: x\r\n"
RANKS = b"GET /queries/rank-path.csv HTTP/1.1\r\nHost: x\r\n"
END = b"\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
SECURITY = (
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
)
LONGEST = "ASK {} #" + "é" * 32_764
"""As long as a query may be, and three times that when it is encoded."""


@pytest.fixture(scope="module")
def running(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    free = {"budget_seconds_per_minute": 1e9, "budget_errors_per_minute": 1e9}
    folder = tmp_path_factory.mktemp("messages")
    with started(settings, folder, body_seconds=2.0, **free) as found:
        yield found


Answer = tuple[int, dict[str, str], bytes]


def read_answer(stream: IO[bytes]) -> Answer:
    """The next answer on a connection."""
    status = int(stream.readline().split()[1])
    headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
    return status, headers, stream.read(int(headers.get("content-length", 0)))


@contextlib.contextmanager
def sending(running: Running, *packets: bytes) -> Iterator[tuple[socket.socket, IO[bytes]]]:
    """A connection over which these packets went, one by one, and what comes back."""
    with running.send(packets[0]) as connection, connection.makefile("rb") as stream:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for packet in packets[1:]:
            time.sleep(0.2)
            connection.sendall(packet)
        yield connection, stream


def answers(running: Running, count: int, *packets: bytes) -> list[Answer]:
    """That many answers to these packets."""
    with sending(running, *packets) as (_, stream):
        return [read_answer(stream) for _ in range(count)]


def make_known(running: Running, head: bytes) -> bytes:
    """The body of the answer to a head, which is known from here on."""
    for _ in range(3):
        body = answers(running, 1, head)[0][2]
    return body


def slow(seconds: float, mark: str) -> bytes:
    """A query that takes as long as it may."""
    path = path_of(f"{SLOW} # {mark}", timeout=str(seconds))
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def quick(mark: str) -> bytes:
    """A query that is in no cache."""
    return f"GET {path_of(f'ASK {{}} # {mark}')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_no_body_makes_a_head_known(running: Running) -> None:
    victim = CITIES + b"User-Agent: of-the-victim\r\n" + END
    make_known(running, RANKS + END)
    cities = make_known(running, CITIES + END)
    length = b"Content-Length: %d\r\n\r\n" % len(victim)
    for head in (RANKS + length, RANKS + b"Expect: 100-continue\r\n" + length):
        with sending(running, head, victim):
            time.sleep(0.3)
    assert answers(running, 1, victim)[0][2] == cities


def test_a_body_like_a_known_head_is_a_body(running: Running) -> None:
    known = RANKS + END
    ranks, cities = make_known(running, known), make_known(running, CITIES + END)
    assert ranks != cities
    head = CITIES + b"Content-Length: %d\r\n\r\n" % len(known)
    found = answers(running, 2, head, known, known)
    assert [body for _, _, body in found] == [cities, ranks]
    chunked = CITIES + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(known)
    found = answers(running, 2, chunked, known, b"\r\n0\r\n\r\n", known)
    assert [body for _, _, body in found] == [cities, ranks]


def test_only_one_whole_message_makes_a_head_known(running: Running) -> None:
    ranks, cities = make_known(running, RANKS + END), make_known(running, CITIES + END)
    two = RANKS + END + CITIES + END
    for _ in range(3):
        assert [body for _, _, body in answers(running, 2, two)] == [ranks, cities]
    half = CITIES[:9]
    for _ in range(3):  # the second packet alone is no head
        assert answers(running, 1, half, CITIES[9:] + END)[0][2] == cities
    assert answers(running, 1, CITIES[9:] + END)[0][0] == 400


def test_where_packets_end_changes_no_answer(running: Running) -> None:
    """Streams of messages whose bodies are heads, cut at random places."""
    known, chance = RANKS + END, random.Random(4711)
    body = b"Content-Length: %d\r\n\r\n" % len(known) + known
    chunks = b"%x\r\n%s\r\n0\r\nX-Trail: 1\r\n\r\n" % (len(known), known)
    messages = [
        known,
        CITIES + END,
        CITIES + body,
        CITIES + H2C + body,
        POST + body,
        POST + H2C + body,
        POST + H2C + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
        CITIES + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
    ]
    alone = [answers(running, 1, message)[0] for message in messages]
    for _ in range(40):
        chosen = chance.choices(range(len(messages)), k=6)
        stream = b"".join(messages[number] for number in chosen)
        at_ends = list(itertools.accumulate(len(messages[number]) for number in chosen))
        # Where a body begins and where it ends are the places that count.
        places = [max(1, end - len(known) * chance.randrange(2)) for end in at_ends[:-1]]
        places = sorted({*places, *chance.sample(range(1, len(stream)), 4)})
        cuts = [0, *places, len(stream)]
        with sending(running, b"") as (connection, back):
            for first, end in itertools.pairwise(cuts):
                connection.sendall(stream[first:end])
                time.sleep(0.005)
            for number in chosen:
                status, headers, text = read_answer(back)
                wanted = alone[number]
                assert (status, headers["content-type"]) == (wanted[0], wanted[1]["content-type"])
                assert text == wanted[2] or status == 400, number  # a problem has an id of its own


def test_a_request_behind_another_has_all_its_time(running: Running) -> None:
    first, second = answers(running, 2, quick("before") + slow(4, "behind another"))
    assert (first[0], json.loads(second[2])["code"]) == (200, "query_timeout")


def test_a_long_body_behind_another_request_is_no_long_head(running: Running) -> None:
    form = b"application/x-www-form-urlencoded"
    body = b"query=ASK%7B%7D&x=" + b"a" * 600_000
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    packets = [body[start : start + 200_000] for start in range(0, len(body), 200_000)]
    before = quick("long body") + head % (form, len(body))
    found = answers(running, 2, before + packets[0], *packets[1:])
    assert [status for status, _, _ in found] == [200, 200]


def test_a_known_head_waits_for_the_requests_before_it(running: Running) -> None:
    ranks = make_known(running, RANKS + END)
    with sending(running, quick("order") + slow(1.5, "order")) as (connection, stream):
        assert read_answer(stream)[0] == 200
        connection.sendall(RANKS + END)
        assert json.loads(read_answer(stream)[2])["code"] == "query_timeout"
        assert read_answer(stream)[2] == ranks


def test_a_fault_behind_a_running_request_is_not_its_answer(running: Running) -> None:
    with sending(running, slow(1.5, "fault"), b"NONSENSE\r\n\r\n") as (connection, _):
        assert b"this is not an HTTP request" not in read_all(connection)


def test_who_leaves_ends_every_query_of_the_connection(running: Running) -> None:
    with sending(running, slow(8, "leaves") + quick("leaves")):
        time.sleep(0.5)
    time.sleep(1)
    busy = _ticks(running.children())
    time.sleep(1)
    assert _ticks(running.children()) - busy < 20  # of 100 a second


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_request_to_upgrade_is_answered_as_if_it_had_not_asked(
    running: Running, version: bytes
) -> None:
    query = b"ASK { ?s ?p ?o }"
    head = POST.replace(b"1.1", version) + H2C + b"Content-Length: %d\r\n\r\n" % len(query)
    for packets in ([head + query], [head, query], [head[:40], head[40:] + query[:5], query[5:]]):
        status, _, body = answers(running, 1, *packets)[0]
        assert (status, json.loads(body)["boolean"]) == (200, True)
    chunked = POST + H2C + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + query + b"\r\n0\r\n\r\n"
    assert json.loads(answers(running, 1, chunked)[0][2])["boolean"] is True


def test_the_body_of_a_request_to_upgrade_is_no_request(running: Running) -> None:
    cities = make_known(running, CITIES + END)
    inner = RANKS + END
    head = POST + H2C + b"Content-Length: %d\r\n\r\n" % len(inner)
    for packets in ([head, inner, CITIES + END], [head + inner + CITIES + END]):
        first, second = answers(running, 2, *packets)
        assert (first[0], json.loads(first[2])["code"]) == (400, "syntax")
        assert second[2] == cities
    many = (CITIES + H2C + END) * 300 + CITIES + b"Connection: close\r\n" + END
    with sending(running, many) as (connection, _):
        assert read_all(connection).count(b"HTTP/1.1 200 OK") == 301
    websocket = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    assert answers(running, 1, CITIES + websocket + END)[0][2] == cities
    for target in (b"example.org:443", b"http://x/cities.csv"):
        status = answers(running, 1, b"CONNECT %s HTTP/1.1\r\nHost: x\r\n\r\n" % target)[0][0]
        assert status == 400


def test_a_body_that_goes_on_after_its_answer_is_not_read_for_long(running: Running) -> None:
    head = POST + b"Content-Length: 99999999\r\n\r\n"
    with sending(running, head) as (connection, stream):
        assert read_answer(stream)[0] == 413
        with contextlib.suppress(ConnectionError):
            for _ in range(8):
                connection.sendall(b"x" * 100_000)
                time.sleep(0.05)
        assert read_all(connection) == b""  # and no second answer
    for flood in (
        b"\r\n" * 150_000,
        POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 700_000,
    ):
        with sending(running, b"") as (connection, stream):
            with contextlib.suppress(ConnectionError):
                connection.sendall(flood)
            assert read_answer(stream)[0] == 431


def test_what_trails_a_body_is_no_header(running: Running) -> None:
    query = b"10\r\nASK { ?s ?p ?o }\r\n0\r\n"
    head = POST + b"Transfer-Encoding: chunked\r\nTrailer: Accept\r\n\r\n"
    found = answers(running, 1, head + query + b"Accept: application/sparql-results+xml\r\n\r\n")
    assert found[0][1]["content-type"] == "application/sparql-results+json"


def test_a_client_that_takes_nothing_is_not_sent_hits(running: Running) -> None:
    head = f"GET {path_of(TABLE)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    size = len(make_known(running, head))
    before = resident_bytes(running.process.pid)
    with running.send(b"", 4096) as connection:
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            connection.send(head * ((200 << 20) // size))
        time.sleep(1)
        assert resident_bytes(running.process.pid) - before < 60 << 20


def resident_bytes(process: int) -> int:
    """Memory of a process now."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (CITIES + b"X-Slow: ", 408),
        (b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /sparql?query=" + b"x" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (CITIES + b"X: " + b"y" * 300_000, 431),
    ],
)
def test_what_is_refused_unread_carries_the_security_headers(
    running: Running, sent: bytes, status: int
) -> None:
    found = answers(running, 1, sent)[0]
    usual = running.get("/nope")[1]
    assert found[0] == json.loads(found[2])["status"] == status
    for name in SECURITY[:2] + SECURITY[3:]:
        assert found[1][name] == usual[name]
    assert found[1]["cross-origin-resource-policy"] == "same-origin"  # it may have had a token
    assert ("POST" in json.loads(found[2])["detail"]) == (status == 414)


def test_unchanged_carries_the_security_headers_of_the_whole(running: Running) -> None:
    for path in ("/queries/rank-path.csv", "/queries"):
        whole = running.get(path, Accept="text/html")
        again = running.get(path, Accept="text/html", If_None_Match=whole[1]["etag"])
        assert again[0] == 304 and "content-type" not in again[1]
        for name in SECURITY:
            assert again[1][name] == whole[1][name], name


def test_the_longest_query_can_be_sent_by_get(running: Running) -> None:
    assert len(LONGEST.encode()) == 65_536
    path = "/sparql?query=" + "".join(f"%{byte:02X}" for byte in LONGEST.encode())
    for _ in range(2):  # the second from the cache
        status, _, body = running.get(path)
        assert (status, json.loads(body)["boolean"]) == (200, True)
    status, _, body = running.get(path + quote("é"))
    assert (status, json.loads(body)["code"]) == (400, "too_complex")
