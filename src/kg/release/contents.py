"""What a release says of itself in the graph, so that editors complete and show examples unasked.

Two graphs, in the merged view as well, since clients look there:

    g:meta/examples     the pinned prefixes as `sh:declare`, every saved query as `sh:SPARQLExecutable`
    g:meta/partitions   the classes of the merged view, the properties of each with the classes and
                        datatypes of their values, all with counts

Followed: https://www.w3.org/TR/shacl/#sparql-prefixes, https://www.w3.org/TR/void/#class-property-partitions
and, for datatypes, http://ldf.fi/void-ext; the form is the one that sib-swiss/sparql-editor asks for.
Neither graph describes itself, so that the counts are those of the data.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.engine.limits import read_shape
from kg.namespaces import BASE, PREFIXES, expand
from kg.queries import read_queries
from kg.release.catalogue import Row
from kg.release.partitions import EXAMPLES_GRAPH, PARTITIONS_GRAPH, describe_partitions

_DECLARATIONS: Final = ox.NamedNode(expand("ds:prefixes"))
_ENDPOINT: Final = ox.NamedNode(BASE + "sparql")
_LICENCE: Final = ox.NamedNode("https://creativecommons.org/licenses/by/4.0/")
_LABELS: Final = {
    EXAMPLES_GRAPH: {"en": "Prefixes and example queries", "zh-Hans": "前缀与示例查询", "zh-Hant": "前綴與示例查詢"},
    PARTITIONS_GRAPH: {"en": "Classes and properties in use", "zh-Hans": "所用的类与属性", "zh-Hant": "所用的類與屬性"},
}  # fmt: skip


def describe_contents(root: Path, merged: Iterable[ox.Triple]) -> dict[str, list[ox.Quad]]:
    """Quads of the two graphs by graph IRI; `merged` is the merged view, read once.

    About 1 s for 130,000 triples, memory for one entry a typed thing. Raises BadFiles where the head
    of a saved query is wrong.
    """
    rows = {
        EXAMPLES_GRAPH: [*_declare_prefixes(), *_describe_queries(root)],
        PARTITIONS_GRAPH: describe_partitions(merged),
    }
    return {graph: list(_quads(graph, said)) for graph, said in rows.items()}


def _quads(graph: str, rows: Iterable[Row]) -> Iterator[ox.Quad]:
    name = ox.NamedNode(graph)
    labels = (ox.Literal(text, language=tag) for tag, text in _LABELS[graph].items())
    own: list[Row] = [(name, "rdfs:label", label) for label in labels]
    own.append((name, "dcterms:license", _LICENCE))
    own.append((name, "kg:trustLevel", ox.NamedNode(expand("trust:derived"))))
    for subject, predicate, value in (*own, *rows):
        yield ox.Quad(subject, ox.NamedNode(expand(predicate)), value, name)


def _declare_prefixes() -> Iterator[Row]:
    for prefix, namespace in PREFIXES.items():
        declaration = ox.NamedNode(expand(f"ds:prefix-{prefix}"))
        yield _DECLARATIONS, "sh:declare", declaration
        yield declaration, "rdf:type", ox.NamedNode(expand("sh:PrefixDeclaration"))
        yield declaration, "sh:prefix", ox.Literal(prefix)
        iri = ox.Literal(namespace, datatype=ox.NamedNode(expand("xsd:anyURI")))
        yield declaration, "sh:namespace", iri


def _describe_queries(root: Path) -> Iterator[Row]:
    for name, query in read_queries(root).items():
        form = read_shape(query.text).form
        node = ox.NamedNode(expand(f"sq:{name}"))
        for kind in ("sh:SPARQLExecutable", f"sh:SPARQL{form.title()}Executable"):
            yield node, "rdf:type", ox.NamedNode(expand(kind))
        yield node, "rdfs:label", ox.Literal(name)
        yield node, "rdfs:comment", ox.Literal(query.summary, language="en")
        if query.reading:
            yield node, "dcterms:description", ox.Literal(query.reading, language="en")
        for (key, tag), translation in query.translations.items():
            predicate = {"summary": "dcterms:title", "reading": "dcterms:description"}[key]
            yield node, predicate, ox.Literal(translation, language=tag)
        yield node, f"sh:{form.lower()}", ox.Literal(query.text)
        yield node, "sh:prefixes", _DECLARATIONS
        yield node, "schema:target", _ENDPOINT
