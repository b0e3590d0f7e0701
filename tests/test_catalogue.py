"""The description of a release counts what the release holds."""

import hashlib

import rdflib
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, VOID

from kg.namespaces import BASE
from kg.store.embedded import EmbeddedStore

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")


def described(client: FlaskClient) -> rdflib.Graph:
    return rdflib.Graph().parse(data=client.get("/.well-known/void").data, format="turtle")


def test_every_graph_is_described_with_its_number_of_triples_and_a_licence_where_it_has_one(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    graph = described(client)
    release = rdflib.URIRef(BASE + "id/dataset/release")
    assert {str(part) for part in graph.objects(release, DCAT.dataset)} == set(store.graphs())
    for name in store.graphs():
        assert int(str(graph.value(rdflib.URIRef(name), VOID.triples))) == len(
            list(store.quads(name))
        )
    assert graph.value(rdflib.URIRef(BASE + "graph/src/A"), DCTERMS.license)


def test_classes_and_properties_are_counted_as_a_query_counts_them(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    graph, release = described(client), rdflib.URIRef(BASE + "id/dataset/release")
    counted = {
        str(graph.value(part, VOID["class"])): int(str(graph.value(part, VOID.entities)))
        for part in graph.objects(release, VOID.classPartition)
    }
    rows = store.rows("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert counted == {row["c"].value: int(row["n"].value) for row in rows}  # type: ignore[union-attr]


def test_the_checksum_of_a_graph_is_that_of_its_sorted_n_quads(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    graph, name = described(client), BASE + "graph/src/A"
    lines = sorted(client.get("/export/src/A.nq").get_data(as_text=True).splitlines())
    text = "".join(f"{line}\n" for line in lines)
    checksum = graph.value(rdflib.URIRef(name), SPDX.checksum)
    value = graph.value(checksum, SPDX.checksumValue)
    assert str(value) == hashlib.sha256(text.encode()).hexdigest()
