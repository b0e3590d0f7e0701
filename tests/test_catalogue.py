"""The description of a release counts what the release holds."""

import hashlib
from functools import cache
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib import DCAT, DCTERMS, PROV, RDFS, SH, VOID

from kg.namespaces import BASE, PREFIXES
from kg.release.partitions import EXAMPLES_GRAPH, PARTITIONS_GRAPH
from kg.release.rules import RUNS_GRAPH
from kg.store.embedded import EmbeddedStore
from test_shapes import both_engines

ROOT = Path(__file__).parent.parent
KG = rdflib.Namespace(PREFIXES["kg"])
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")


def described(client: FlaskClient) -> rdflib.Graph:
    return parsed(client.get("/.well-known/void").data)


@cache
def parsed(turtle: bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle, format="turtle")


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


def datasets(graph: rdflib.Graph) -> set[rdflib.URIRef]:
    release = rdflib.URIRef(BASE + "id/dataset/release")
    return {rdflib.URIRef(str(part)) for part in graph.objects(release, DCAT.dataset)}


def test_both_engines_find_every_dataset_described_with_licence_trust_checksum_and_file(
    client: FlaskClient,
) -> None:
    graph = described(client)
    counts = {VOID.classPartition, VOID.propertyPartition, VOID.property, VOID["class"]}
    graph, whole = rdflib.Graph(), graph
    for triple in whole:  # without counts by class and property, which S22 does not look at
        if triple[1] not in {*counts, VOID.dataDump, VOID.entities}:
            graph.add(triple)
    shapes = rdflib.Graph().parse(ROOT / "ontology/shapes/catalogue.shacl.ttl")
    assert both_engines(graph, shapes) == set()
    for dataset in datasets(graph):
        graph.remove((dataset, KG.trustLevel, None))
    found = both_engines(graph, shapes)
    assert {focus for focus, _, _ in found} == {str(dataset) for dataset in datasets(graph)}
    assert {severity for _, _, severity in found} == {str(SH.Violation)}


def test_the_file_behind_a_graph_has_the_checksum_that_its_description_names(
    client: FlaskClient,
) -> None:
    graph, fileless = described(client), set()
    for dataset in datasets(graph):
        file = graph.value(dataset, PROV.wasDerivedFrom)
        if file is None:
            assert graph.value(dataset, RDFS.comment)
            fileless.add(str(dataset))
            continue
        path = ROOT / str(graph.value(file, DCTERMS.identifier))
        value = graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue)
        assert str(value) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert fileless == {RUNS_GRAPH, EXAMPLES_GRAPH, PARTITIONS_GRAPH}


@pytest.mark.parametrize(
    ("graph", "level"),
    [
        ("src/A", "edited"),
        ("ref/places", "curated"),
        ("ref/voc-gbt4754-2017", "standard"),
        ("ref/voc-tier", "curated"),
        ("ref/voc-cluster-map", "curated"),
        ("ref/divisions", "register"),
        ("src/shenzhen-20-8-chains", "machine-made"),
        ("curation/resolutions", "curated"),
        ("derived/R01", "derived"),
        ("meta/ont-core", "curated"),
        ("meta/rules", "derived"),
    ],
)
def test_a_dataset_states_how_far_its_origin_can_be_trusted(
    client: FlaskClient, graph: str, level: str
) -> None:
    stated = set(described(client).objects(rdflib.URIRef(BASE + "graph/" + graph), KG.trustLevel))
    assert stated == {rdflib.URIRef(PREFIXES["trust"] + level)}
