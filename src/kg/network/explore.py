"""From a state to what is drawn: walk, filter, count, rank. Names and sources are read afterwards, for what is left."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import ThingUnknown
from kg.network.budget import MAX_SEGMENTS
from kg.network.filters import FACETS, HUBS, Filters, holds
from kg.network.links import Attributes, Link, ask, read_attributes, read_links
from kg.network.paths import Ways, find_ways
from kg.network.state import ALL_CHAINS, State
from kg.network.statements import KG
from kg.store import Store

MAX_WALKED: Final = 20_000
"""Things that a walk visits; beyond it the page says that it stopped."""

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


@dataclass
class _Walk:
    seeds: list[str]
    steps: dict[str, int]
    """Things found, with their distance from the seeds."""
    links: set[Link]
    attributes: dict[str, Attributes]
    stopped: bool = False


def choose_layout(state: State, middle: str, count: int) -> str:
    """The layout asked for where it can be drawn, else one that suits.

    `middle` is the type of the focus, `count` how many things there are.
    """
    if state.layout and (state.focus or state.layout != "flow"):
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
    walk = _walk(store, state, root)
    centres = {state.focus, *state.expand}
    every = {link for link in walk.links if _drawn(link, walk.attributes, centres)}
    links = {link for link in every if holds(link, state.year, state.confidence)}
    scope = _reachable(walk.seeds, links, set(walk.steps))
    filters = Filters(state, walk.attributes, links, scope)
    kept = filters.passing()
    added = _expand(state, kept, links, filters)
    kept |= set(added)
    degrees = _degrees(link for link in links if link.subject in kept and link.other in kept)
    if state.min_degree:
        kept = {t for t in kept if t in centres or degrees[t] >= state.min_degree}
    inside = [link for link in links if link.subject in kept and link.other in kept]
    segments = [t for t in kept if walk.attributes[t].type == "segment"]
    first = [t for t in (state.focus, *added) if t in kept]
    middle = walk.attributes[state.focus].type if state.focus else ""
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
        thing: Counter(walk.attributes[end].type for end in ends - drawn)
        for thing, ends in _neighbours(links).items()
        if thing in drawn and ends - drawn
    }
    hubs = [t for t in nodes if walk.attributes[t].type in HUBS and t not in centres]
    for row in ask(store, root, "hubs", thing=hubs) if hubs else []:
        hub, count = row["thing"].value, int(row["count"].value)  # type: ignore[union-attr]  # IRIs and numbers
        near = {link.end(hub) for link in inside if hub in (link.subject, link.other)} & drawn
        if count > len(near):
            kind = "segment" if walk.attributes[hub].type == "chain" else "enterprise"
            beyond[hub] = Counter({kind: count - len(near)})
    return Selection(
        layout, nodes, sorted(link for link in inside if link.subject in drawn and link.other in drawn),
        {thing: walk.attributes[thing] for thing in nodes}, len(kept), filters.count(every), beyond,
        {thing: parent for thing, parent in added.items() if thing in drawn}, walk.stopped,
        firms,
        Counter(
            (homes[link.subject], homes[link.other])
            for link in inside
            if link.predicate == _SUPPLY and link.subject in homes and link.other in homes
        ),
        Counter(
            (walk.attributes[home].stage, walk.attributes[firm].seat) for firm, home in homes.items()
        ),
        Counter(walk.attributes[segment].stage for segment in segments),
    )  # fmt: skip


def _select_ways(ways: Ways) -> Selection:
    """The things and links of the shortest ways; the two ends alone where there is none."""
    nodes = list(ways.steps) or list(ways.attributes)
    facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    facets["type"].update(ways.attributes[thing].type for thing in nodes)
    return Selection(
        "path", nodes, sorted(ways.links), ways.attributes, len(nodes), facets, {},
        stopped=ways.stopped, ways=ways,
    )  # fmt: skip


def _walk(store: Store, state: State, root: Path) -> _Walk:
    """From the seeds as many steps as asked, and one look further, to know what is not drawn."""
    seeds = _seeds(store, state, root)
    walk = _Walk(seeds, dict.fromkeys(seeds, 0), set(), read_attributes(store, seeds, (), root))
    frontier: Collection[str] = seeds
    for step in range(1, state.hops + 2):
        frontier = _step(store, walk, frontier, root, step if step <= state.hops else None)
    expanded = [thing for thing in dict.fromkeys(state.expand) if thing in walk.attributes]
    _step(store, walk, expanded, root, None, hubs=True)
    return walk


def _step(
    store: Store, walk: _Walk, frontier: Collection[str], root: Path, step: int | None, *, hubs: bool = False
) -> list[str]:  # fmt: skip
    """Reads the links at the frontier; the things newly reached, which belong to the walk where it is a step."""
    open_ = [t for t in frontier if hubs or walk.steps.get(t) == 0 or walk.attributes[t].type not in HUBS]  # fmt: skip
    links, cut = read_links(store, open_, root)
    walk.links |= links
    ends = {end for link in links for end in (link.subject, link.other)} - walk.attributes.keys()
    walk.attributes |= read_attributes(store, ends, links, root)
    if step is None:
        return []
    room = MAX_WALKED - len(walk.steps)
    centres = {thing for thing, distance in walk.steps.items() if distance == 0}
    reached = {
        end
        for link in links
        if _drawn(link, walk.attributes, centres)
        for end in (link.subject, link.other)
        if end not in walk.steps
    }
    walk.stopped = walk.stopped or cut or len(reached) > room
    new = sorted(reached)[:room]
    walk.steps |= dict.fromkeys(new, step)
    return new


def _seeds(store: Store, state: State, root: Path) -> list[str]:
    if state.focus:
        try:
            return [ox.NamedNode(state.focus).value]
        except ValueError as error:
            raise ThingUnknown(f"{state.focus!r} is not an IRI") from error
    chains = [] if ALL_CHAINS in state.chain else list(state.chain)
    return sorted({row["segment"].value for row in ask(store, root, "members", chain=chains)})  # type: ignore[union-attr]  # IRIs


def _drawn(link: Link, attributes: dict[str, Attributes], centres: Collection[str]) -> bool:
    """Whether a link is one to draw: seats and chains only beside what stands in the middle."""
    stated = not link.record and link.predicate in (KG + "basedIn", KG + "partOfChain")
    if stated:
        return link.subject in centres or link.other in centres
    return "other" not in (attributes[link.subject].type, attributes[link.other].type)


def _reachable(seeds: Iterable[str], links: Iterable[Link], within: set[str]) -> set[str]:
    """Things that links still lead to from the seeds."""
    near = _neighbours(links)
    found = set(seeds)
    queue = list(found)
    for thing in queue:  # grows while it is read
        new = (near[thing] & within) - found
        found |= new
        queue += new
    return found


def _degrees(links: Iterable[Link]) -> Counter[str]:
    """Distinct neighbours of each thing."""
    pairs = {(link.subject, link.other) for link in links}
    return Counter(end for pair in pairs | {(b, a) for a, b in pairs} for end in pair[:1])


def _best(
    kept: set[str], links: Iterable[Link], degrees: Counter[str], first: list[str], limit: int
) -> list[str]:
    """The things to draw: along links from the best connected one, so that what is drawn hangs together."""
    near = _neighbours(link for link in links if link.subject in kept and link.other in kept)
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


def _neighbours(links: Iterable[Link]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for link in links:
        near[link.subject].add(link.other)
        near[link.other].add(link.subject)
    return near


def _expand(
    state: State, kept: set[str], links: Collection[Link], filters: Filters
) -> dict[str, str]:
    """What each expansion adds: of every type the best connected neighbours that are not yet there."""
    degrees = _degrees(links)
    added: dict[str, str] = {}
    near = _neighbours(links)
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
