"""Writing over HTTP: who may, what becomes of it, and what never leaves a trace."""

import contextlib
import hashlib
import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner
from rdflib import DCAT, DCTERMS, RDFS, VOID

from kg import cli
from kg.errors import BadSetting
from kg.namespaces import BASE
from kg.release.backup import verify
from kg.release.changes import sum_dataset
from kg.release.history import current, releases
from kg.release.manifest import Manifest
from kg.release.publish import build
from kg.settings import Settings, hash_token
from serving import TOKEN, Served, serving, start
from test_release import small_root

TURTLE = {"Content-Type": "text/turtle"}
GRAPH = "/store?graph=http://x/g"
UPDATE = b"application/sparql-update"
A, PLACES = f"{BASE}graph/src/A", f"{BASE}graph/ref/places"
STATEMENT, SHENZHEN = f"{BASE}id/stmt/A01-1", f"{BASE}id/place/shenzhen"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over an empty store."""
    with serving(tmp_path_factory.mktemp("written") / "data") as found:
        yield found


@pytest.fixture(autouse=True)
def _emptied(request: pytest.FixtureRequest) -> None:
    if "served" in request.fixturenames:
        assert request.getfixturevalue("served").update("DROP ALL").status == 204


def code(answer: object) -> str:
    return str(json.loads(answer.body)["code"])  # type: ignore[attr-defined]


def held(served: Served) -> set[str]:
    """Every quad of the release in use, read from disk."""
    store = ox.Store.read_only(str(current(served.data) / "store"))
    return {str(quad) for quad in store}


# who may write


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({}, 401, "token_missing"),
        ({"Authorization": "Bearer "}, 401, "token_missing"),
        ({"Authorization": "Bearer"}, 401, "token_missing"),
        ({"Authorization": f"Basic {TOKEN}"}, 401, "token_missing"),
        ({"Authorization": "Bearer x"}, 401, "token_invalid"),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401, "token_invalid"),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401, "token_invalid"),
        ({"Authorization": f"Bearer {hash_token(TOKEN)}"}, 401, "token_invalid"),
        (
            {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"},
            403,
            "origin_forbidden",
        ),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "null"}, 403, "origin_forbidden"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "type_"),
    [
        ("POST", "/sparql/update", "application/x-www-form-urlencoded"),
        ("POST", "/sparql/update", "application/sparql-update"),
        ("PUT", GRAPH, "text/turtle"),
        ("POST", "/store", "text/turtle"),
        ("DELETE", "/store/a", "text/turtle"),
    ],
)
def test_only_the_token_writes_and_only_from_this_site(
    served: Served,
    method: str,
    path: str,
    type_: str,
    headers: dict[str, str],
    status: int,
    expected: str,
) -> None:
    body = b"update=INSERT+DATA+{<a:a>+<a:a>+<a:a>}" if "form" in type_ else b""
    headers = {**headers, "Content-Type": type_}
    answer = served.send(method, path, body, headers, authorised=False)
    assert (answer.status, code(answer)) == (status, expected)
    assert status != 401 or answer.headers["www-authenticate"].startswith("Bearer")
    assert "access-control-allow-origin" not in answer.headers
    assert not held(served)


def test_the_token_is_kept_as_its_digest_only_and_no_worker_gets_even_that(served: Served) -> None:
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    assert TOKEN not in repr(Settings(write_token=TOKEN)) + str(
        Settings(write_token=TOKEN).to_environment()
    )
    assert Settings(write_token=f"sha256:{digest}") == Settings(write_token=TOKEN)
    served.update("INSERT DATA { <a> <b> <c> }")
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(served.process.pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    workers = [int(pid) for pid in listed.stdout.split()]
    assert len(workers) >= 3  # two for queries, one that writes
    for worker in workers:
        environment = Path("/proc", str(worker), "environ").read_text()
        assert "KG_DATA" in environment
        assert TOKEN not in environment and digest not in environment
    files = [path for path in served.data.rglob("*") if path.is_file()]
    assert files and not any(TOKEN.encode() in path.read_bytes() for path in files)


def test_an_unknown_kind_of_default_graph_is_refused() -> None:
    with pytest.raises(BadSetting, match="KG_DEFAULT_GRAPH='union' is not merged or plain"):
        Settings.from_environment({"KG_DEFAULT_GRAPH": "union"})


# what becomes of a write


def test_a_write_is_a_release_with_its_origin(served: Served) -> None:
    text = 'INSERT DATA { <http://x/a> <http://x/b> "深圳" . GRAPH <http://x/g> { <http://x/a> <http://x/b> 1, 2 } }'
    parent = current(served.data).name
    headers = {
        "Content-Type": "application/sparql-update",
        "X-KG-Agent": "a test",
        "X-KG-Comment": "why not",
    }
    answer = served.send("POST", "/sparql/update", text.encode(), headers)
    assert answer.status == 204
    folder = current(served.data)
    manifest = Manifest.read(folder)
    origin = manifest.provenance
    assert answer.headers["x-kg-release"] == folder.name == manifest.id != parent
    assert (origin["kind"], origin["graphs"], origin["added"], origin["removed"]) == (
        "update",
        ["http://x/g"],
        3,
        0,
    )
    assert (origin["agent"], origin["comment"], origin["parent"]) == ("a test", "why not", parent)
    assert origin["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (manifest.counts["quads"], manifest.counts["triples"]) == (2, 1)
    assert manifest.graphs == {"http://x/g": 2}
    assert (
        json.loads(served.ask("ASK { ?s ?p '深圳' }", "application/json").body)["boolean"] is True
    )


def test_the_digest_follows_every_write(served: Served) -> None:
    texts = [
        "INSERT DATA { <a:a> <a:b> 01, 1.50, 'x'@zh-Hans . GRAPH <a:g> { <a:a> <a:b> 1 } }",
        "INSERT DATA { <a:a> <a:b> 1, true }",
        "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH <a:h> { ?s ?p ?o, [] } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DELETE WHERE { <a:a> <a:b> true }",
        "CREATE GRAPH <a:empty>",
        "COPY DEFAULT TO <a:copy> ; ADD <a:h> TO DEFAULT ; MOVE <a:h> TO <a:moved>",
        "WITH <a:copy> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(ISNUMERIC(?o)) }",
        "PREFIX p: <a:> DELETE DATA { p:a p:b 1 } ; INSERT DATA { GRAPH p:new { p:a p:b 1 } }",
        "DROP GRAPH <a:empty> ; CLEAR GRAPH <a:moved> ; CLEAR DEFAULT",
        "DROP NAMED",
    ]
    for text in texts:
        assert served.update(text).status == 204
        folder = current(served.data)
        store = ox.Store.read_only(str(folder / "store"))
        manifest = Manifest.read(folder)
        assert manifest.quad_sum == f"{sum_dataset(store):064x}", text
        named = [quad for quad in store if isinstance(quad.graph_name, ox.NamedNode)]
        assert manifest.counts["quads"] == len(named)
        assert manifest.counts["triples"] == len(list(store)) - len(named)
        assert set(manifest.graphs) == {graph.value for graph in store.named_graphs()}


def test_a_write_that_changes_nothing_makes_no_release(served: Served) -> None:
    served.update("INSERT DATA { <a> <b> <c> }")
    before = current(served.data)
    for text in (
        "INSERT DATA { <a> <b> <c> }",
        "DELETE DATA { <a> <b> <d> }",
        "DROP SILENT GRAPH <x:none>",
    ):
        answer = served.update(text)
        assert (answer.status, answer.headers["x-kg-release"]) == (204, before.name)
    assert current(served.data) == before


def test_an_update_whose_last_operation_fails_leaves_nothing(served: Served) -> None:
    before = current(served.data)
    answer = served.update("INSERT DATA { <a> <b> <c> } ; CLEAR GRAPH <http://nowhere/>")
    assert (answer.status, code(answer)) == (422, "evaluation")
    answer = served.update("INSERT DATA { <a> <b> <c> } ; INSERT DATA { <a> <b> }")
    assert (answer.status, code(answer)) == (400, "syntax")
    assert current(served.data) == before and not held(served)
    assert served.update("INSERT DATA { <a:a> <a:b> <a:c> }").status == 204
    assert held(served) == {"<a:a> <a:b> <a:c>"}


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("LOAD <http://127.0.0.1:1/>", 403, "load_forbidden"),
        ("load silent <http://127.0.0.1:1/> into graph <x:g>", 403, "load_forbidden"),
        ("INSERT DATA { <a> <b> <c> };LOADSILENT<http://127.0.0.1:1/>", 403, "load_forbidden"),
        ("PREFIX load: <x:> LOADload:a", 403, "load_forbidden"),
        (
            "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
            403,
            "service_forbidden",
        ),
        ("INSERT DATA { <a> <b> " + "[<c> " * 101 + "1" + "]" * 101 + " }", 400, "too_deep"),
        ("DELETE WHERE { " + "?s ?p ?o . " * 101 + "}", 400, "too_complex"),
        (
            "INSERT { <a> <b> <c> } WHERE { FILTER('" + "x" * 66_000 + "' = '') }",
            400,
            "too_complex",
        ),
        ("SELECT * { ?s ?p ?o }", 400, "syntax"),
        ("  ", 400, "query_missing"),
    ],
)
def test_what_a_query_may_not_an_update_may_not(
    served: Served, text: str, status: int, expected: str
) -> None:
    answer = served.update(text)
    assert (answer.status, code(answer)) == (status, expected)
    assert not held(served)


def test_names_that_only_look_like_load_are_names(served: Served) -> None:
    text = "PREFIX load: <http://x/> INSERT DATA { <http://x/a> load:b load:c ; load:d 'LOAD <x>' }"
    assert served.update(text).status == 204
    assert len(held(served)) == 2


def test_many_ground_triples_go_in_one_update(served: Served) -> None:
    triples = " . ".join(f"<http://x/{n}> <http://x/p> {n}" for n in range(5000))
    assert served.update(f"INSERT DATA {{ {triples} }}").status == 204
    assert len(held(served)) == 5000


# the Graph Store


def test_preconditions_hold_or_nothing_is_written(served: Served) -> None:
    def put(body: bytes, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return served.send("PUT", GRAPH, body, {**TURTLE, **named}).status

    assert put(b"<a:a> <a:b> 1 .", If_Match="*") == 412
    assert put(b"<a:a> <a:b> 1 .", If_None_Match="*") == 201
    assert put(b"<a:a> <a:b> 2 .", If_None_Match="*") == 412
    tag = served.send("GET", GRAPH).headers["etag"]
    served.update("INSERT DATA { GRAPH <a:other> { <a:a> <a:b> 1 } }")
    assert served.send("GET", GRAPH).headers["etag"] == tag  # another graph's write is no change
    assert served.send("GET", GRAPH, headers={"If-None-Match": tag}).status == 304
    assert put(b"<a:a> <a:b> 3 .", If_Match=tag) == 204
    assert put(b"<a:a> <a:b> 4 .", If_Match=tag) == 412
    assert served.send("DELETE", GRAPH, headers={"If-Match": tag}).status == 412
    assert '"3"' in " ".join(held(served)) and '"4"' not in " ".join(held(served))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/store", 400),
        ("DELETE", "/store", 400),
        ("PUT", "/store?graph=http://x/g&default", 400),
        ("PUT", "/store?graph=http://x/g&graph=http://x/h", 400),
        ("PUT", "/store?graph=http://x/%3Ca%3E", 400),
        ("PUT", "/store/a?graph=http://x/g", 400),
        ("DELETE", "/store?graph=http://x/none", 404),
        ("GET", "/store?graph=http://x/none", 404),
        ("HEAD", "/store/none", 404),
        ("PATCH", "/store?default", 405),
        ("GET", "/sparql/update?update=DROP+ALL", 405),
        ("PUT", "/sparql/update", 405),
    ],
)
def test_a_graph_is_named_once_and_rightly(
    served: Served, method: str, path: str, status: int
) -> None:
    assert served.send(method, path, b"", TURTLE).status == status


def test_an_empty_graph_is_a_graph(served: Served) -> None:
    assert served.send("PUT", GRAPH, b"", TURTLE).status == 201
    assert served.send("GET", GRAPH).status == 200
    assert served.send("DELETE", GRAPH).status == 204
    assert served.send("GET", GRAPH).status == 404


def test_a_minted_graph_answers_at_its_own_address(served: Served) -> None:
    answer = served.send("POST", "/store", b"<> <a:b> 1 .", TURTLE)
    place = answer.headers["location"]
    assert answer.status == 201 and place.startswith(f"http://127.0.0.1:{served.port}/store/")
    path = place.removeprefix(f"http://127.0.0.1:{served.port}")
    for found in (served.send("GET", path), served.send("GET", f"/store?graph={place}")):
        assert found.status == 200 and place.encode() in found.body


def test_the_whole_dataset_comes_back_from_the_bare_store(served: Served) -> None:
    served.update("INSERT DATA { <a:a> <a:b> 1 . GRAPH <a:g> { <a:a> <a:b> 2 } }")
    for accept in ({}, {"Accept": "*/*"}, {"Accept": "text/turtle"}):  # never by accident
        answer = served.send("GET", "/store", headers=accept)
        assert (answer.status, code(answer)) == (400, "graph_parameter")
    lines = served.send("GET", "/store?format=nquads").body.decode().split(" .\n")
    assert {line for line in lines if line} == held(served)
    default = served.send("GET", "/store?default", headers={"Accept": "application/trig"})
    assert b"GRAPH" not in default.body and b"a:g" not in default.body


BOMBS = {
    "entities": ("application/rdf+xml", b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>', 400),
    "external entity": (
        "application/rdf+xml",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        400,
    ),
    "XML in UTF-16": ("application/rdf+xml", "<!DOCTYPE a><a/>".encode("utf-16"), 400),
    "deep XML": ("application/rdf+xml", b"<a>" * 100_000, 400),
    "deep Turtle": ("text/turtle", b"<a:a> <a:b> " + b"[ <a:b> " * 1_000_000, 400),
    "deep lists": ("text/turtle", b"<a:a> <a:b> " + b"(" * 1_000_000, 400),
    "behind a comment": ("text/turtle", b"<a:\\u0041#> <a:b> " + b"[<a:b>" * 1_000_000, 400),
    "deep triple terms": ("application/n-triples", b"<a:a> <a:b> " + b"<<( " * 1_000_000, 400),
    "deep JSON": ("application/ld+json", b'{"a:b":' * 500_000, 400),
    "remote context": ("application/ld+json", b'{"@context": "http://127.0.0.1:1/", "a": 1}', 400),
    "many quotes": ("text/turtle", b"'" * 1_000_000, 400),
    "named graphs": (
        "application/ld+json",
        b'{"@id": "a:g", "@graph": [{"@id": "a:a", "a:b": 1}]}',
        400,
    ),
    "half a part": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Type: text/turtle\r\n\r\n",
        400,
    ),
    "plain text": ("text/plain", b"<a:a> <a:b> <a:c> .", 415),
    "no type": ("", b"<a:a> <a:b> <a:c> .", 415),
    "UTF-16": ("text/turtle; charset=utf-16", "<a:a> <a:b> 1 .".encode("utf-16"), 415),
}


@pytest.mark.parametrize(("type_", "body", "status"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_a_second_and_nothing_is_written(
    served: Served, type_: str, body: bytes, status: int
) -> None:
    served.update("INSERT DATA { <a:a> <a:b> 'before' }")
    started = time.monotonic()
    headers = {"Content-Type": type_} if type_ else {}
    assert served.send("PUT", GRAPH, body, headers).status == status
    assert time.monotonic() - started < 1.0
    assert held(served) == {'<a:a> <a:b> "before"'}
    assert served.send("GET", "/healthz").status == 200


def test_a_compressed_body_is_refused(served: Served) -> None:
    answer = served.send("PUT", GRAPH, b"x", {**TURTLE, "Content-Encoding": "gzip"})
    assert (answer.status, code(answer)) == (415, "media_type")


def test_a_syntax_error_of_a_body_names_its_place(served: Served) -> None:
    problem = json.loads(served.send("PUT", GRAPH, b"<a:a> <a:b> 1 .\n<a:a> oops .", TURTLE).body)
    assert (problem["code"], problem["line"]) == ("syntax", 2)


# together


def test_many_writers_at_once_are_served_one_after_another(served: Served) -> None:
    served.update("INSERT DATA { <x:n> <x:is> 0 }")
    text = "DELETE { ?s ?p ?n } INSERT { ?s ?p ?m } WHERE { ?s ?p ?n BIND(?n + 1 AS ?m) }"
    seen: list[int] = []

    def write() -> None:
        while served.update(text).status == 503:  # more than half of the threads wait already
            time.sleep(0.2)

    def read() -> None:
        while not done.is_set():
            answer = served.ask("SELECT ?n { ?s ?p ?n }")
            assert answer.status == 200
            seen.append(int(answer.body.split()[-1]))

    done = threading.Event()
    threads = [threading.Thread(target=write) for _ in range(64)]
    reader = threading.Thread(target=read)
    for thread in (reader, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert held(served) == {'<x:n> <x:is> "64"^^<http://www.w3.org/2001/XMLSchema#integer>'}
    assert seen == sorted(seen) and len(set(seen)) > 3  # readers went on, and never went back


def test_a_restarted_server_goes_on_where_the_writes_ended(tmp_path: Path) -> None:
    for number in range(3):
        served = start(tmp_path / "data", keep_releases=2)
        try:
            assert len(held(served)) == number
            assert served.update(f"INSERT DATA {{ <x:a> <x:b> {number} }}").status == 204
        finally:
            served.kill()
    assert len(releases(tmp_path / "data")) == 2


def test_no_number_of_writes_removes_the_release_that_files_made(tmp_path: Path) -> None:
    settings = small_root(tmp_path)
    built = build(replace(settings, keep_releases=2))
    with serving(settings.data, root=settings.root, default_graph="merged", keep_releases=2) as own:
        for number in range(4):
            text = f"INSERT DATA {{ GRAPH <x:g> {{ <x:a> <x:b> {number} }} }}"
            assert own.update(text).status == 204
            manifest = Manifest.read(current(own.data))
            store = ox.Store.read_only(str(current(own.data) / "store"))
            assert manifest.quad_sum == f"{sum_dataset(store):064x}" != built.quad_sum
    assert len(releases(settings.data)) == 3
    assert built.id in {release.id for release in releases(settings.data)}
    assert verify(settings.data).id == current(settings.data).name


# what is said of a written release


def test_the_description_follows_the_writes(tmp_path: Path) -> None:
    settings = small_root(tmp_path)
    build(settings)
    before = rdflib.Graph().parse(current(settings.data) / "void.ttl")
    with serving(settings.data, root=settings.root, default_graph="merged") as own:
        for text in (
            "INSERT DATA { GRAPH <x:g> { <x:a> a <x:C> ; <x:p> 1, 2 . <x:b> a <x:C> } }",
            f"DELETE DATA {{ GRAPH <{A}> {{ <{STATEMENT}> <{RDFS.seeAlso}> <{SHENZHEN}> }} }}",
            f"DROP GRAPH <{PLACES}>",
        ):
            assert own.update(text).status == 204
        answer = own.send("GET", "/.well-known/void", headers={"Accept": "text/turtle"})
        found = rdflib.Graph().parse(data=answer.body, format="turtle")
        release = rdflib.URIRef(f"{BASE}id/dataset/release")
        dump = own.send("GET", "/store?format=nquads").body
        truth = rdflib.Dataset()
        truth.parse(data=dump, format="nquads")
        names = {str(g.identifier) for g in truth.graphs() if len(g)} - {"urn:x-rdflib:default"}
        listed = {str(graph) for graph in found.objects(release, DCAT.dataset)}
        assert listed == names | {A}  # empty, but there
        assert not list(found.triples((rdflib.URIRef(PLACES), None, None)))
        for name in listed:
            said = found.value(rdflib.URIRef(name), VOID.triples)
            assert said is not None and said.toPython() == len(truth.graph(rdflib.URIRef(name))), (
                name
            )
        entities = {
            str(found.value(part, VOID["class"])): found.value(part, VOID.entities).toPython()  # type: ignore[union-attr]
            for part in found.objects(release, VOID.classPartition)
        }
        assert entities["x:C"] == 2
        for name, count in entities.items():
            assert own.number(f"SELECT (COUNT(*) AS ?n) {{ ?s a <{name}> }}") == count
        total = found.value(release, VOID.triples)
        assert total and own.number("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == total.toPython()
        assert str(found.value(release, DCTERMS.identifier)) == current(settings.data).name
        kept = rdflib.URIRef(f"{BASE}graph/core")
        assert set(before.predicate_objects(kept)) == set(found.predicate_objects(kept))
        service = own.send("GET", "/sparql", headers={"Accept": "text/turtle"}).body
        assert b"SPARQL11Update" in service and b"x:g" in service and PLACES.encode() not in service


def test_a_token_of_any_characters_is_taken_and_other_bytes_are_not(tmp_path: Path) -> None:
    token = "密码-ü€"
    with serving(tmp_path / "data", workers=1, write_token=token) as own:
        for sent, status in (
            (token.encode(), 204),
            (b"\xff\xfe\x80", 401),
            ("密码-ü".encode(), 401),
        ):
            connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=30)
            headers = {b"Authorization": b"Bearer " + sent, b"Content-Type": UPDATE}
            connection.request("POST", "/sparql/update", b"DROP ALL", headers)  # type: ignore[arg-type]
            assert connection.getresponse().status == status
            connection.close()


def test_nothing_is_left_of_an_upload_when_the_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    for _ in range(2):
        own = start(tmp_path / "data", workers=1)
        body = b"".join(b"<x:a%d> <x:b> %d .\n" % (n, n) for n in range(100_000))
        client = threading.Thread(target=send_and_forget, args=(own, body))
        client.start()
        time.sleep(0.2)
        own.kill()
        client.join()
        assert not [path for path in scratch.rglob("*") if path.is_file()]


def send_and_forget(own: Served, body: bytes) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        own.send("PUT", GRAPH, body, TURTLE)


def test_an_export_of_an_ordinary_dataset_holds_its_default_graph(served: Served) -> None:
    served.update("INSERT DATA { <x:a> <x:b> 1 . GRAPH <x:g> { <x:a> <x:b> 2 } }")
    environment = {"KG_DATA": str(served.data), "KG_DEFAULT_GRAPH": "plain"}
    result = CliRunner().invoke(cli.main, ["export", "-f", "nquads"], env=environment)
    texts = (result.stdout, served.send("GET", "/export/all.nq").body.decode())
    for text in texts:
        assert {line.removesuffix(" .") for line in text.splitlines()} == held(served)
