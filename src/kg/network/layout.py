"""Positions that mean something: pure functions of a picture, the same input gives the same positions."""

from collections.abc import Callable
from typing import Final

from kg.errors import BadRequest
from kg.network.columns import compute_columns
from kg.network.flow import compute_flow
from kg.network.geometry import Layout
from kg.network.lanes import compute_lanes
from kg.network.picture import Picture

LAYOUTS: Final[dict[str, Callable[[Picture], Layout]]] = {
    "lanes": compute_lanes,
    "flow": compute_flow,
}
"""Every layout by the name that `layout=` takes."""

_ALL: Final = {**LAYOUTS, "columns": compute_columns}
"""With the one for the answers of queries."""


def compute_layout(picture: Picture) -> Layout:
    """Positions by the layout that the picture asks for. Raises BadRequest for an unknown one."""
    if picture.layout not in _ALL:
        raise BadRequest(f"no layout {picture.layout!r}; known: {', '.join(_ALL)}")
    return _ALL[picture.layout](picture)
