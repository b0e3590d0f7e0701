"""The filter column of the explorer, which is its legend: every value with its count, ticked or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import networkx as nx

from kg.namespaces import compact
from kg.network.assemble import read_facts
from kg.network.explore import Selection
from kg.network.stages import sort_stages
from kg.network.state import State
from kg.network.styles import KIND_ORDER, STYLES, Style, glyph_path
from kg.network.texts import words as network_words
from kg.store import Store
from kg.web.language import language
from kg.web.tables import find_labels

MAX_VALUES: Final = 24
"""Values of one filter that the column lists; it says how many more there are."""


@dataclass(frozen=True)
class Value:
    """One value of a filter."""

    value: str
    text: str
    count: int
    ticked: bool
    style: Style | None = None
    path: str = ""


@dataclass(frozen=True)
class Facet:
    """One filter: its parameter and its values."""

    name: str
    values: list[Value]
    more: int = 0


def read_facets(selection: Selection, state: State, store: Store, root: Path) -> list[Facet]:
    """The filters that have something to choose from, in the order of the column."""
    found = selection.facets
    labels = find_labels(
        store, {v for name in ("stage", "city", "confidence") for v in found[name]}
    )
    facts = read_facts(store, found["stage"], language(), root)
    stages = sort_stages(nx.MultiDiGraph(), facts, found["stage"])
    order = {stage: place for place, stage in enumerate(stages)}
    named = [_types(found["type"], state.type)]
    for name in ("stage", "city", "year", "confidence"):
        chosen = getattr(state, name)
        counts = {**dict.fromkeys(chosen, 0), **found[name]}
        ranked = sorted(counts, key=lambda v: (order.get(v, 0), v))
        if name == "city":
            ranked.sort(key=lambda v: (v not in chosen, -counts[v]))
        values = [
            Value(compact(v), labels.get(v) or compact(v), counts[v], v in chosen)
            for v in ranked[:MAX_VALUES]
        ]
        named.append(Facet(name, values, len(ranked) - len(values)))
    return [facet for facet in named if facet.values]


def _types(counts: Mapping[str, int], chosen: tuple[str, ...]) -> Facet:
    lang = language()
    return Facet(
        "type",
        [
            Value(
                kind, network_words(lang, kind), counts.get(kind, 0), not chosen or kind in chosen,
                STYLES[kind], glyph_path(STYLES[kind].shape),
            )
            for kind in KIND_ORDER
            if kind in counts or kind in chosen
        ],
    )  # fmt: skip
