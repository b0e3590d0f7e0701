"""A server that is killed while it writes, a full disk, a writer that dies: the old state or the new.

`KG_TEST_KILLS` sets how often the process that writes is killed; 20 by default, 200 is the long run.
For every ten of these the whole server is killed once.
"""

import http.client
import os
import random
import signal
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import WriteCrashed
from kg.release.backup import verify
from kg.release.changes import sum_dataset
from kg.release.history import current, releases, rollback
from kg.release.manifest import Manifest
from kg.release.write_request import WriteRequest
from kg.release.writing import Writer
from kg.release.written import start_empty
from kg.settings import Settings
from serving import Answer, Served, serving, start

KILLS = int(os.environ.get("KG_TEST_KILLS", "20"))
_REOPEN_SECONDS = 1.0


def text_of(number: int) -> str:
    """An update in two operations that leaves state `number`, whatever was before."""
    triples = " ".join(f"<x:s{place}> <x:n> {number} ." for place in range(50))
    return f"""DROP SILENT GRAPH <x:one> ; INSERT DATA {{ GRAPH <x:one> {{ {triples} }} }} ;
      DELETE {{ GRAPH <x:two> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <x:two> {{ ?s ?p ?o }} }} ;
      INSERT DATA {{ GRAPH <x:two> {{ <x:s> <x:n> {number} }} }}"""


def state_of(data: Path) -> int:
    """The number of the state in use, read from disk; fails for anything between two states."""
    started = time.perf_counter()
    release = current(data)
    store = ox.Store.read_only(str(release / "store"))
    assert store.contains_named_graph(ox.NamedNode("x:one"))
    assert time.perf_counter() - started < _REOPEN_SECONDS
    quads = list(store)
    numbers = {quad.object.value for quad in quads}
    assert (len(quads), len(numbers)) == (51, 1), numbers
    assert Manifest.read(release).quad_sum == f"{sum_dataset(store):064x}"
    return int(numbers.pop())


@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_kill_of_the_writer_at_any_instant_leaves_the_old_state_or_the_new(
    tmp_path: Path,
) -> None:
    dice = random.Random(20261126)
    settings = Settings(data=tmp_path / "data", default_graph="plain", keep_releases=2)
    start_empty(settings)
    writer, done = Writer(settings), 0
    seen = {"old": 0, "new": 0}
    for _ in range(KILLS):
        done += 1
        writer.write(request_of(done))
        killer = threading.Timer(dice.uniform(0, 0.15), kill_children)
        killer.start()
        while killer.is_alive():  # a kill after the swap, or between two writes, fails none
            try:
                writer.write(request_of(done + 1))
                done += 1
            except WriteCrashed:
                break
        killer.join()
        found = state_of(settings.data)
        assert found in (done, done + 1)
        seen["new" if found > done else "old"] += 1
        verify(settings.data)
        done = found
    writer.close()
    assert sum(seen.values()) == KILLS


def request_of(number: int) -> WriteRequest:
    return WriteRequest("update", "http://x/", uuid.uuid4().hex, update=text_of(number))


def kill_children() -> None:
    """Kills the writers that this process started."""
    for listed in Path("/proc/self/task").glob("*/children"):
        for child in listed.read_text().split():
            if b"kg.release.writer" in Path("/proc", child, "cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)


@pytest.mark.timeout(60 + 2 * KILLS)
def test_a_kill_of_the_server_at_any_instant_leaves_the_old_state_or_the_new(
    tmp_path: Path,
) -> None:
    dice = random.Random(20261125)
    data, done = tmp_path / "data", 0
    seen = {"old": 0, "new": 0}
    for _ in range(max(2, KILLS // 10)):
        served = start(data, workers=1, keep_releases=2)
        try:
            done += 1
            assert served.update(text_of(done)).status == 204
            sent, answers = threading.Event(), [done]
            thread = threading.Thread(target=write_on, args=(served, answers, sent))
            thread.start()
            assert sent.wait(60)
            time.sleep(dice.uniform(0, 0.3))
        finally:
            served.kill()
        thread.join()
        found, acknowledged = state_of(data), answers[-1]
        assert found in (acknowledged, acknowledged + 1)
        seen["new" if found > acknowledged else "old"] += 1
        done = found
    assert sum(seen.values()) == max(2, KILLS // 10)


def write_on(served: Served, answers: list[int], sent: threading.Event) -> None:
    """Writes one state after another until the server is gone; the acknowledged ones are kept."""
    while True:
        number = answers[-1] + 1
        try:
            answer = served.update(text_of(number))
        except (OSError, http.client.HTTPException):
            return
        assert answer.status == 204
        answers.append(number)
        sent.set()


def test_a_writer_that_dies_is_replaced_and_what_it_was_doing_is_done_or_not(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "data", workers=1) as served:
        assert served.update(text_of(1)).status == 204
        for number in range(2, 8):
            killer = threading.Timer(0.02 * number, kill_writer, [served])
            killer.start()
            answer = served.update(text_of(number))
            killer.join()
            expected = (number,) if answer.status == 204 else (number - 1,)
            assert answer.status == 204 or b"write_crashed" in answer.body
            assert state_of(served.data) in expected
            assert served.update(text_of(number)).status == 204


def kill_writer(served: Served) -> None:
    listed = subprocess.run(
        ["ps", "-eo", "pid,pgid,args"], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        if f" {served.process.pid} " in line and "kg.release.writer" in line:
            os.kill(process := int(line.split()[0]), signal.SIGKILL)
            while is_alive(process):  # else the next write may still be given to it
                time.sleep(0.005)


def is_alive(process: int) -> bool:
    """Whether a process runs, or is only just coming to its end: its first thread may end before others."""
    folder = Path(f"/proc/{process}")
    try:
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" or len(list((folder / "task").iterdir())) > 1
    except OSError:
        return False


def test_a_write_that_takes_too_long_is_ended_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data", write_timeout_seconds=2.0) as served:
        assert served.update(text_of(1)).status == 204
        many = " ".join(f"<x:a{n}> <x:b> {n} ." for n in range(2000))
        body = many.encode()
        put = served.send("PUT", "/store?graph=x:many", body, {"Content-Type": "text/turtle"})
        assert put.status == 201
        slow = """INSERT { GRAPH <x:new> { ?a <x:p> ?d } } WHERE { GRAPH <x:many> {
          ?a <x:b> ?b . ?c <x:b> ?d . ?e <x:b> ?f FILTER(?b + ?d + ?f = -1) } }"""
        started = time.monotonic()
        answer = served.update(slow)
        assert (answer.status, b"write_timeout" in answer.body) == (422, True)
        assert time.monotonic() - started < 4
        assert served.update("DROP GRAPH <x:many>").status == 204
        assert state_of(served.data) == 1


def test_a_write_that_wants_too_much_memory_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "data", write_memory_bytes=1 << 30) as served:
        assert served.update(text_of(1)).status == 204
        doubled = " ".join(f"BIND(CONCAT(?a{n},?a{n}) AS ?a{n + 1})" for n in range(29))
        text = (
            f'INSERT {{ <x:a> <x:b> ?a29 }} WHERE {{ BIND("0123456789abcdef" AS ?a0) {doubled} }}'
        )
        answer = served.update(text)
        assert answer.status == 422 and b"write_memory" in answer.body, answer.body
        assert state_of(served.data) == 1
        assert served.update(text_of(2)).status == 204


def test_a_full_disk_ends_the_write_and_the_old_answers_stay(small_disk: Path) -> None:
    with serving(small_disk / "data", workers=1, keep_releases=1) as served:
        assert served.update(text_of(1)).status == 204
        body = b"\n".join(
            b'<x:a%d> <x:b> "%s" .' % (n, os.urandom(400).hex().encode()) for n in range(6000)
        )
        answer = put_many(served, body)
        assert answer.status == 507, answer.body
        assert b"storage_full" in answer.body
        assert state_of(served.data) == 1
        assert served.number("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == 51
        assert served.update(text_of(2)).status == 204  # a small one still fits
        assert state_of(served.data) == 2


def put_many(served: Served, body: bytes) -> Answer:
    return served.send("PUT", "/store?graph=x:big", body, {"Content-Type": "text/turtle"})


def test_old_releases_go_and_rollback_takes_writes_back(tmp_path: Path) -> None:
    with serving(tmp_path / "data", workers=1, keep_releases=3) as served:
        written = [current(served.data).name]  # by the start; the pages have it open
        for number in range(1, 5):
            assert served.update(text_of(number)).status == 204
            written.append(current(served.data).name)
        assert {release.id for release in releases(served.data)} == {written[0], *written[-3:]}
        assert served.send("GET", "/").status == 200  # opens the release in use
        assert served.update(text_of(5)).status == 204
        assert len(releases(served.data)) == 3
        rollback(served.data)
        assert state_of(served.data) == 4
        assert served.number("SELECT ?n { GRAPH <x:two> { ?s ?p ?n } }") == 4
        assert served.update("INSERT DATA { <x:after> <x:n> 4 }").status == 204
        assert (
            served.number("SELECT ?n { GRAPH <x:two> { ?s ?p ?n } }") == 4
        )  # the head went back too
