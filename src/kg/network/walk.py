"""From the seeds of a state along its links: what is near, and every link of what may be drawn."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import ThingUnknown
from kg.network.filters import HUBS
from kg.network.links import Attributes, Link, ask, learn, read_links
from kg.network.state import ALL_CHAINS, State
from kg.network.statements import KG
from kg.store import Store

MAX_WALKED: Final = 20_000
"""Things that a walk visits; beyond it the page says that it stopped."""

BESIDE: Final = (KG + "basedIn", KG + "partOfChain")
"""Statements that are drawn only beside what stands in the middle: very many things share the other end."""


@dataclass
class Walk:
    """What was read on the way."""

    seeds: list[str]
    steps: dict[str, int]
    """Things found, with their distance from the seeds."""
    links: set[Link] = field(default_factory=set)
    attributes: dict[str, Attributes] = field(default_factory=dict)
    stopped: bool = False
    """Whether there was more than may be read."""
    read: set[str] = field(default_factory=set)
    """Things whose links were read."""


def walk(store: Store, state: State, root: Path) -> Walk:
    """As many steps from the seeds as asked, and one look further, to know what is not drawn.

    Two queries a step. Raises ThingUnknown where the focus is no IRI.
    """
    found = _begin(store, state, root)
    frontier: Collection[str] = found.seeds
    for step in range(1, state.hops + 2):
        look_at(store, found, frontier, root)
        frontier = _reach(found, frontier, step) if step <= state.hops else ()
    waiting = list(dict.fromkeys(state.expand))
    while ready := [thing for thing in waiting if thing in found.attributes]:
        look_at(store, found, ready, root, hubs=True)  # may be how the next one is known at all
        waiting = [thing for thing in waiting if thing not in ready]
    return found


def look_at(
    store: Store, found: Walk, things: Iterable[str], root: Path, *, hubs: bool = False
) -> None:
    """Reads the links of things, of hubs only where they are seeds or asked for."""
    new = {
        thing
        for thing in things
        if hubs or not found.steps.get(thing, 1) or found.attributes[thing].type not in HUBS
    } - found.read
    links, cut = read_links(store, new, root)
    ends = {end for link in links for end in (link.subject, link.other)}
    learn(store, found.attributes, ends, links, root)
    found.read |= new
    found.links |= links
    found.stopped = found.stopped or cut


def _reach(found: Walk, frontier: Collection[str], step: int) -> list[str]:
    """The things that one step leads to, as many as there is room for."""
    centres = {thing for thing, distance in found.steps.items() if distance == 0}
    near = neighbours(link for link in found.links if is_drawn(link, found.attributes, centres))
    reached = {end for thing in frontier if thing in found.read for end in near[thing]} - found.steps.keys()  # fmt: skip
    room = MAX_WALKED - len(found.steps)
    found.stopped = found.stopped or len(reached) > room
    new = sorted(reached)[:room]
    found.steps |= dict.fromkeys(new, step)
    return new


def _begin(store: Store, state: State, root: Path) -> Walk:
    """The seeds: the focus, or the segments of the chains with their stages."""
    attributes: dict[str, Attributes] = {}
    if state.focus:
        try:
            seeds = [ox.NamedNode(state.focus).value]
        except ValueError as error:
            raise ThingUnknown(f"{state.focus!r} is not an IRI") from error
        learn(store, attributes, seeds, (), root)
    else:
        chains = [] if ALL_CHAINS in state.chain else list(state.chain)
        for row in ask(store, root, "members", chain=chains):
            kept = attributes.setdefault(row["segment"].value, Attributes("segment"))  # type: ignore[union-attr]  # IRIs
            stage = row["stage"].value if "stage" in row else ""  # type: ignore[union-attr]  # IRIs
            kept.stage = min(kept.stage or stage, stage)
        seeds = sorted(attributes)
    return Walk(seeds, dict.fromkeys(seeds, 0), attributes=attributes)


def is_drawn(link: Link, attributes: dict[str, Attributes], centres: Collection[str]) -> bool:
    """Whether a link is one to draw: seats and chains only beside what stands in the middle."""
    if not link.record and link.predicate in BESIDE:
        return link.subject in centres or link.other in centres
    return "other" not in (attributes[link.subject].type, attributes[link.other].type)


def within(found: Walk, links: Iterable[Link], hops: int) -> set[str]:
    """Things of the walk that so many steps along these links lead to from the seeds, never through a hub."""
    near = neighbours(links)
    frontier = reached = set(found.seeds)
    for _ in range(hops):
        open_ = [t for t in frontier if not found.steps[t] or found.attributes[t].type not in HUBS]
        frontier = ({end for thing in open_ for end in near[thing]} & found.steps.keys()) - reached
        reached = reached | frontier
    return reached


def neighbours(links: Iterable[Link]) -> dict[str, set[str]]:
    """For each thing those at the other ends of its links."""
    near: dict[str, set[str]] = defaultdict(set)
    for link in links:
        near[link.subject].add(link.other)
        near[link.other].add(link.subject)
    return near
