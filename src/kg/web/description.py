"""The service in its own words: https://www.w3.org/TR/sparql11-service-description/.

Said in full are the languages, formats, functions and graphs; classes and properties stand in the
VoID description that this one names, and in the graph itself (`g:meta/partitions`).
"""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.formats import formats_for
from kg.namespaces import BASE, expand
from kg.release.manifest import Manifest
from kg.web.limits import Limit

FORMAT_IRIS = {
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
"""Local names under http://www.w3.org/ns/formats/, by the name of the format."""

FUNCTIONS = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance",
    "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap", "envelope",
    "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter", "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp",
    "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi", "relate", "sfContains", "sfCrosses", "sfDisjoint", "sfEquals",
    "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin", "spatialDimension", "symDifference", "union",
)  # fmt: skip
"""The GeoSPARQL functions of the engine, pyoxigraph 0.5.13; it offers no list, a test calls each."""

_FORMATS = "http://www.w3.org/ns/formats/"
_GEOF = "http://www.opengis.net/def/function/geosparql/"
_DATASET, _DEFAULT = BASE + "id/dataset/release", BASE + "graph/meta/merged"


def describe_service(
    manifest: Manifest, endpoint: str, *, limits: Iterator[Limit], takes_updates: bool
) -> Iterator[ox.Triple]:
    """Triples that describe the endpoint at this URL and the dataset it serves.

    No feature of the vocabulary is claimed: the default graph is the merged view and not the plain
    union of the named graphs, nothing outside is dereferenced or federated.
    """
    yield _link(endpoint, "rdf:type", expand("sd:Service"))
    yield _link(endpoint, "sd:endpoint", endpoint)
    yield _link(endpoint, "sd:supportedLanguage", expand("sd:SPARQL11Query"))
    for format in {*formats_for("table"), *formats_for("graph")}:
        yield _link(endpoint, "sd:resultFormat", _FORMATS + FORMAT_IRIS[format.name])
    if takes_updates:
        yield _link(endpoint, "sd:supportedLanguage", expand("sd:SPARQL11Update"))
        yield _link(endpoint, "sd:feature", expand("sd:EmptyGraphs"))
        for format in formats_for("graph"):
            yield _link(endpoint, "sd:inputFormat", _FORMATS + FORMAT_IRIS[format.name])
    for name in FUNCTIONS:
        yield _link(endpoint, "sd:extensionFunction", _GEOF + name)
        yield _link(_GEOF + name, "rdf:type", expand("sd:Function"))
    yield from _describe_limits(endpoint, limits)
    yield _link(endpoint, "sd:defaultDataset", _DATASET)
    yield from _describe_dataset(manifest, endpoint.rpartition("/")[0] + "/.well-known/void")


def _describe_limits(endpoint: str, limits: Iterator[Limit]) -> Iterator[ox.Triple]:
    """Each limit as https://schema.org/PropertyValue, since no vocabulary for limits is in use."""
    for limit in limits:
        node = f"{endpoint}#{limit.name}"
        yield _link(endpoint, "schema:additionalProperty", node)
        yield _link(node, "rdf:type", expand("schema:PropertyValue"))
        yield _value(node, "schema:name", ox.Literal(limit.name))
        yield _value(node, "schema:value", ox.Literal(limit.value))
        yield _value(node, "schema:description", ox.Literal(limit.meaning, language="en"))


def _describe_dataset(manifest: Manifest, void: str) -> Iterator[ox.Triple]:
    """The merged view and every named graph, each with its number of triples."""
    yield _link(_DATASET, "rdf:type", expand("sd:Dataset"))
    yield _link(_DATASET, "rdfs:seeAlso", void)
    yield _value(_DATASET, "dcterms:identifier", ox.Literal(manifest.id))
    yield _link(_DATASET, "sd:defaultGraph", _DEFAULT)
    yield _link(_DEFAULT, "rdf:type", expand("sd:Graph"))
    yield _value(_DEFAULT, "void:triples", ox.Literal(manifest.counts["triples"]))
    for name, triples in manifest.graphs.items():
        part = name + "#in-service"
        yield _link(_DATASET, "sd:namedGraph", part)
        yield _link(part, "rdf:type", expand("sd:NamedGraph"))
        yield _link(part, "sd:name", name)
        yield _link(part, "sd:graph", name)
        yield _link(name, "rdf:type", expand("sd:Graph"))
        yield _value(name, "void:triples", ox.Literal(triples))


def _link(subject: str, predicate: str, value: str) -> ox.Triple:
    return _value(subject, predicate, ox.NamedNode(value))


def _value(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(expand(predicate)), value)
