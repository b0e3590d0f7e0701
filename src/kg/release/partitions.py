"""The classes and properties of the merged view with their counts, which writes keep up.

As VoID partitions, https://www.w3.org/TR/void/#class-property-partitions: each class with its
entities, each property of a class with its triples, each class and datatype of the values of that.
Counted once by the build. A write counts again what it speaks of and what leads to the things whose
classes it changed, so that it costs the change and not the dataset: 0.1 ms for a triple of a large one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from kg.namespaces import PREFIXES, expand
from kg.release.catalogue import RELEASE, Row, part_of, partition
from kg.release.changes import Change
from kg.release.merged import View, remove_quads

EXAMPLES_GRAPH: Final = PREFIXES["g"] + "meta/examples"
PARTITIONS_GRAPH: Final = PREFIXES["g"] + "meta/partitions"
_UNCOUNTED: Final = frozenset(map(ox.NamedNode, (EXAMPLES_GRAPH, PARTITIONS_GRAPH)))
"""Graphs that describe the others, so that the counts are those of the data."""
_GRAPH: Final = ox.NamedNode(PARTITIONS_GRAPH)
_A: Final = ox.NamedNode(expand("rdf:type"))

_Node = ox.NamedNode | ox.BlankNode | ox.Triple
_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_Pattern = tuple[_Node | None, ox.NamedNode | None, _Term | None]
_Part = tuple[ox.NamedNode, str, str, ox.NamedNode, str]
"""Arguments of `partition` but the count: whole, relation, key, what it is of, name of the number."""


def describe_partitions(triples: Iterable[ox.Triple]) -> Iterator[Row]:
    """The partitions of these triples; memory for one entry a typed thing."""
    told = list(triples)
    for part, count in _count(told, _classes(told)).items():
        yield from partition(*part, count)


def _count(
    triples: Iterable[ox.Triple], classes: Mapping[_Term, Collection[ox.NamedNode]]
) -> Counter[_Part]:
    """How many triples fall into each part; classes first, then properties, then their values."""
    entities: Counter[ox.NamedNode] = Counter()
    properties: Counter[tuple[ox.NamedNode, ox.NamedNode]] = Counter()
    values: Counter[tuple[ox.NamedNode, ox.NamedNode, str, ox.NamedNode]] = Counter()
    for triple in triples:
        if triple.predicate == _A and isinstance(triple.object, ox.NamedNode):
            entities[triple.object] += 1
        kinds = classes.get(triple.subject)
        if not kinds:
            continue
        if isinstance(triple.object, ox.Literal):
            of = [("void-ext:datatype", triple.object.datatype)]
        else:
            of = [("void:class", other) for other in classes.get(triple.object, ())]
        for kind in kinds:
            properties[kind, triple.predicate] += 1
            for key, value in of:
                values[kind, triple.predicate, key, value] += 1
    found: Counter[_Part] = Counter()
    for kind, count in entities.items():
        found[RELEASE, "void:classPartition", "void:class", kind, "void:entities"] = count
    for (kind, relation), count in properties.items():
        whole = part_of(RELEASE, "void:classPartition", kind)
        found[whole, "void:propertyPartition", "void:property", relation, "void:triples"] = count
    for (kind, relation, key, value), count in values.items():
        whole = part_of(RELEASE, "void:classPartition", kind)
        whole = part_of(whole, "void:propertyPartition", relation)
        found[whole, f"{key}Partition", key, value, "void:triples"] = count
    return found


def count_again(
    store: ox.Store, before: View, view: View, change: Change
) -> tuple[set[ox.Quad], set[ox.Quad]]:
    """Brings the graph of the partitions up to date after a change; answers what it got and lost.

    `before` and `view` are the views before and after it. Costs the things that the change speaks
    of, and what leads to those whose class changed. Nothing is done where there is no such graph.
    Of large graphs the build counts nothing; what a write changes of them counts from then on.
    """
    if not store.contains_named_graph(_GRAPH):
        return set(), set()
    changed = {quad.subject for quad in (*change.added, *change.removed)}
    changed.update(triple.subject for triple in view.differs_from(before, store))
    around = _Around(store, before, view, change)
    around.read((thing, None, None) for thing in changed)
    then, now = around.triples()
    retyped = {triple.subject for triple in then ^ now if triple.predicate == _A}
    around.read((None, None, thing) for thing in retyped)
    then, now = around.triples()
    differs = then ^ now
    differs |= {t for t in then | now if t.subject in retyped or t.object in retyped}
    ends = {term for triple in differs for term in (triple.subject, triple.object)} - changed
    around.read((end, _A, None) for end in ends if isinstance(end, ox.NamedNode | ox.BlankNode))
    then, now = around.triples()
    difference = _count(now & differs, _classes(now))
    difference.subtract(_count(then & differs, _classes(then)))
    return _write(store, difference)


class _Around:
    """Quads around a change, as they are read, and what is counted of them before it and after."""

    def __init__(self, store: ox.Store, before: View, view: View, change: Change) -> None:
        self._store, self._before, self._view, self._change = store, before, view, change
        self._quads: set[ox.Quad] = set()

    def read(self, patterns: Iterable[_Pattern]) -> None:
        """Reads what the store holds of these patterns, about 5 µs a quad."""
        for pattern in patterns:
            self._quads.update(self._store.quads_for_pattern(*pattern))

    def triples(self) -> tuple[set[ox.Triple], set[ox.Triple]]:
        """What the data said before the change, and what they say now."""
        then = (self._quads - self._change.added) | self._change.removed
        return _shown(then, self._before), _shown(self._quads, self._view)


def _shown(quads: Iterable[ox.Quad], view: View) -> set[ox.Triple]:
    named = (quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode))
    return {q.triple for q in named if q.graph_name not in _UNCOUNTED and view.shows(q)}


def _classes(triples: Iterable[ox.Triple]) -> dict[_Term, list[ox.NamedNode]]:
    """The classes of each thing, by what the triples say."""
    found: dict[_Term, list[ox.NamedNode]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == _A and isinstance(triple.object, ox.NamedNode):
            found[triple.subject].append(triple.object)
    return found


def _write(store: ox.Store, difference: Counter[_Part]) -> tuple[set[ox.Quad], set[ox.Quad]]:
    """Adds the difference to the counts; a part that has nothing left goes."""
    added, removed = set(), set()
    for part, count in difference.items():
        held = _held(store, part)
        old = {_quad(row) for row in partition(*part, held)} if held > 0 else set()
        new = {_quad(row) for row in partition(*part, held + count)} if held + count > 0 else set()
        added |= new - old
        removed |= old - new
    store.extend(added)
    remove_quads(store, removed)
    return added, removed


def _held(store: ox.Store, part: _Part) -> int:
    """The count that the graph has of a part, 0 for none."""
    whole, relation, _, thing, number = part
    node, name = part_of(whole, relation, thing), ox.NamedNode(expand(number))
    counts = [quad.object for quad in store.quads_for_pattern(node, name, None, _GRAPH)]
    return next((int(n.value) for n in counts if isinstance(n, ox.Literal)), 0)


def _quad(row: Row) -> ox.Quad:
    subject, predicate, value = row
    return ox.Quad(subject, ox.NamedNode(expand(predicate)), value, _GRAPH)
