"""The release described: https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/.

One dataset for the merged view and one for each named graph, with counts by class and property,
licence, trust level, checksum, and the digest of the file that the graph was read or derived from.
Written as `void.ttl` beside the store and not into it, so that counting statements adds none.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final

import pyoxigraph as ox

from kg.formats import FORMATS
from kg.namespaces import BASE, PREFIXES, expand
from kg.release.manifest import UNDATED, Manifest

CATALOGUE: Final = "void.ttl"
"""Name of the file beside the store."""

_A = ox.NamedNode(expand("rdf:type"))
_GRAPHS = BASE + "graph/"
RELEASE: Final = ox.NamedNode(BASE + "id/dataset/release")
"""The merged view as a dataset."""
Row = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]
"""A statement with its predicate as a prefixed name."""
SHARED: Final = frozenset(
    ox.NamedNode(expand(name))
    for name in (
        "dcterms:license",
        "dcterms:modified",
        "dcterms:rights",
        "dcterms:source",
        "kg:trustLevel",
        "rdfs:label",
    )
)
"""What is said of a graph, or of the scheme or module that it holds, and its description repeats."""
_HOLDS = frozenset(ox.NamedNode(expand(name)) for name in ("owl:Ontology", "skos:ConceptScheme"))
_NO_FILE = "Made by the build; no file is behind it."


def write_catalogue(
    graphs: Mapping[str, list[ox.Quad]],
    merged: set[ox.Triple],
    large: Mapping[str, int],
    manifest: Manifest,
    paths: Mapping[str, str],
    output: IO[bytes],
) -> None:
    """Writes the description as Turtle: the merged view, then each graph in order of name.

    Of the large graphs, and of the merged view where there are some, only the size is told.
    `paths` gives the file behind a graph, as `manifest.files` names it, by graph IRI.
    """
    names = ("void", "dcat", "dcterms", "kg", "prov", "rdfs", "spdx", "trust", "xsd")
    prefixes = {name: PREFIXES[name] for name in names}
    triples = _describe(graphs, merged, large, manifest, paths)
    ox.serialize(triples, output, ox.RdfFormat.TURTLE, prefixes=prefixes)


@dataclass(frozen=True)
class GraphCounts:
    """The figures of one graph; of a large one only its size."""

    triples: int
    subjects: int | None = None
    """Distinct subjects; None where the graph is too large to be counted by class and property."""
    properties: Counter[ox.NamedNode] = field(default_factory=Counter)
    """Triples by property."""
    classes: Counter[ox.NamedNode] = field(default_factory=Counter)
    """Entities by class."""


def describe_release(manifest: Manifest, counts: GraphCounts) -> Iterator[ox.Triple]:
    """The merged view as a dataset and a catalogue; its checksum where a build made the release."""
    yield ox.Triple(RELEASE, _A, ox.NamedNode(expand("dcat:Catalog")))
    yield from _dataset(RELEASE, "all", counts)
    yield _literal(RELEASE, "dcterms:identifier", manifest.id)
    if manifest.data_date != UNDATED:
        yield _literal(RELEASE, "dcterms:modified", manifest.data_date, "xsd:date")
    if manifest.sha256:
        yield from _checksum(RELEASE, manifest.sha256)


def describe_graph(iri: str, counts: GraphCounts) -> Iterator[ox.Triple]:
    """A named graph as a dataset of the catalogue."""
    graph = ox.NamedNode(iri)
    yield ox.Triple(RELEASE, ox.NamedNode(expand("dcat:dataset")), graph)
    yield ox.Triple(RELEASE, ox.NamedNode(expand("void:subset")), graph)
    yield from _dataset(graph, iri.removeprefix(_GRAPHS), counts)


def _describe(
    graphs: Mapping[str, list[ox.Quad]],
    merged: set[ox.Triple],
    large: Mapping[str, int],
    manifest: Manifest,
    paths: Mapping[str, str],
) -> Iterator[ox.Triple]:
    said = _said_of_graphs(graphs)
    triples = manifest.counts["triples"]
    yield from describe_release(manifest, GraphCounts(triples) if large else _count(merged))
    for iri, quads in sorted(graphs.items()):
        graph = ox.NamedNode(iri)
        yield from describe_graph(iri, _count({quad.triple for quad in quads}))
        yield from _checksum(graph, hash_graph(quads))
        for predicate, value in sorted(said[iri], key=str):
            yield ox.Triple(graph, predicate, value)
        if iri in paths:
            yield from _file(graph, paths[iri], manifest.files[paths[iri]])
        else:
            yield ox.Triple(
                graph, ox.NamedNode(expand("rdfs:comment")), ox.Literal(_NO_FILE, language="en")
            )
    for iri, count in sorted(large.items()):
        graph = ox.NamedNode(iri)
        yield ox.Triple(RELEASE, ox.NamedNode(expand("void:subset")), graph)
        yield from _dataset(graph, iri.removeprefix(_GRAPHS), GraphCounts(count))
        yield _literal(graph, "dcterms:description", "Not validated: loaded as the file has it.")


def _said_of_graphs(
    graphs: Mapping[str, list[ox.Quad]],
) -> dict[str, set[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]]:
    """What `SHARED` names, by graph: said of it anywhere, or in it of the scheme or module it holds."""
    found: dict[str, set[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]] = {
        g: set() for g in graphs
    }
    for iri, quads in graphs.items():
        held = {q.subject for q in quads if q.predicate == _A and q.object in _HOLDS}
        for quad in quads:
            if quad.predicate not in SHARED:
                continue
            assert isinstance(quad.object, ox.NamedNode | ox.Literal)
            if quad.subject in held:
                found[iri].add((quad.predicate, quad.object))
            elif isinstance(quad.subject, ox.NamedNode) and quad.subject.value in found:
                found[quad.subject.value].add((quad.predicate, quad.object))
    return found


def _file(graph: ox.NamedNode, path: str, sha256: str) -> Iterator[ox.Triple]:
    """The file behind a graph: a data file, or the rule that wrote it."""
    digest = hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()
    file = ox.NamedNode(f"{BASE}id/dataset/file-{digest}")
    yield ox.Triple(graph, ox.NamedNode(expand("prov:wasDerivedFrom")), file)
    yield _literal(file, "dcterms:identifier", path)
    yield from _checksum(file, sha256)


def hash_graph(quads: list[ox.Quad]) -> str:
    """SHA-256 of the sorted N-Quads; without blank nodes that is their canonical form.

    https://www.w3.org/TR/rdf-canon/
    """
    lines = sorted({f"{quad} .\n" for quad in quads})
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _count(triples: set[ox.Triple]) -> GraphCounts:
    classes = Counter(
        triple.object
        for triple in triples
        if triple.predicate == _A and isinstance(triple.object, ox.NamedNode)
    )
    properties = Counter(triple.predicate for triple in triples)
    return GraphCounts(len(triples), len({t.subject for t in triples}), properties, classes)


def _dataset(node: ox.NamedNode, name: str, counts: GraphCounts) -> Iterator[ox.Triple]:
    for kind in ("void:Dataset", "dcat:Dataset"):
        yield ox.Triple(node, _A, ox.NamedNode(expand(kind)))
    yield _number(node, "void:triples", counts.triples)
    if counts.subjects is not None:
        properties, classes = counts.properties, counts.classes
        yield _number(node, "void:distinctSubjects", counts.subjects)
        yield _number(node, "void:properties", len(properties))
        yield _number(node, "void:classes", len(classes))
        yield from _partitions(node, "void:classPartition", "void:class", "void:entities", classes)
        yield from _partitions(
            node, "void:propertyPartition", "void:property", "void:triples", properties
        )
    yield from _dumps(node, name)


def _dumps(node: ox.NamedNode, name: str) -> Iterator[ox.Triple]:
    for format in FORMATS:
        if "graph" in format.kinds:
            dump = ox.NamedNode(f"{BASE}export/{name}.{format.suffix}")
            yield ox.Triple(node, ox.NamedNode(expand("void:dataDump")), dump)


def _partitions(
    node: ox.NamedNode, relation: str, key: str, number: str, counts: Counter[ox.NamedNode]
) -> Iterator[ox.Triple]:
    for thing, count in sorted(counts.items(), key=lambda item: item[0].value):
        for subject, predicate, value in partition(node, relation, key, thing, number, count):
            yield ox.Triple(subject, ox.NamedNode(expand(predicate)), value)


def part_of(whole: ox.NamedNode, relation: str, thing: ox.NamedNode) -> ox.NamedNode:
    """The IRI of one partition: the same wherever it is described."""
    digest = hashlib.md5(f"{whole.value} {relation} {thing.value}".encode()).hexdigest()
    return ox.NamedNode(f"{BASE}id/dataset/part-{digest}")


def partition(
    whole: ox.NamedNode, relation: str, key: str, thing: ox.NamedNode, number: str, count: int
) -> Iterator[Row]:
    """A partition of a dataset or of another partition: what it is of, and its size."""
    part = part_of(whole, relation, thing)
    yield whole, relation, part
    yield part, key, thing
    yield part, number, ox.Literal(count)


def _checksum(node: ox.NamedNode, sha256: str) -> Iterator[ox.Triple]:
    checksum = ox.NamedNode(f"{BASE}id/dataset/sha256-{sha256}")
    yield ox.Triple(node, ox.NamedNode(expand("spdx:checksum")), checksum)
    yield ox.Triple(
        checksum,
        ox.NamedNode(expand("spdx:algorithm")),
        ox.NamedNode(expand("spdx:checksumAlgorithm_sha256")),
    )
    yield _literal(checksum, "spdx:checksumValue", sha256)


def _number(node: ox.NamedNode, predicate: str, number: int) -> ox.Triple:
    return ox.Triple(node, ox.NamedNode(expand(predicate)), ox.Literal(number))


def _literal(
    node: ox.NamedNode, predicate: str, value: str, datatype: str = "xsd:string"
) -> ox.Triple:
    literal = ox.Literal(value, datatype=ox.NamedNode(expand(datatype)))
    return ox.Triple(node, ox.NamedNode(expand(predicate)), literal)
