"""The layout `columns`: whatever connects things, in columns from where its arrows start to where they end."""

from collections import defaultdict
from typing import Final

import networkx as nx

from kg.network.geometry import FONT, Layout, shorten, text_width
from kg.network.picture import Picture

MAX_NODES: Final = 60
"""Names that stay readable in columns at 1400 by 900; see ui.md, 2.3."""
MAX_COLUMNS: Final = 4
_ROW: Final = 34
_PER_COLUMN: Final = 28
_GAP: Final = 150
_NAME_EMS: Final = 14


def compute_columns(picture: Picture) -> Layout:
    """Starts on the left with their names before them, all others to the right, names behind.

    A thing stands one column after the nearest start that leads to it, in the last one at most, near
    the things before it; a column too long is split. Linear in nodes and edges but for one sort.
    """
    layout = Layout()
    x = 0.0
    for level, column in enumerate(_columns(picture)):
        align = "right" if level else "left"
        for part in _split(column):
            names = {iri: shorten(picture.graph.nodes[iri]["label"], _NAME_EMS) for iri in part}
            width = max(text_width(name, FONT) for name in names.values())
            x += width if align == "left" else 0
            for row, iri in enumerate(part):
                y = (row - (len(part) - 1) / 2) * _ROW
                layout.put(iri, x, y, names[iri], align=align)
            x += _GAP if align == "left" else width + _GAP
    return layout


def _split(column: list[str]) -> list[list[str]]:
    """Parts of at most `_PER_COLUMN`, as even as can be."""
    parts = -(-len(column) // _PER_COLUMN)
    size = -(-len(column) // max(parts, 1))
    return [column[start : start + size] for start in range(0, len(column), size)]


def _columns(picture: Picture) -> list[list[str]]:
    depth = _depths(picture.graph)
    columns: dict[int, list[str]] = defaultdict(list)
    place: dict[str, float] = {}
    for level in range(MAX_COLUMNS):
        members = [node for node in sorted(picture.graph) if depth[node] == level]
        before = {
            node: [place[other] for other in picture.graph.predecessors(node) if other in place]
            for node in members
        }
        members.sort(key=lambda n: (sum(before[n]) / len(before[n]) if before[n] else 0.0, n))
        place |= {node: index / len(members) for index, node in enumerate(members)}
        columns[level] = members
    return [column for _, column in sorted(columns.items()) if column]


def _depths(graph: "nx.MultiDiGraph[str]") -> dict[str, int]:
    """Steps from the nearest start; what no start leads to, such as a circle, has one of its own."""
    starts = [node for node in sorted(graph) if graph.in_degree(node) == 0 < graph.out_degree(node)]
    depth = dict.fromkeys(starts or sorted(graph)[:1], 0)
    queue = list(depth)
    waiting = sorted(graph, key=lambda node: (-graph.out_degree(node), node))
    while len(depth) < len(graph):
        for node in queue:  # grows while it is read
            for other in sorted(graph.successors(node)):
                if other not in depth:
                    depth[other] = min(depth[node] + 1, MAX_COLUMNS - 1)
                    queue.append(other)
        queue = [node for node in waiting if node not in depth][:1]
        depth |= dict.fromkeys(queue, 0)
    return depth
