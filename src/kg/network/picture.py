"""What a picture is before it has positions: a graph, its sources, and what was left out."""

from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from kg.network.geometry import Layout
from kg.network.styles import KIND_ORDER


@dataclass(frozen=True, order=True)
class Source:
    """Who says so: a span of a frozen document, or the reference graph that holds the statement.

    `offset` and `length` count Unicode code points; -1 where no passage is recorded.
    """

    graph: str = ""
    """IRI of the reference graph, for statements that no record stands behind; sorts them last."""
    fact: str = ""
    document: str = ""
    """Title, or file name where the document has none."""
    offset: int = -1
    length: int = -1
    modality: str = ""
    detail: str = ""
    """Further roles of the record in the picture's language, such as the item delivered."""
    statement: str = ""
    """What the record says in the project's own words."""
    record: str = ""
    document_iri: str = ""


@dataclass(frozen=True)
class More:
    """Things that were counted and not drawn."""

    where: str
    """The segment's IRI, or the side of a flow; empty for segments left out of a chain."""
    count: int


def attribute(
    graph: "nx.MultiDiGraph[str]", name: str
) -> dict[str, Any]:  # Any: of that attribute's type
    """One attribute of all nodes by IRI."""
    return dict(nx.get_node_attributes(graph, name))


def sources_of_edges(graph: "nx.MultiDiGraph[str]", iri: str) -> set[Source]:
    """Distinct sources of the edges at a node."""
    edges = [*graph.in_edges(iri, data=True), *graph.out_edges(iri, data=True)]
    return {source for _, _, data in edges for source in data["sources"]}


@dataclass(frozen=True)
class Picture:
    """A subgraph with what its page must say about it.

    Nodes carry `label`, `short`, `type`, `stage`, `weight` (distinct sources), `place` (segment or
    side that they are drawn at) and `sources`; edges carry `predicate`, `kind` (record class, or
    empty), `label`, `items` (names of what is delivered), `sure` and `sources`. Keys of both are IRIs.
    """

    layout: str
    """One of the names of `layout.py`."""
    focus: str
    title: str
    lang: str
    release: str
    graph: "nx.MultiDiGraph[str]"
    total: int
    """Nodes before anything was left out; `shown` is what is left."""
    stages: tuple[tuple[str, str], ...] = ()
    """IRI and label of each lane in order; the IRI is empty for segments without a stage."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many things stand in a segment or on a side, drawn or not."""
    more: tuple[More, ...] = ()
    added: dict[str, str] = field(default_factory=dict)
    """Things placed near another after all others, in order, with that other: what an expansion added."""
    placed: Layout | None = None
    """Positions computed before, which then stand."""
    steps: dict[str, int] = field(default_factory=dict)
    """For a way between two things how far each is from its beginning."""
    beyond: dict[str, int] = field(default_factory=dict)
    """For each thing how many neighbours it has that are not drawn."""

    @property
    def shown(self) -> int:
        """How many nodes are drawn."""
        return self.graph.number_of_nodes()

    def kinds(self) -> dict[str, int]:
        """Number of nodes drawn by type, in the order of the legend."""
        types = list(attribute(self.graph, "type").values())
        return {kind: types.count(kind) for kind in KIND_ORDER if kind in types}


def sorted_edges(picture: Picture) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Edges with keys and data, by subject, relation and object."""
    return sorted(
        picture.graph.edges(keys=True, data=True), key=lambda edge: (edge[0], edge[2], edge[1])
    )
