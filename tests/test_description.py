"""The endpoint describes itself: to a client by its service description, to an editor in the graph."""

import re

import pyoxigraph as ox
import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from rdflib import RDF, SH, VOID, Namespace, URIRef

from kg.formats import formats_for
from kg.namespaces import BASE, PREFIXES
from kg.queries import find_queries
from kg.release.partitions import EXAMPLES_GRAPH, PARTITIONS_GRAPH
from kg.store.embedded import EmbeddedStore
from kg.web.description import FORMAT_IRIS, FUNCTIONS

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ENDPOINT = URIRef("http://localhost/sparql")

SCHEMA = {
    SD.endpoint: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, SD.Language),
    SD.resultFormat: (SD.Service, None),
    SD.inputFormat: (SD.Service, None),
    SD.feature: (SD.Service, SD.Feature),
    SD.extensionFunction: (SD.Service, SD.Function),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}
"""Domain and range of the properties, from https://www.w3.org/ns/sparql-service-description."""
INSTANCES = {SD.SPARQL11Query: SD.Language, SD.SPARQL11Update: SD.Language, SD.EmptyGraphs: SD.Feature}  # fmt: skip

PREFIX_QUERY = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""
EXAMPLE_QUERY = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query } ORDER BY ?sq"""
PARTITION_QUERY = """PREFIX void: <http://rdfs.org/ns/void#> PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
  ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop .
  OPTIONAL { { ?pp void:classPartition [ void:class ?objectClass ] }
    UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } }"""
"""What sib-swiss/sparql-editor asks an endpoint for, without a GRAPH."""


@pytest.fixture(scope="module")
def described(app: Flask) -> rdflib.Graph:
    """The service description as a client that names no format gets it."""
    response = app.test_client().get("/sparql")
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    return rdflib.Graph().parse(data=response.data, format="turtle")


def asked(client: FlaskClient, query: str) -> list[dict[str, str]]:
    """Rows of a SELECT by the endpoint as plain values."""
    response = client.get("/sparql", query_string={"query": query, "format": "json"})
    rows = response.get_json(force=True)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


@pytest.mark.parametrize("format", formats_for("graph"), ids=lambda format: format.name)
def test_the_description_comes_in_every_graph_format(client: FlaskClient, format: object) -> None:
    """W3C service-description test returns-rdf."""
    response = client.get("/sparql", headers={"Accept": format.media_type})  # type: ignore[attr-defined]
    assert response.status_code == 200
    read = list(ox.parse(response.data, format=format.engine))  # type: ignore[attr-defined]
    assert len(read) > 300


def test_it_names_the_endpoint_as_it_was_called(described: rdflib.Graph, client: FlaskClient) -> None:  # fmt: skip
    """W3C service-description test has-endpoint-triple."""
    assert (ENDPOINT, SD.endpoint, ENDPOINT) in described
    other = client.get("/sparql", base_url="https://kg.example:8443")
    graph = rdflib.Graph().parse(data=other.data, format="turtle")
    service = URIRef("https://kg.example:8443/sparql")
    assert list(graph.subject_objects(SD.endpoint)) == [(service, service)]


def test_it_conforms_to_the_vocabulary(described: rdflib.Graph) -> None:
    """W3C service-description test conforms-to-schema: known terms, domains and ranges."""
    used = {p for p in described.predicates() if p.startswith(SD)}
    assert used and used <= set(SCHEMA)
    for predicate in used:
        domain, range_ = SCHEMA[predicate]
        for subject, value in described.subject_objects(predicate):
            assert (subject, RDF.type, domain) in described, (subject, predicate)
            known = INSTANCES.get(value) or range_
            if known:
                stated = (value, RDF.type, known) in described or INSTANCES.get(value) == known
                assert stated, (value, predicate)


def test_it_says_what_is_true_of_this_build(described: rdflib.Graph) -> None:
    assert set(described.objects(ENDPOINT, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(described.objects(ENDPOINT, SD.feature)) == set()
    named = {iri.rpartition("/")[2] for iri in described.objects(ENDPOINT, SD.resultFormat)}
    assert named == set(FORMAT_IRIS.values())
    assert len(set(described.objects(ENDPOINT, SD.extensionFunction))) == len(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_named_is_known_to_the_engine(client: FlaskClient, name: str) -> None:
    function = f"http://www.opengis.net/def/function/geosparql/{name}"
    query = f"SELECT (<{function}>('x') AS ?x) {{}}"
    assert client.get("/sparql", query_string={"query": query}).status_code == 200
    unknown = query.replace(name, "unheardOf")
    assert client.get("/sparql", query_string={"query": unknown}).status_code == 422


def test_every_graph_is_named_with_its_number_of_triples(
    described: rdflib.Graph, store: EmbeddedStore
) -> None:
    [dataset] = described.objects(ENDPOINT, SD.defaultDataset)
    parts = list(described.objects(dataset, SD.namedGraph))
    names = {str(described.value(part, SD.name)) for part in parts}
    assert names == set(store.graphs())
    for part in parts:
        name, graph = described.value(part, SD.name), described.value(part, SD.graph)
        [row] = store.rows(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
        assert int(str(described.value(graph, VOID.triples))) == int(row["n"].value)  # type: ignore[union-attr]
    [row] = store.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    default = described.value(dataset, SD.defaultGraph)
    assert int(str(described.value(default, VOID.triples))) == int(row["n"].value)  # type: ignore[union-attr]


def test_it_names_the_limits_and_the_description_of_the_data(
    described: rdflib.Graph, client: FlaskClient
) -> None:
    schema = Namespace("https://schema.org/")
    found = {
        str(described.value(node, schema.name)): described.value(node, schema.value).toPython()  # type: ignore[union-attr]
        for node in described.objects(ENDPOINT, schema.additionalProperty)
    }
    published = client.get("/limits").get_json()
    assert found == {name: limit["value"] for name, limit in published.items()}
    [dataset] = described.objects(ENDPOINT, SD.defaultDataset)
    linked = described.value(dataset, rdflib.RDFS.seeAlso)
    assert str(linked) == "http://localhost/.well-known/void"
    void = rdflib.Graph().parse(data=client.get("/.well-known/void").data, format="turtle")
    assert (dataset, RDF.type, VOID.Dataset) in void


def test_an_editor_finds_the_pinned_prefixes(client: FlaskClient) -> None:
    rows = asked(client, PREFIX_QUERY)
    assert {row["prefix"]: row["namespace"] for row in rows} == PREFIXES


def test_an_editor_finds_every_saved_query_and_each_parses(client: FlaskClient, app: Flask) -> None:
    rows = {row["sq"].rpartition("/")[2]: row for row in asked(client, EXAMPLE_QUERY)}
    saved = find_queries(app.extensions["kg"].root)
    assert set(rows) == set(saved)
    for name, query in saved.items():
        assert (rows[name]["comment"], rows[name]["query"]) == (query.summary, query.text)


def test_examples_follow_the_pattern_of_shacl(store: EmbeddedStore) -> None:
    graph = rdflib.Graph()
    for quad in store.quads(EXAMPLES_GRAPH):
        graph.parse(data=f"{quad.triple} .", format="nt")
    kinds = {SH.SPARQLSelectExecutable: SH.select, SH.SPARQLConstructExecutable: SH.construct}
    for example in graph.subjects(RDF.type, SH.SPARQLExecutable):
        [kind] = set(graph.objects(example, RDF.type)) - {SH.SPARQLExecutable}
        assert len(list(graph.objects(example, kinds[kind]))) == 1  # type: ignore[index]
        assert graph.value(example, URIRef("https://schema.org/target")) == URIRef(BASE + "sparql")
        declared = graph.value(example, SH.prefixes)
        assert len(list(graph.objects(declared, SH.declare))) == len(PREFIXES)


def test_an_editor_finds_classes_and_their_properties(client: FlaskClient) -> None:
    rows = asked(client, PARTITION_QUERY)
    kg, skos = PREFIXES["kg"], PREFIXES["skos"]
    found = {(row["subjectClass"], row["prop"]): row for row in rows}
    assert (kg + "Enterprise", skos + "prefLabel") in found
    segments = [r for r in rows if r["prop"] == kg + "inSegment"]
    assert {r.get("objectClass") for r in segments} >= {kg + "ChainSegment"}
    texts = [r for r in rows if r["prop"] == skos + "prefLabel"]
    assert PREFIXES["rdf"] + "langString" in {r.get("objectDatatype") for r in texts}


def test_partitions_count_as_queries_do(store: EmbeddedStore) -> None:
    """Held against the engine's own counting of everything but the two graphs themselves."""
    outside = f"FILTER(?g NOT IN (<{EXAMPLES_GRAPH}>, <{PARTITIONS_GRAPH}>))"
    rows = store.rows("""SELECT ?class ?property ?entities ?triples {
      ds:release void:classPartition ?part . ?part void:class ?class ; void:entities ?entities ;
      void:propertyPartition ?of . ?of void:property ?property ; void:triples ?triples }""")
    assert len(rows) > 300
    for row in rows[::25]:
        kind, relation = row["class"], row["property"]
        [counted] = store.rows(
            f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a {kind} FILTER EXISTS {{ GRAPH ?g {{ ?s a {kind} }} {outside} }} }}"
        )
        assert counted["n"].value == row["entities"].value, (kind, relation)  # type: ignore[union-attr]
        [counted] = store.rows(f"SELECT (COUNT(*) AS ?n) {{ ?s a {kind} ; {relation} ?o }}")
        assert counted["n"].value == row["triples"].value, (kind, relation)  # type: ignore[union-attr]


def test_no_example_speaks_of_a_prefix_that_is_not_pinned(client: FlaskClient) -> None:
    for row in asked(client, EXAMPLE_QUERY):
        declared = dict(re.findall(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", row["query"]))
        assert declared.items() <= PREFIXES.items(), row["sq"]
