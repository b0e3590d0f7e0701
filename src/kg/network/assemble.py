"""A selection with names and sources: the picture of a state, ready for a layout."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import ThingUnknown
from kg.network import budget
from kg.network.build import ReleasedStore, add_flow, place_enterprises
from kg.network.edges import (
    RELATIONS,
    STATED,
    Graph,
    add_edge,
    add_node,
    add_record,
    add_stated,
    weigh,
)
from kg.network.explore import Selection
from kg.network.picture import More, Picture
from kg.network.stages import POSITION, number, sort_stages
from kg.network.state import ALL_CHAINS, State
from kg.network.statements import KG, Statements
from kg.network.texts import words
from kg.queries import find_part

_CITED: Final = tuple(
    KG + name
    for name in ("modality", "item", "project", "marketArea", "benchmarkAgent", "stage", "evidence", "fromDocument")
)  # fmt: skip
"""What is named beside a thing or record, by the property that leads there."""

_NAMED: Final = (
    *STATED,
    *(KG + name for name in ("suppliesTo", "inSegment", "item", "portfolioCompany", "hasTier", "instrument", "project",
                             "MarketPosition", "Achievement", "rank", "year", "marketArea", "benchmarkAgent")),
)  # fmt: skip
"""Relations and roles whose names a picture shows."""


def assemble(
    store: ReleasedStore, state: State, selection: Selection, *, lang: str, root: Path
) -> Picture:
    """The picture of what was selected. Four queries of point look-ups, whatever the size of the graph.

    Raises ThingUnknown where nothing is said of the focus.
    """
    records = {link.record for link in selection.links if link.record}
    facts = read_facts(store, {*selection.nodes, *records, *state.chain} - {ALL_CHAINS}, lang, root)
    asked = [state.source, state.target] if selection.ways else [state.focus]
    for thing in asked:
        if thing and not facts.knows(thing):
            raise ThingUnknown(f"no statement about <{thing}>")
    graph: Graph[str] = Graph()
    for thing in selection.nodes:
        kept = selection.attributes[thing]
        node = add_node(
            graph, facts, thing, kept.type, stage=kept.stage if kept.type == "segment" else ""
        )
        node.update(type=kept.type, position=number(facts.one(thing, POSITION)))
    _add_links(graph, facts, selection)
    weigh(graph)
    picture = Picture(
        selection.layout, state.focus, title_of(facts, state, selection.layout, lang), lang, store.release, graph,
        selection.total, added=selection.added, steps=selection.ways.steps if selection.ways else {},
        beyond={thing: counts.total() for thing, counts in selection.beyond.items()},
    )  # fmt: skip
    base = graph.subgraph(n for n in graph if n not in selection.added).copy()
    fitted = _arrange(replace(picture, graph=base), facts)
    if selection.layout == "lanes" and not any(
        fitted.graph.nodes[n]["place"] for n in fitted.graph
    ):
        fitted = _aggregate(fitted, facts, selection)
    shown = fitted.graph.copy()
    shown.add_nodes_from((thing, graph.nodes[thing]) for thing in selection.added)
    for subject, other, key, data in graph.edges(keys=True, data=True):
        if subject in shown and other in shown and not shown.has_edge(subject, other, key):
            shown.add_edge(subject, other, key=key, **data)
    return replace(fitted, graph=shown)


def _aggregate(picture: Picture, facts: Statements, selection: Selection) -> Picture:
    """Segments with the number of their firms, and one line for all that flows from one to another."""
    graph = picture.graph
    for (subject, other), count in selection.flows.items():
        if subject != other and subject in graph and other in graph:
            edge = add_edge(graph, subject, other, "suppliesTo", "")
            label = f"{facts.label(KG + 'suppliesTo')} × {count}"
            edge.update(label=label, sure=True, count=count)
    counts = {segment: count for segment, count in selection.firms.items() if segment in graph}
    more = [*(row for row in picture.more if not row.where), *(More(s, n) for s, n in sorted(counts.items()))]  # fmt: skip
    return replace(picture, counts=counts, more=tuple(more))


def read_facts(store: ReleasedStore, things: Iterable[str], lang: str, root: Path) -> Statements:
    """What is said of things and records, of what they cite, and which graph states what has no record."""
    wanted = {*things, *_NAMED}
    triples = [*_ask(store, "stated", wanted, root), *_read_details(store, wanted, root)]
    return Statements(triples, lang=lang)


def _read_details(store: ReleasedStore, wanted: set[str], root: Path) -> list[ox.Triple]:
    known: set[str] = set()
    triples: list[ox.Triple] = []
    while wanted:  # record, passage, document: three rounds at most
        known |= wanted
        found = _ask(store, "details", wanted, root)
        triples += found
        cited = {t.object.value for t in found if t.predicate.value in _CITED and isinstance(t.object, ox.NamedNode)}  # fmt: skip
        wanted = cited - known
    return triples


def read_triples(store: ReleasedStore, selection: Selection, root: Path) -> list[ox.Triple]:
    """What stands behind a picture as RDF: its things and records, what they cite, its direct statements."""
    records = {link.record for link in selection.links if link.record}
    triples = _read_details(store, {*selection.nodes, *records}, root)
    triples += [
        ox.Triple(
            ox.NamedNode(link.subject), ox.NamedNode(link.predicate), ox.NamedNode(link.other)
        )
        for link in selection.links
        if not link.record
    ]
    return sorted(set(triples), key=str)


def _ask(store: ReleasedStore, name: str, things: Iterable[str], root: Path) -> list[ox.Triple]:
    query = find_part(root, "pictures", name)
    return store.triples(query.bind({"thing": sorted(things)}))


def _add_links(graph: "Graph[str]", facts: Statements, selection: Selection) -> None:
    """The edges of the selected links and no others, with all who say so."""
    nodes = set(graph)
    kinds = {relation.kind: [r for r in RELATIONS if r.kind == relation.kind] for relation in RELATIONS}  # fmt: skip
    for kind, record in sorted(
        {(link.kind, link.record) for link in selection.links if link.record}
    ):
        for relation in kinds[kind]:
            add_record(graph, facts, record, relation)
    for predicate, (_, kind) in STATED.items():
        add_stated(graph, facts, predicate, kind)
    graph.remove_nodes_from(set(graph) - nodes)
    pairs = {(link.subject, link.predicate, link.other) for link in selection.links}
    graph.remove_edges_from(
        [(s, o, key) for s, o, key, data in graph.edges(keys=True, data=True) if (s, data["predicate"], o) not in pairs]
    )  # fmt: skip


def title_of(facts: Statements, state: State, layout: str, lang: str) -> str:
    """What the picture is of, in one line."""
    if layout == "path":
        ends = {"start": facts.label(state.source), "end": facts.label(state.target)}
        return words(lang, "path_title", **ends)
    if state.focus:
        key = "flow_title" if layout == "flow" else "focus_title"
        return words(lang, key, name=facts.label(state.focus))
    if not state.chain or ALL_CHAINS in state.chain:
        return words(lang, "all_title")
    join = ", " if lang == "en" else "、"
    return words(lang, "lanes_title", name=join.join(facts.label(chain) for chain in state.chain))


def _arrange(picture: Picture, facts: Statements) -> Picture:
    """What the layout needs beside the graph: stages and places for lanes, sides for a flow."""
    graph = picture.graph
    if picture.layout == "lanes":
        segments = graph.subgraph(
            n for n, data in graph.nodes(data=True) if data["type"] == "segment"
        )
        found = {data["stage"] for _, data in segments.nodes(data=True)}
        stages = [
            *sort_stages(segments.copy(), facts, found - {""}),
            *([""] if "" in found else []),
        ]
        named = tuple((s, facts.label(s) if s else words(picture.lang, "no_stage")) for s in stages)
        place_enterprises(graph, stages)
        return budget.fit_lanes(replace(picture, stages=named))
    if picture.layout == "flow":
        sides: Graph[str] = Graph()
        add_node(sides, facts, picture.focus, "enterprise", place="focus")
        for relation in RELATIONS:
            for record in facts.records(relation.kind):
                add_flow(sides, facts, record, relation, picture.focus)
        stated = {"basedIn": "above", "partOfChain": "top"}
        for node, data in graph.nodes(data=True):
            if node in sides:
                data["place"] = sides.nodes[node]["place"]
            elif data["type"] in ("place", "chain"):
                data["place"] = stated["basedIn" if data["type"] == "place" else "partOfChain"]
        return budget.fit_flow(picture)
    return picture
