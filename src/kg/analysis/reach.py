"""What can be reached along links: by fewest steps, and how much from each thing."""

from collections.abc import Iterable
from typing import Final

import networkx as nx
import numpy as np

from kg.analysis.links import Links, Network

BLOCK: Final = 1 << 14
"""Things that one pass counts: memory stays at 2 KB for each group of things that reach one another."""


def distances(links: Links, starts: Iterable[str]) -> dict[str, int]:
    """Fewest steps from any of the starts to everything that can be reached; linear in the links.

    Plain dictionaries: networkx needs 4 to 10 times as long here.
    """
    layer, hop = set(starts), 0
    hops = dict.fromkeys(layer, 0)
    while layer:
        hop += 1
        layer = {after for thing in layer for after in links.get(thing, ())} - hops.keys()
        hops |= dict.fromkeys(layer, hop)
    return hops


def count_reached(network: Network) -> dict[str, int]:
    """How many other things each thing reaches.

    Things that reach one another reach the same, so that what is reached is kept for each such
    group, one bit a thing. The largest group of a supply network is most of it: it is found from
    the thing with the most links by arrays, and networkx finds those of the rest. Cost: linear in
    the links, and for each 16,384 things 2 KB for each link between groups.
    """
    size = len(network.things)
    if not size:
        return {}
    hub = int(np.argmax(np.bincount(network.tails, minlength=size)))
    core = network.reached(hub) & network.reversed().reached(hub)
    member = np.where(core, hub, np.arange(size))
    tails, heads = member[network.tails], member[network.heads]
    graph: nx.DiGraph[int] = nx.DiGraph(set(zip(tails.tolist(), heads.tolist(), strict=True)))
    graph.add_nodes_from(set(member.tolist()))
    groups = list(nx.strongly_connected_components(graph))  # each after those that it reaches
    group_of = {thing: number for number, members in enumerate(groups) for thing in members}
    after: list[set[int]] = [set() for _ in groups]
    for tail, head in graph.edges:
        if group_of[tail] != group_of[head]:
            after[group_of[tail]].add(group_of[head])
    counts = [-1] * len(groups)  # a thing does not count itself
    for start in range(0, size, BLOCK):
        own = [0] * len(groups)
        for at, thing in enumerate(member[start : start + BLOCK].tolist()):
            own[group_of[thing]] |= 1 << at
        for number, others in enumerate(after):
            for other in others:
                own[number] |= own[other]
            counts[number] += own[number].bit_count()
    return {
        thing: counts[group_of[at]]
        for thing, at in zip(network.things, member.tolist(), strict=True)
    }
