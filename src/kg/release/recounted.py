"""The description of a release, brought up to date where writes made it.

A write takes over the description of the release before it. What it says of the merged view and of
graphs that writes have changed is counted again when somebody asks.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg.namespaces import expand
from kg.release.catalogue import (
    CATALOGUE,
    RELEASE,
    SHARED,
    GraphCounts,
    describe_graph,
    describe_release,
)
from kg.release.manifest import Manifest
from kg.store import Row, Store

_PARTS: Final = frozenset(
    ox.NamedNode(expand(f"void:{name}")) for name in ("classPartition", "propertyPartition")
)
_DATASET: Final = ox.NamedNode(expand("dcat:dataset"))
_LINKS: Final = frozenset((_DATASET, ox.NamedNode(expand("void:subset"))))
_MOST: Final = 1_000_000
"""Triples of a graph that is still counted by class and property: about 1 s."""


def read_catalogue(store: Store) -> list[ox.Triple]:
    """The description of a release; empty where it has none.

    Costs the file, and for a release made by writes about 0.5 s for 100,000 triples of what changed.
    """
    text = store.document(CATALOGUE)
    found = [quad.triple for quad in ox.parse(text or "", format=ox.RdfFormat.TURTLE)]
    if store.document("manifest.json") is None:
        return found
    manifest = Manifest.of(store)
    return _bring_up_to_date(found, store, manifest) if manifest.provenance else found


def _bring_up_to_date(found: list[ox.Triple], store: Store, manifest: Manifest) -> list[ox.Triple]:
    known = {
        triple.object.value
        for triple in found
        if triple.predicate == _DATASET and isinstance(triple.object, ox.NamedNode)
    }
    changed = {name for name in manifest.graphs if name in manifest.changed or name not in known}
    old = {RELEASE, *map(ox.NamedNode, changed | (known - manifest.graphs.keys()))}
    parts = {
        triple.object for triple in found if triple.subject in old and triple.predicate in _PARTS
    }
    fresh = [
        triple
        for triple in found
        if (triple.subject not in old | parts)
        or (triple.predicate in _LINKS and triple.object not in old)
    ]
    fresh += describe_release(manifest, _count(store, "", manifest.counts["triples"]))
    for name in sorted(changed):
        fresh += describe_graph(name, _count(store, name, manifest.graphs[name]))
        fresh += _said(store, name)
    return fresh


def _count(store: Store, graph: str, triples: int) -> GraphCounts:
    """The figures of a graph, of the default graph for the empty name; only its size where large."""
    if triples > _MOST:
        return GraphCounts(triples)
    where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"

    def group(key: str, pattern: str) -> Counter[ox.NamedNode]:
        rows = store.rows(f"SELECT ?{key} (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?{key}")
        nodes = {row[key]: _number(row) for row in rows}
        return Counter({n: count for n, count in nodes.items() if isinstance(n, ox.NamedNode)})

    [row] = store.rows(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {where} }}")
    classes = group("o", where.replace("?p", "a"))
    return GraphCounts(triples, _number(row), group("p", where), classes)


def _number(row: Row) -> int:
    number = row["n"]
    assert isinstance(number, ox.Literal)
    return int(number.value)


def _said(store: Store, graph: str) -> Iterator[ox.Triple]:
    """What the graph, or another one, says of the graph itself."""
    names = " ".join(sorted(map(str, SHARED)))
    text = f"CONSTRUCT {{ <{graph}> ?p ?o }} {{ VALUES ?p {{ {names} }} GRAPH ?g {{ <{graph}> ?p ?o }} }}"
    yield from set(store.triples(text))
