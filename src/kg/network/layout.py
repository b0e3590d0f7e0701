"""Positions that mean something: pure functions of a picture, the same input gives the same positions."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from kg.errors import BadRequest
from kg.network.columns import compute_columns
from kg.network.flow import compute_flow
from kg.network.force import compute_force
from kg.network.geometry import Layout
from kg.network.lanes import compute_lanes
from kg.network.paths import compute_paths
from kg.network.picture import Picture
from kg.network.radial import compute_radial
from kg.network.space import put_aside, put_near

LAYOUTS: Final[dict[str, Callable[[Picture], Layout]]] = {
    "lanes": compute_lanes,
    "flow": compute_flow,
    "radial": compute_radial,
    "force": compute_force,
}
"""Every layout by the name that `layout=` takes."""

MAX_ASIDE: Final = 40
"""Things without a place in a lane that are drawn beside the lanes."""

_ALL: Final = {**LAYOUTS, "columns": compute_columns, "path": compute_paths}
"""With those for the answers of queries and for ways between two things."""


def compute_layout(picture: Picture) -> Layout:
    """Positions by the layout that the picture asks for, then of what was added, which moves nothing.

    Raises BadRequest for an unknown layout.
    """
    if picture.placed:
        return picture.placed
    if picture.layout not in _ALL:
        raise BadRequest(f"no layout {picture.layout!r}; known: {', '.join(_ALL)}")
    graph = picture.graph.subgraph(n for n in picture.graph if n not in picture.added)
    layout = _ALL[picture.layout](replace(picture, graph=graph) if picture.added else picture)
    if picture.layout == "lanes":
        others = [n for n in sorted(graph) if n not in layout.points]
        put_aside(layout, picture, others[:MAX_ASIDE])
    put_near(layout, picture, picture.added)
    return layout


def place(picture: Picture, hide: Collection[str] = ()) -> Picture:
    """The picture with its positions, without the things to hide, which leave their places empty."""
    layout = compute_layout(picture)
    gone = set(hide)
    graph = picture.graph.copy()
    graph.remove_nodes_from(gone)
    for kept in (layout.points, layout.boxes, layout.radii):
        for iri in gone & kept.keys():
            del kept[iri]
    layout.texts = [text for text in layout.texts if text.of not in gone]
    return replace(picture, graph=graph, placed=layout)
