"""The service in its own words: https://www.w3.org/TR/sparql11-service-description/."""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.formats import formats_for
from kg.namespaces import BASE, PREFIXES
from kg.settings import Settings
from kg.store import Store
from kg.web.limits import read_limits

_FORMAT_IRIS = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nquads": "N-Quads",
}
"""Local names under http://www.w3.org/ns/formats/."""


def describe_service(store: Store, endpoint: str, settings: Settings) -> Iterator[ox.Triple]:
    """Triples that describe the endpoint at this URL, its limits and the dataset it serves."""

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(PREFIXES["sd"] + name)

    service, dataset = ox.NamedNode(endpoint), ox.NamedNode(BASE + "id/dataset/release")
    default = ox.NamedNode(BASE + "graph/meta/merged")
    a = ox.NamedNode(PREFIXES["rdf"] + "type")
    yield ox.Triple(service, a, sd("Service"))
    yield ox.Triple(service, sd("endpoint"), service)
    yield ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query"))
    for format in {*formats_for("table"), *formats_for("graph")}:
        iri = ox.NamedNode("http://www.w3.org/ns/formats/" + _FORMAT_IRIS[format.name])
        yield ox.Triple(service, sd("resultFormat"), iri)
    yield from _describe_limits(service, settings)
    yield ox.Triple(service, sd("defaultDataset"), dataset)
    yield ox.Triple(dataset, a, sd("Dataset"))
    yield ox.Triple(dataset, sd("defaultGraph"), default)
    yield ox.Triple(default, a, sd("Graph"))
    for name in store.graphs():
        part = ox.NamedNode(name + "#in-service")
        yield ox.Triple(dataset, sd("namedGraph"), part)
        yield ox.Triple(part, a, sd("NamedGraph"))
        yield ox.Triple(part, sd("name"), ox.NamedNode(name))


def _describe_limits(service: ox.NamedNode, settings: Settings) -> Iterator[ox.Triple]:
    """Every limit in force as a schema:PropertyValue; the service vocabulary has no word for them."""

    def schema(name: str) -> ox.NamedNode:
        return ox.NamedNode(PREFIXES["schema"] + name)

    for limit in read_limits(settings):
        node = ox.NamedNode(f"{service.value}#{limit.name}")
        yield ox.Triple(service, schema("additionalProperty"), node)
        yield ox.Triple(node, ox.NamedNode(PREFIXES["rdf"] + "type"), schema("PropertyValue"))
        yield ox.Triple(node, schema("name"), ox.Literal(limit.name))
        yield ox.Triple(node, schema("value"), ox.Literal(limit.value))
        yield ox.Triple(node, schema("description"), ox.Literal(limit.meaning, language="en"))
