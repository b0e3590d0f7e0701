"""Nodes and edges of a picture: one edge for each pair that a record connects, with all who say so."""

from dataclasses import dataclass
from typing import Any, Final

import networkx as nx

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.picture import sources_of_edges
from kg.network.statements import KG, Statements, local_name

Graph = nx.MultiDiGraph
"""Annotations write "Graph[str]" as a string: networkx is generic in its stubs only."""

SUPPLY: Final = "SupplyRelation"
_SURE: Final = {"", "explicit"}
_DETAILS: Final = ("item", "project", "rank", "marketArea", "benchmarkAgent", "year")
ROLE_KINDS: Final = {
    "supplier": "enterprise", "customer": "enterprise", "participant": "enterprise", "enterprise": "enterprise",
    "investee": "enterprise", "recognises": "enterprise", "beneficiary": "enterprise", "inSegment": "segment",
    "investor": "investor", "tier": "policy", "instrument": "policy", "item": "item", "project": "item",
}  # fmt: skip


@dataclass(frozen=True)
class Relation:
    """How records of a class are drawn; the names are local names of the ontology."""

    kind: str
    tail: str
    """Role that the arrow starts at."""
    head: str
    predicate: str
    side: str
    """Where the enterprise's partner stands in a flow; `supply` where the arrow decides."""


RELATIONS: Final = (
    Relation(SUPPLY, "supplier", "customer", "suppliesTo", "supply"),
    Relation("ChainParticipation", "participant", "inSegment", "inSegment", "above"),
    Relation("Recognition", "recognises", "tier", "hasTier", "above"),
    Relation("Support", "beneficiary", "instrument", "instrument", "above"),
    Relation("Investment", "investor", "investee", "portfolioCompany", "below"),
    Relation("MarketPosition", "enterprise", "item", "item", "below"),
    Relation("Achievement", "enterprise", "item", "item", "below"),
    Relation("Achievement", "enterprise", "project", "project", "below"),
)
"""What is drawn; one row more draws one class of records more, if the pictures' queries fetch its roles."""

STATED: Final = {
    KG + "feeds": ("segment", "segment"),
    EXTERNAL_PREFIXES["dcterms"] + "isPartOf": ("segment", "segment"),
    KG + "partOfChain": ("segment", "chain"),
    KG + "basedIn": ("enterprise", "place"),
}
"""Statements that are drawn without a record behind them: types of both ends where nothing else says."""


def add_record(
    graph: "Graph[str]", facts: Statements, record: str, relation: Relation, *, at: str = ""
) -> list[tuple[str, str]]:
    """Draws a record as edges between the things in two of its roles, only those at a node if given."""
    pairs = [
        (subject, other)
        for subject in facts.objects(record, KG + relation.tail)
        for other in facts.objects(record, KG + relation.head)
        if at in ("", subject, other)
    ]
    named = relation.kind if relation.predicate == "item" else relation.predicate
    modality = facts.one(record, KG + "modality")
    items = facts.objects(record, KG + "item") if relation.kind == SUPPLY else []
    for subject, other in pairs:
        add_node(graph, facts, subject, ROLE_KINDS[relation.tail])
        add_node(graph, facts, other, ROLE_KINDS[relation.head])
        sources = facts.sources(record, detail=_details(facts, record, skip={subject, other}))
        edge = add_edge(graph, subject, other, relation.predicate, relation.kind)
        edge["label"] = facts.label(KG + named)
        edge["sources"] = sorted({*edge["sources"], *sources})
        edge["items"] = sorted({*edge["items"], *(facts.label(item) for item in items)})
        edge["sure"] = edge["sure"] or not modality or local_name(modality) in _SURE
    return pairs


def add_stated(
    graph: "Graph[str]", facts: Statements, predicate: str, kind: str, *, place: str = ""
) -> None:
    """Edges for the statements about nodes that no record stands behind, such as a seat."""
    iri = _iri(predicate)
    for subject, other, sources in facts.stated(iri):
        if subject in graph:
            add_node(graph, facts, other, kind, place=place)
            edge = add_edge(graph, subject, other, predicate, "")
            edge.update(label=facts.label(iri), sources=sources, sure=True)


def add_node(
    graph: "Graph[str]", facts: Statements, iri: str, kind: str, *, place: str = "", stage: str = ""
) -> dict[str, Any]:
    """The attributes of a thing, which is added where it is new; never a second time."""
    if iri not in graph:
        names = {"label": facts.label(iri), "short": facts.short_label(iri)}
        found = facts.kind(iri, default=kind)
        graph.add_node(
            iri, **names, type=found, place=place, stage=stage, sources=[], weight=0, position=None
        )
    return graph.nodes[iri]


def add_edge(
    graph: "Graph[str]", subject: str, other: str, predicate: str, kind: str
) -> dict[str, Any]:
    """The attributes of an edge, which is added where it is new: one per pair, predicate and class."""
    key = f"{_iri(predicate)} {kind}"
    if not graph.has_edge(subject, other, key):
        names = {
            "predicate": _iri(predicate),
            "kind": KG + kind if kind else "",
            "label": predicate,
        }
        graph.add_edge(subject, other, key=key, **names, items=[], sources=[], sure=False)
    return graph.edges[subject, other, key]


def weigh(graph: "Graph[str]") -> None:
    """Sets each node's weight: the distinct sources of its edges."""
    for node in graph:
        graph.nodes[node]["weight"] = len(sources_of_edges(graph, node))


def _iri(predicate: str) -> str:
    """A predicate by its local name in the ontology, or by the whole IRI of another vocabulary."""
    return predicate if ":" in predicate else KG + predicate


def _details(facts: Statements, record: str, *, skip: set[str]) -> str:
    """The other roles of a record in words, such as `item: EV motor · rank: 1`."""
    rows = []
    for role in _DETAILS:
        values = [value for value in facts.objects(record, KG + role) if value not in skip]
        if values:
            names = [facts.label(value) if ":" in value else value for value in values]
            rows.append(f"{facts.label(KG + role)}: {', '.join(names)}")
    return " · ".join(rows)
