"""What the page hands to kgnet.js as JSON: each thing once, what many share once."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final  # Any: JSON values

from kg.namespaces import BASE

_OWN: Final = frozenset(("id", "x", "y", "label", "edge", "from", "to", "of"))
"""Options that differ from one to the next; a title is a node's own and shared by edges."""

_PARTS: Final = ("options", "cites", "things", "relations", "bands", "world", "focus", "texts", "site", "details")  # fmt: skip
SHORT: Final = "~"
"""Stands for the beginning that IRIs of ours have in common."""


def write_island(model: Mapping[str, Any], *, details: str = "") -> dict[str, Any]:
    """The island of a model; with `details`, names and sources are left out and read from that address.

    300 things with 300 lines take about 60 KB without details.
    """
    shared: dict[str, int] = {}
    place = {node["id"]: index for index, node in enumerate(model["nodes"])}
    nodes = [_share(node, shared, place, _OWN | {"title"}) for node in model["nodes"]]
    edges = [_share(edge, shared, place, _OWN) for edge in model["edges"]]
    left_out = ("cites", "things", "relations") if details else ()
    parts = {name: model[name] for name in _PARTS if name in model and name not in left_out}
    return {
        **parts,
        "base": BASE,
        "shared": [json.loads(text) for text in shared],
        "nodes": nodes,
        "edges": edges,
    } | ({"details": details} if details else {})


def _share(
    options: Mapping[str, Any], shared: dict[str, int], place: Mapping[str, int], own: Iterable[str]
) -> dict[str, Any]:
    kept = {
        name: _shorten(name, value, place)
        for name, value in options.items()
        if name in own and value != " "
    }
    common = {name: value for name, value in options.items() if name not in kept}
    text = json.dumps(common, sort_keys=True)
    return kept | {"s": shared.setdefault(text, len(shared))}


def _shorten(name: str, value: Any, place: Mapping[str, int]) -> Any:
    """An IRI without its beginning, a node named by another by its number, coordinates to a tenth."""
    if name in ("from", "to", "of"):
        return place.get(value, "")
    if name == "id" and value.startswith(BASE):
        return SHORT + value.removeprefix(BASE)
    return round(value, 1) if isinstance(value, float) else value
