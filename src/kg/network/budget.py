"""How much of a graph a picture may show; what is left out is counted, never dropped in silence."""

from collections import Counter
from dataclasses import replace
from typing import Final

from kg.network.flow import CAPS, things_at
from kg.network.lanes import (
    HEAD,
    MAX_HEIGHT,
    SEGMENT_GAP,
    enterprises_at,
    segment_height,
    sorted_segments,
)
from kg.network.picture import More, Picture, attribute

MAX_LABELS: Final = 150
MAX_SEGMENTS: Final = 60
"""Readable at 1400 by 900; see ui.md, 2.3."""


def fit_lanes(picture: Picture) -> Picture:
    """As many enterprises per segment as fit, none at all (only their number) where that is too many.

    Beyond MAX_SEGMENTS the segments with the fewest enterprises are left out.
    """
    graph = picture.graph
    places = attribute(graph, "place")
    counts = Counter(picture.counts) or Counter(place for place in places.values() if place)
    segments = [node for node, kind in attribute(graph, "type").items() if kind == "segment"]
    segments.sort(key=lambda segment: (-counts[segment], segment))
    hidden = segments[MAX_SEGMENTS:]
    picture = _without(
        picture, {*hidden, *(n for n, place in places.items() if place in hidden)}, counts
    )
    most = _enterprises_per_segment(picture)
    drop = {
        name: segment for segment in segments for name in enterprises_at(picture, segment)[most:]
    }
    lost = Counter(drop.values())
    more = [
        *([More("", len(hidden))] if hidden else []),
        *(More(segment, lost[segment]) for segment in sorted(lost)),
    ]
    return replace(_without(picture, set(drop), counts), more=tuple(more))


def _enterprises_per_segment(picture: Picture) -> int:
    """The largest number at which each stage fits one column and all names fit the budget."""
    stages = [
        [picture.counts.get(segment, 0) for segment in segments]
        for _, segments in sorted_segments(picture)
    ]
    for most in range(max((count for stage in stages for count in stage), default=0), 0, -1):
        names = sum(min(count, most) + 1 for stage in stages for count in stage)
        if names <= MAX_LABELS and all(_height(stage, most) <= MAX_HEIGHT for stage in stages):
            return most
    return 0


def _height(counts: list[int], most: int) -> float:
    rows = [min(count, most) + (count > most) for count in counts]
    return HEAD + sum(segment_height(row) + SEGMENT_GAP for row in rows)


def fit_flow(picture: Picture) -> Picture:
    """At most the flow's caps on each side; a partner on both sides counts on both."""
    graph = picture.graph
    places = attribute(graph, "place")
    counts = Counter(places.values())
    counts["supplier"] = _partners(picture, incoming=True)
    counts["customer"] = _partners(picture, incoming=False)
    drop: set[str] = set()
    more = []
    for side, cap in CAPS.items():
        left_out = things_at(picture, side)[cap:]
        drop.update(left_out)
        more += [More(side, len(left_out))] if left_out else []
    drop |= {node for node, place in places.items() if not place}
    return replace(_without(picture, drop, counts), more=tuple(more))


def _partners(picture: Picture, *, incoming: bool) -> int:
    """Distinct suppliers or customers of the enterprise, itself not counted."""
    edges = picture.graph.in_edges if incoming else picture.graph.out_edges
    ends = {
        (u if incoming else v)
        for u, v, data in edges(picture.focus, data=True)
        if data["kind"].endswith("SupplyRelation")
    }
    return len(ends - {picture.focus})


def _without(picture: Picture, nodes: set[str], counts: Counter[str]) -> Picture:
    graph = picture.graph.copy()
    graph.remove_nodes_from(nodes)
    return replace(picture, graph=graph, counts=dict(counts))
