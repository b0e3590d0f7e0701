"""The order of a chain's stages: any number of them, in the order that the data gives."""

from collections.abc import Iterable
from typing import Final

import networkx as nx

from kg.network.statements import Statements, local_name

POSITION: Final = "https://schema.org/position"
_NOTATION: Final = "http://www.w3.org/2004/02/skos/core#notation"
_STAGES: Final = ("upstream", "midstream", "downstream")


def sort_stages(
    graph: "nx.MultiDiGraph[str]", facts: Statements, stages: Iterable[str]
) -> list[str]:
    """Stages in order along the chain: by position, else the three usual ones, else by what feeds what."""
    names = sorted(stages)
    positions = {
        stage: number(facts.one(stage, POSITION) or facts.one(stage, _NOTATION)) for stage in names
    }
    if None not in positions.values():
        return sorted(names, key=lambda stage: (positions[stage] or 0, stage))
    if all(local_name(stage) in _STAGES for stage in names):
        return sorted(names, key=lambda stage: _STAGES.index(local_name(stage)))
    depths = _stage_depths(graph)
    usual = {name: index for index, name in enumerate(_STAGES)}
    return sorted(
        names, key=lambda stage: (depths[stage], usual.get(local_name(stage), len(usual)), stage)
    )


def _stage_depths(graph: "nx.MultiDiGraph[str]") -> dict[str, float]:
    """Mean number of feeding steps before the segments of each stage; a cycle counts as one step."""
    steps = nx.condensation(nx.DiGraph(graph))
    depth: dict[int, int] = {}
    for node in nx.topological_sort(steps):
        depth[node] = max((depth[before] + 1 for before in steps.predecessors(node)), default=0)
    found: dict[str, list[int]] = {}
    for segment, node in steps.graph["mapping"].items():
        found.setdefault(graph.nodes[segment]["stage"], []).append(depth[node])
    return {stage: sum(values) / len(values) for stage, values in found.items()}


def number(text: str) -> float | None:
    """A number that is not negative, or None where the text is none."""
    return float(text) if text.replace(".", "", 1).isdigit() else None
