"""Any query's answer as a picture: the statements of a graph, or the rows of a table that connect things."""

from collections.abc import Iterable, Sequence
from typing import Final

import pyoxigraph as ox

from kg.namespaces import BASE
from kg.network.build import ReleasedStore
from kg.network.columns import MAX_NODES
from kg.network.edges import Graph, add_node, weigh
from kg.network.picture import Picture
from kg.network.statements import Statements

Edge = tuple[str, str, str]
"""IRIs of subject and object, and of the property or the name of a column between them."""

_NAMES: Final = """CONSTRUCT { ?thing a ?type ; skos:prefLabel ?name ; rdfs:label ?label ; dcterms:title ?title }
WHERE { VALUES ?thing { %s } { ?thing a ?type } UNION { ?thing skos:prefLabel ?name }
  UNION { ?thing rdfs:label ?label } UNION { ?thing dcterms:title ?title } }"""


def edges_of_triples(triples: Iterable[ox.Triple]) -> list[Edge]:
    """The statements between two IRIs, each once and in order; those of classes and literals add no edge."""
    found = (
        (t.subject.value, t.predicate.value, t.object.value)
        for t in triples
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode)
    )
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    return sorted({(s, o, p) for s, p, o in found if p != kind})


def edges_of_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Edge]:
    """Edges of a table of IRIs, empty where a cell holds none.

    Three columns of IRIs called s, p, o or so are statements; else the first column of IRIs is
    connected with each further one, by its name.
    """
    full = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    if [columns[i].lower() for i in full[:3]] in (["s", "p", "o"], ["subject", "predicate", "object"]):  # fmt: skip
        return sorted(
            {(r[full[0]], r[full[2]], r[full[1]]) for r in rows if all(r[i] for i in full[:3])}
        )
    if len(full) < 2:
        return []
    first, *others = full
    return sorted(
        {(row[first], row[i], columns[i]) for row in rows for i in others if row[first] and row[i]}
    )


def build_result(store: ReleasedStore, edges: Sequence[Edge], *, title: str, lang: str) -> Picture:
    """The picture of these edges, the best connected things first where there are too many.

    Names and types come from the store in one query.
    """
    degrees: dict[str, int] = {}
    for subject, other, _ in edges:
        for end in (subject, other):
            degrees[end] = degrees.get(end, 0) + 1
    kept = _connected(edges, degrees)
    shown = [edge for edge in edges if edge[0] in kept and edge[1] in kept]
    facts = _read_names(store, {iri for edge in shown for iri in edge if ":" in iri}, lang)
    graph: Graph[str] = Graph()
    for subject, other, relation in shown:
        add_node(graph, facts, subject, "other")
        add_node(graph, facts, other, "other")
        label = facts.label(relation) if ":" in relation else relation
        graph.add_edge(
            subject, other, key=relation, predicate=relation, kind="", label=label, items=[], sources=[], sure=True,
        )  # fmt: skip
    weigh(graph)
    return Picture("columns", "", title, lang, store.release, graph, len(degrees))


def _connected(edges: Sequence[Edge], degrees: dict[str, int]) -> set[str]:
    """As many things as fit, taken along edges from the best connected ones."""
    kept: set[str] = set()
    for subject, other, _ in sorted(edges, key=lambda e: (-max(degrees[e[0]], degrees[e[1]]), e)):
        if len(kept | {subject, other}) <= MAX_NODES:
            kept |= {subject, other}
    return kept


def _read_names(store: ReleasedStore, iris: set[str], lang: str) -> Statements:
    terms = " ".join(str(ox.NamedNode(iri)) for iri in sorted(iris) if iri.startswith(BASE))
    return Statements(store.triples(_NAMES % terms) if terms else [], lang=lang)
