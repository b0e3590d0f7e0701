"""From a state to what is drawn: walk, filter, count, rank. Names and sources are read afterwards, for what is left."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Final

from kg.network.budget import MAX_SEGMENTS
from kg.network.filters import FACETS, HUBS, Filters, holds
from kg.network.links import Attributes, Link, ask
from kg.network.paths import Ways, find_ways
from kg.network.state import State
from kg.network.statements import KG
from kg.network.walk import Walk, is_drawn, look_at, neighbours, walk, within
from kg.store import Store

EXPANDED: Final = 20
"""Neighbours of each type that one expansion adds."""


_RADIAL: Final = 60
"""Things up to which a neighbourhood is drawn in rings."""

_INSIDE: Final = KG + "inSegment"
_SUPPLY: Final = KG + "suppliesTo"


@dataclass
class Selection:
    """What a state means in a release."""

    layout: str
    nodes: list[str]
    """Things to draw, the most connected first, at most `limit`."""
    links: list[Link]
    """Every link between two of them, sorted."""
    attributes: dict[str, Attributes]
    total: int
    """Things that pass the filters, drawn or not."""
    facets: dict[str, Counter[str]]
    """For each filter its values with how many things (links for year and confidence) pass all others."""
    beyond: dict[str, Counter[str]]
    """For each thing its neighbours that are not drawn, by type."""
    added: dict[str, str] = field(default_factory=dict)
    """What an expansion added, in order, with the thing it was added to."""
    expanded: tuple[str, ...] = ()
    """The same, drawn or not."""
    stopped: bool = False
    """Whether the walk ended before it had seen everything."""
    firms: Counter[str] = field(default_factory=Counter)
    """For each segment how many of the things that pass stand in it."""
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    """For two segments how many supply relations lead from the firms of one to those of the other."""
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    """For a stage and a seat how many firms stand there."""
    stages: Counter[str] = field(default_factory=Counter)
    """Segments that pass, by stage."""
    ways: Ways | None = None
    """The shortest ways, where the state asks for them."""


def choose_layout(state: State, middle: str, count: int) -> str:
    """The layout asked for where it can be drawn, else one that suits.

    `middle` is the type of the focus, `count` how many things there are.
    """
    if state.layout and (middle == "enterprise" or state.layout != "flow"):
        return state.layout
    if not state.focus:
        return "lanes"
    if middle == "enterprise" and state.hops == 1:
        return "flow"
    return "radial" if count <= _RADIAL else "force"


def select(store: Store, state: State, root: Path) -> Selection:
    """What to draw. Two or three light queries a step. Raises ThingUnknown where the focus is no IRI."""
    if state.source and state.target:
        return _select_ways(find_ways(store, state.source, state.target, root))
    found = walk(store, state, root)
    attributes, centres = found.attributes, {state.focus, *state.expand}
    if state.stage:  # whether a neighbour stands there is for its own links to say
        ends = neighbours(link for link in found.links if centres & {link.subject, link.other})
        look_at(store, found, {end for thing in state.expand for end in ends[thing]}, root)
    links = _holding(found, state, centres)
    near_focus = (link for link in links if is_drawn(link, attributes, {state.focus}))
    filters = Filters(state, attributes, links, within(found, near_focus, state.hops))
    kept = filters.passing()
    added = _expand(state, kept, links, filters)
    if added:  # they may be connected with each other
        look_at(store, found, added, root)
        links = _holding(found, state, centres)
    kept |= set(added)
    degrees = _degrees(link for link in links if link.subject in kept and link.other in kept)
    if state.min_degree:
        kept = {t for t in kept if t in centres or degrees[t] >= state.min_degree}
    inside = [link for link in links if link.subject in kept and link.other in kept]
    segments = [t for t in kept if attributes[t].type == "segment"]
    first = [t for t in (state.focus, *added) if t in kept]
    middle = attributes[state.focus].type if state.focus else ""
    layout = choose_layout(state, middle, len(kept))
    homes = {
        link.subject: link.other
        for link in sorted(inside, reverse=True)
        if link.predicate == _INSIDE
    }
    firms = Counter(homes.values())
    if layout == "lanes" and len(kept) > state.limit:
        nodes = sorted(segments, key=lambda segment: (-firms[segment], segment))[:MAX_SEGMENTS]
    else:
        nodes = _best(kept, inside, degrees, first, state.limit)
    drawn = set(nodes)
    beyond = {
        thing: Counter(attributes[end].type for end in ends - drawn)
        for thing, ends in neighbours(links).items()
        if thing in drawn and ends - drawn
    }
    hubs = [t for t in nodes if attributes[t].type in HUBS and t not in centres]
    for row in ask(store, root, "hubs", thing=hubs) if hubs else []:
        hub, count = row["thing"].value, int(row["count"].value)  # type: ignore[union-attr]  # IRIs and numbers
        near = {link.end(hub) for link in inside if hub in (link.subject, link.other)} & drawn
        if count > len(near):
            kind = "segment" if attributes[hub].type == "chain" else "enterprise"
            beyond[hub] = Counter({kind: count - len(near)})
    return Selection(
        layout, nodes, sorted(link for link in inside if link.subject in drawn and link.other in drawn),
        {thing: attributes[thing] for thing in nodes}, len(kept), filters.count(_drawn(found, centres)), beyond,
        {thing: parent for thing, parent in added.items() if thing in drawn}, tuple(added), found.stopped,
        firms,
        Counter(
            (homes[link.subject], homes[link.other])
            for link in inside
            if link.predicate == _SUPPLY and link.subject in homes and link.other in homes
        ),
        Counter(
            (attributes[home].stage, attributes[firm].seat) for firm, home in homes.items()
        ),
        Counter(attributes[segment].stage for segment in segments),
    )  # fmt: skip


def _drawn(found: Walk, centres: Collection[str]) -> set[Link]:
    return {link for link in found.links if is_drawn(link, found.attributes, centres)}


def _holding(found: Walk, state: State, centres: Collection[str]) -> set[Link]:
    """The links to draw that are of the wanted years and modalities."""
    drawn = _drawn(found, centres)
    return {link for link in drawn if holds(link, state.year, state.confidence)}


def _select_ways(ways: Ways) -> Selection:
    """The things and links of the shortest ways; the two ends alone where there is none."""
    nodes = list(ways.steps) or list(ways.attributes)
    facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    facets["type"].update(ways.attributes[thing].type for thing in nodes)
    return Selection(
        "path", nodes, sorted(ways.links), ways.attributes, len(nodes), facets, {},
        stopped=ways.stopped, ways=ways,
    )  # fmt: skip


def _degrees(links: Iterable[Link]) -> Counter[str]:
    """Distinct neighbours of each thing."""
    pairs = {(link.subject, link.other) for link in links}
    return Counter(end for pair in pairs | {(b, a) for a, b in pairs} for end in pair[:1])


def _best(
    kept: set[str], links: Iterable[Link], degrees: Counter[str], first: list[str], limit: int
) -> list[str]:
    """The things to draw: along links from the best connected one, so that what is drawn hangs together."""
    near = neighbours(link for link in links if link.subject in kept and link.other in kept)
    waiting = sorted(kept, key=lambda thing: (-degrees[thing], thing))
    rank = {thing: place for place, thing in enumerate(waiting)}
    found = dict.fromkeys(first[:limit])
    queue = [rank[end] for thing in found for end in near[thing]]
    heapify(queue)
    for start in waiting:
        heappush(queue, rank[start])
        while queue and len(found) < limit:
            thing = waiting[heappop(queue)]
            if thing not in found:
                found[thing] = None
                for end in near[thing] - found.keys():
                    heappush(queue, rank[end])
        if len(found) >= limit:
            break
    return list(found)


def _expand(
    state: State, kept: set[str], links: Collection[Link], filters: Filters
) -> dict[str, str]:
    """What each expansion adds: of every type the best connected neighbours that are not yet there."""
    degrees = _degrees(links)
    added: dict[str, str] = {}
    near = neighbours(links)
    for thing in state.expand:
        if thing not in kept and thing not in added:
            continue
        room: Counter[str] = Counter()
        new = near[thing] - kept - added.keys()
        for end in sorted(new, key=lambda end: (-degrees[end], end)):
            kind = filters.type_of(end)
            if room[kind] < EXPANDED and filters.passes(end):
                room[kind] += 1
                added[end] = thing
    return added
