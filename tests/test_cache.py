"""Answers are made once per release, kept under everything they depend on, and never too long."""

from pathlib import Path

import pytest

from kg.engine.volatile import is_volatile
from kg.web.cache import AnswerCache, Entry, Key, may_keep, read_request
from kg.web.compression import CODINGS, IDENTITY, choose_coding


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, IDENTITY),
        ("", IDENTITY),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("GZIP;q=0.5, br;q=0.9", "br"),
        ("gzip;q=0.5, identity", IDENTITY),
        ("gzip;q=0, identity", IDENTITY),
        ("*", "zstd"),
        ("zstd;q=0, *", "br"),
        ("*;q=0, gzip", "gzip"),
        ("compress, deflate", IDENTITY),
        ("identity;q=0, br", "br"),
        ("identity;q=0", None),
        ("*;q=0", None),
    ],
)
def test_the_coding_follows_accept_encoding(header: str | None, coding: str | None) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT (NOW() AS ?x) {}", "SELECT"),
        ("SELECT * { ?s ?p ?o } ORDER BYRAND()", "SELECT"),
        ("SELECT * { BIND(struuid #\n () AS ?x) }", "SELECT"),
        ("ASK { FILTER(1<UUID()&&1>0) }", "ASK"),
        ("SELECT (bnode() AS ?x) {}", "SELECT"),
        ("SELECT (\\u0052AND() AS ?x) {}", "SELECT"),
        ("CONSTRUCT { _:a <b> <c> } {}", "CONSTRUCT"),
        ("CONSTRUCT { <a> <b> '}' , [] } {}", "CONSTRUCT"),
        ("CONSTRUCT { <a> <b> (1 2) } {}", "CONSTRUCT"),
        ("something", ""),
    ],
)
def test_what_may_answer_differently_is_volatile(query: str, form: str) -> None:
    assert is_volatile(query, form)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT ?now { ?now <rand> ?uuid }", "SELECT"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o, [] . FILTER(?o IN (1, 2)) }", "CONSTRUCT"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
    ],
)
def test_what_always_answers_the_same_is_not(query: str, form: str) -> None:
    assert not is_volatile(query, form)


def test_a_hostile_text_is_looked_through_in_time() -> None:
    import time

    started = time.process_time()
    for unit in ("RAND ", "NOW#", "RAND\n", "UUID#x\n"):
        is_volatile("CONSTRUCT { " + unit * 10_000, "CONSTRUCT")
    assert time.process_time() - started < 1.0


def link(folder: Path, name: str) -> None:
    """Puts a release of that name in use, in one step as a build does."""
    (folder / "next").symlink_to(f"releases/{name}")
    (folder / "next").replace(folder / "current")


def key(target: str, *headers: tuple[bytes, bytes]) -> Key:
    found = read_request(b"GET", target.encode(), headers, b"").key
    assert found is not None
    return found


def entry(body: bytes) -> Entry:
    return Entry(200, [("Content-Type", "text/plain"), ("Cache-Control", "public, no-cache")], body)


def test_the_longest_unused_is_dropped_first_and_the_bytes_stay_within_bounds(
    tmp_path: Path,
) -> None:
    link(tmp_path, "one")
    cache = AnswerCache(tmp_path / "current", 100_000)
    for number in range(100):
        cache.put(key(f"/{number}"), entry(bytes(2000)), cache.release())
        assert cache.get(key("/0")) is not None
        assert cache.bytes <= 100_000
    assert cache.get(key("/99")) is not None and cache.get(key("/1")) is None
    cache.put(key("/large"), entry(bytes(7000)), cache.release())
    assert cache.get(key("/large")) is None


def test_a_swap_drops_what_was_kept_and_what_comes_too_late(tmp_path: Path) -> None:
    link(tmp_path, "one")
    cache = AnswerCache(tmp_path / "current", 100_000)
    before = cache.release()
    cache.put(key("/a"), entry(b"one"), before)
    link(tmp_path, "two")
    assert cache.get(key("/a")) is None
    cache.put(key("/a"), entry(b"one"), before)
    assert cache.get(key("/a")) is None
    assert cache.bytes == 0


def test_the_key_holds_what_an_answer_depends_on_and_nothing_else() -> None:
    plain = key("/a", (b"accept", b"text/csv"))
    assert plain == key("/a", (b"user-agent", b"x"), (b"accept", b"text/csv"))
    for other in (
        key("/a", (b"accept", b"text/html")),
        key("/b", (b"accept", b"text/csv")),
        key("/a", (b"accept", b"text/csv"), (b"cookie", b"lang=en")),
        key("/a", (b"accept", b"text/csv"), (b"accept-language", b"en")),
        key("/a", (b"accept", b"text/csv"), (b"host", b"x")),
    ):
        assert other != plain
    assert read_request(b"GET", b"/a", [(b"authorization", b"Bearer x")], b"").key is None


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [
        (200, [("Cache-Control", "public, no-cache")], True),
        (303, [("cache-control", "public, no-cache")], True),
        (200, [("Cache-Control", "no-store")], False),
        (200, [("Cache-Control", "private")], False),
        (200, [], False),
        (404, [("Cache-Control", "public, no-cache")], False),
        (200, [("Cache-Control", "no-cache"), ("Set-Cookie", "a=b")], False),
    ],
)
def test_what_may_be_kept_says_the_answer(
    status: int, headers: list[tuple[str, str]], kept: bool
) -> None:
    assert may_keep(status, headers) is kept


def test_every_coding_has_a_tag_of_its_own_and_a_short_answer_none() -> None:
    found = entry(b"a row of text\n" * 500)
    tags = {found.variant(coding).etag for coding in (IDENTITY, *CODINGS)}
    assert len(tags) == 1 + len(CODINGS)
    asked = read_request(b"GET", b"/", [(b"accept-encoding", b"gzip")], b"")
    assert entry(b"short").coding_for(asked) == IDENTITY
    only = read_request(b"GET", b"/", [(b"accept-encoding", b"gzip, identity;q=0")], b"")
    assert entry(b"short").coding_for(only) == "gzip"
