"""The layout `radial`: rings by distance from the middle, like beside like, names outwards on both sides."""

from collections import defaultdict
from math import sqrt
from typing import Final

import networkx as nx

from kg.network.geometry import FOCUS_RADIUS, RADIUS, Box, Layout
from kg.network.picture import Picture
from kg.network.space import put_names
from kg.network.styles import KIND_ORDER

MAX_NAMES: Final = 40
_PITCH: Final = 26
_RING: Final = 200
_NEXT: Final = 110
_PER_RING: Final = 48
_SHARE: Final = 0.94
"""Part of a ring's height that is used: at its top and bottom names would lie on each other."""


def compute_radial(picture: Picture) -> Layout:
    """Things stand at equal heights on both sides of their ring, clockwise by type and name.

    Things that no line leads to from the middle are left out. Linear but for the sorting.
    """
    layout = Layout()
    graph = nx.Graph(picture.graph)
    if not graph:
        return layout
    middle = picture.focus if picture.focus in graph else max(sorted(graph), key=graph.degree)
    _put(layout, middle, 0, 0, FOCUS_RADIUS)
    rings: dict[int, list[str]] = defaultdict(list)
    for thing, steps in nx.single_source_shortest_path_length(graph, middle).items():
        rings[steps].append(thing)
    radius = 0.0
    for steps in sorted(rings.keys() - {0}):
        data = picture.graph.nodes
        things = sorted(rings[steps], key=lambda t: (KIND_ORDER.index(data[t]["type"]), data[t]["label"], t))  # fmt: skip
        for start in range(0, len(things), _PER_RING):
            ring = things[start : start + _PER_RING]
            radius = max(radius + (_NEXT if start else _RING), len(ring) * _PITCH / 4 / _SHARE)
            _put_ring(layout, ring, radius)
    order = sorted(layout.points, key=lambda t: (t != middle, -graph.degree(t), t))
    put_names(layout, picture, order, most=MAX_NAMES)
    return layout


def _put_ring(layout: Layout, ring: list[str], radius: float) -> None:
    """Down the right side, then up the left, at equal heights."""
    right = -(-len(ring) // 2)
    for place, thing in enumerate(ring):
        side, row, rows = 1, place, right
        if place >= right:
            side, row, rows = -1, len(ring) - 1 - place, len(ring) - right
        y = (row - (rows - 1) / 2) * (2 * radius * _SHARE / max(rows, 1))
        _put(layout, thing, side * sqrt(radius**2 - y**2), y, RADIUS)


def _put(layout: Layout, iri: str, x: float, y: float, radius: int) -> None:
    layout.points[iri], layout.radii[iri] = (round(x, 1), round(y, 1)), radius
    layout.boxes[iri] = Box(round(x, 1), round(y, 1), 2 * radius, 2 * radius)
