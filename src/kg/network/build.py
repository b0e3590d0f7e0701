"""Triples to networkx: the pictures `lanes` (a chain) and `flow` (an enterprise).

A picture is one CONSTRUCT file in queries/pictures/; this module reads its answer into a graph whose
edges say which record or which reference graph states them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from kg.errors import ThingUnknown
from kg.network import budget
from kg.network.edges import RELATIONS, Graph, Relation, add_node, add_record, add_stated, weigh
from kg.network.picture import Picture, attribute
from kg.network.stages import POSITION, number, sort_stages
from kg.network.statements import KG, Statements, read_statements
from kg.network.texts import words
from kg.store import Store

_PARTICIPATION: Final = next(row for row in RELATIONS if row.kind == "ChainParticipation")


class ReleasedStore(Store, Protocol):
    """A store that can name its release."""

    @property
    def release(self) -> str:
        """Id of the release."""
        ...


def build_lanes(
    store: ReleasedStore, chain_iri: str, *, lang: str = "zh-Hans", root: Path | None = None
) -> Picture:
    """A chain: its segments by stage, the enterprises recorded in each, what feeds what.

    `root` is the folder that holds queries/; one query, its cost grows with the chain. Raises
    ThingUnknown where the store knows no industry chain of that IRI.
    """
    facts = read_statements(store, "lanes", chain_iri, lang=lang, root=root)
    if not facts.is_a(chain_iri, "IndustryChain"):
        raise ThingUnknown(f"no industry chain <{chain_iri}>")
    graph: Graph[str] = Graph()
    stages = _add_segments(graph, facts, chain_iri)
    for record in facts.records(_PARTICIPATION.kind):
        add_record(graph, facts, record, _PARTICIPATION)
    place_enterprises(graph, stages)
    # one in no segment of the chain is left out: there is no lane for it
    graph.remove_nodes_from([n for n, d in graph.nodes(data=True) if d["type"] != "segment" and not d["place"]])  # fmt: skip
    weigh(graph)
    title = words(lang, "lanes_title", name=facts.label(chain_iri))
    named = tuple(
        (stage, facts.label(stage) if stage else words(lang, "no_stage")) for stage in stages
    )
    total = graph.number_of_nodes()
    return budget.fit_lanes(
        Picture("lanes", chain_iri, title, lang, store.release, graph, total, named)
    )


def build_flow(
    store: ReleasedStore, enterprise_iri: str, *, lang: str = "zh-Hans", root: Path | None = None
) -> Picture:
    """An enterprise: suppliers, customers, segments and chains, seat, tiers, investors, products.

    `root` is the folder that holds queries/; one query, its cost grows with the number of records.
    Raises ThingUnknown where no statement is about that IRI.
    """
    facts = read_statements(store, "flow", enterprise_iri, lang=lang, root=root)
    if not facts.knows(enterprise_iri):
        raise ThingUnknown(f"no statement about <{enterprise_iri}>")
    graph: Graph[str] = Graph()
    add_node(graph, facts, enterprise_iri, "enterprise", place="focus")
    for relation in RELATIONS:
        for record in facts.records(relation.kind):
            add_flow(graph, facts, record, relation, enterprise_iri)
    add_stated(graph, facts, "basedIn", "place", place="above")
    add_stated(graph, facts, "partOfChain", "chain", place="top")
    weigh(graph)
    title = words(lang, "flow_title", name=facts.label(enterprise_iri))
    total = graph.number_of_nodes()
    return budget.fit_flow(
        Picture("flow", enterprise_iri, title, lang, store.release, graph, total)
    )


def add_flow(
    graph: "Graph[str]", facts: Statements, record: str, relation: Relation, focus: str
) -> None:
    """The edges of one record, and the side that the enterprise's partner stands on."""
    for subject, other in add_record(graph, facts, record, relation, at=focus):
        end = "supplier" if other == focus else "customer"
        partner = graph.nodes[subject if other == focus else other]
        partner["place"] = partner["place"] or (end if relation.side == "supply" else relation.side)


def _add_segments(graph: "Graph[str]", facts: Statements, chain: str) -> list[str]:
    """Segments and what they feed; their stages in order, an empty one last for segments without."""
    for segment, whole, sources in facts.stated(KG + "partOfChain"):
        if whole == chain:
            stage = facts.one(segment, KG + "stage")
            node = add_node(graph, facts, segment, "segment", stage=stage)
            node.update(sources=sources, position=number(facts.one(segment, POSITION)))
    segments = set(graph)
    add_stated(graph, facts, "feeds", "segment")
    graph.remove_nodes_from(set(graph) - segments)  # steps of other chains
    found = set(attribute(graph, "stage").values())
    return [*sort_stages(graph, facts, found - {""}), *([""] if "" in found else [])]


def place_enterprises(graph: "Graph[str]", stages: Sequence[str]) -> None:
    """Puts each enterprise at the first segment it is recorded in, in the order of the stages."""
    order = {stage: index for index, stage in enumerate(stages)}
    kinds = attribute(graph, "type")
    for node in [node for node, kind in kinds.items() if kind != "segment"]:
        homes = [
            (order.get(graph.nodes[home]["stage"], len(order)), home)
            for home in graph.successors(node)
            if kinds[home] == "segment"
        ]
        if homes:
            home = min(homes)[1]
            graph.nodes[node].update(place=home, stage=graph.nodes[home]["stage"])
