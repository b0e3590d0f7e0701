"""What is taken home is the graph: written in every format, read back by rdflib, equal."""

import gzip
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient

from kg.formats import find_format
from kg.store.embedded import EmbeddedStore
from kg.web.export import stream

SUFFIXES = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}


def triples(data: bytes, format: str) -> set[tuple[str, ...]]:
    """What rdflib reads, as comparable texts; language tags have no case (BCP 47)."""
    graph = rdflib.Graph().parse(data=data, format=format)
    return {tuple(_text(node) for node in triple) for triple in graph}


def _text(node: object) -> str:
    if isinstance(node, rdflib.Literal):
        return (
            f"{node.n3().rpartition('@')[0]}@{node.language.lower()}"
            if node.language
            else node.n3()
        )
    return str(node)


def expected(store: EmbeddedStore, graph: str | None) -> set[tuple[str, ...]]:
    """The triples of the store, through N-Triples and rdflib."""
    lines = "\n".join(f"{q.subject} {q.predicate} {q.object} ." for q in store.quads(graph))
    return triples(lines.encode(), "nt")


@pytest.fixture(scope="module")
def merged(store: EmbeddedStore) -> set[tuple[str, ...]]:
    """The triples of the merged view."""
    return expected(store, None)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_merged_view_read_back_by_rdflib_is_the_same_graph(
    client: FlaskClient, merged: set[tuple[str, ...]], suffix: str
) -> None:
    response = client.get(f"/export/all.{suffix}")
    assert response.status_code == 200
    assert triples(response.data, SUFFIXES[suffix]) == merged


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_graph_read_back_by_rdflib_is_the_same_graph(
    client: FlaskClient, store: EmbeddedStore, suffix: str
) -> None:
    response = client.get(f"/export/src/A.{suffix}")
    graph = "https://w3id.org/industry-kg/graph/src/A"
    assert triples(response.data, SUFFIXES[suffix]) == expected(store, graph)


@pytest.mark.parametrize(
    ("suffix", "format"), [("trig", ox.RdfFormat.TRIG), ("nq", ox.RdfFormat.N_QUADS)]
)
def test_a_dataset_format_holds_every_named_graph_once(
    client: FlaskClient, store: EmbeddedStore, suffix: str, format: ox.RdfFormat
) -> None:
    body = client.get(f"/export/all.{suffix}").data
    read = {str(quad) for quad in ox.parse(body, format)}
    assert read == {str(quad) for name in store.graphs() for quad in store.quads(name)}


def test_a_compressed_export_is_the_same_text(client: FlaskClient) -> None:
    packed = client.get("/export/src/B.nt.gz")
    assert packed.mimetype == "application/gzip"
    assert sorted(gzip.decompress(packed.data).splitlines()) == sorted(
        client.get("/export/src/B.nt").data.splitlines()
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/export/src/C.ttl", 404, "graph_unknown"),
        ("/export/all.docx", 406, "not_acceptable"),
        ("/export/../../etc/passwd.ttl", 404, "graph_unknown"),
        ("/export/all", 406, "not_acceptable"),
    ],
)
def test_an_unknown_graph_or_format_is_named(
    client: FlaskClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)
    assert (response.status_code, response.get_json()["code"]) == (status, code)


@pytest.fixture(scope="module")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    """300,000 triples in one graph."""
    folder = tmp_path_factory.mktemp("large")
    store = ox.Store(str(folder / "store"))
    predicate, graph = ox.NamedNode("http://x/p"), ox.DefaultGraph()
    store.bulk_extend(
        ox.Quad(
            ox.NamedNode(f"http://x/{n}"), predicate, ox.Literal(f"value {n} " + "x" * 60), graph
        )
        for n in range(300_000)
    )
    store.flush()
    del store
    return EmbeddedStore(folder)


def test_a_large_export_is_streamed_in_flat_memory(large_store: EmbeddedStore) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = sum(
        len(block)
        for block in stream(large_store, find_format("turtle", "graph"), None, zipped=False)
    )
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert size > 30_000_000
    assert grown_kib < 24 * 1024, f"{grown_kib} KiB for {size} bytes"


def test_an_export_whose_reader_goes_away_stops(large_store: EmbeddedStore) -> None:
    blocks: Iterator[bytes] = stream(large_store, find_format("nt", "graph"), None, zipped=False)
    next(blocks)
    writer = [t for t in threading.enumerate() if t.name == "export"]
    assert len(writer) == 1
    blocks.close()  # type: ignore[attr-defined]  # a generator
    writer[0].join(10)
    assert not writer[0].is_alive()


def test_the_export_page_links_every_graph(client: FlaskClient, store: EmbeddedStore) -> None:
    page = client.get("/export").get_data(as_text=True)
    for name in store.graphs():
        assert f'/export/{name.rpartition("/graph/")[2]}.ttl"' in page


def test_the_command_writes_what_the_server_sends(
    client: FlaskClient, settings: object, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from kg.cli import main

    target = tmp_path / "a.nt"
    environment = settings.to_environment()  # type: ignore[attr-defined]
    result = CliRunner().invoke(
        main, ["export", "-f", "nt", "--graph", "src/A", "-o", str(target)], env=environment
    )
    assert result.exit_code == 0, result.output
    assert sorted(target.read_bytes().splitlines()) == sorted(
        client.get("/export/src/A.nt").data.splitlines()
    )
