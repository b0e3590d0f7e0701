"""The shortest ways from one thing to another, over records and direct statements."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from kg.network.filters import HUBS
from kg.network.geometry import FONT, SMALL_FONT, Layout, shorten, text_width
from kg.network.links import Attributes, Link, learn, read_links
from kg.network.picture import Picture
from kg.store import Store

MAX_STEPS: Final = 4
MAX_VISITED: Final = 20_000
MAX_PATHS: Final = 12
"""Ways that are listed and drawn; the page says how many there are."""

_NAME_EMS: Final = 11
_ROW: Final = 74
_GAP: Final = 70


@dataclass
class Ways:
    """All shortest ways between two things, as far as the search went."""

    paths: list[list[str]]
    """Things from one end to the other, at most MAX_PATHS."""
    total: int
    links: set[Link]
    attributes: dict[str, Attributes]
    stopped: bool = False
    """Whether the search ended early because it had visited MAX_VISITED things."""
    steps: dict[str, int] = field(default_factory=dict)


def find_ways(store: Store, source: str, target: str, root: Path) -> Ways:
    """The shortest ways of at most MAX_STEPS steps, in either direction of each link.

    Places, chains, policies and tiers are ends but never on the way: everything meets there. Two
    queries a step; breadth first, so the first step that reaches the target has all shortest ways.
    """
    ways = Ways([], 0, set(), {})
    learn(store, ways.attributes, [source, target], (), root)
    steps, before = {source: 0}, defaultdict(set)
    frontier = [source] if source != target else []
    for step in range(1, MAX_STEPS + 1):
        walked = [t for t in frontier if t == source or ways.attributes[t].type not in HUBS]
        links, cut = read_links(store, walked, root)
        ends = {end for link in links for end in (link.subject, link.other)}
        learn(store, ways.attributes, ends, links, root)
        new = set()
        for link in links:
            for near, far in ((link.subject, link.other), (link.other, link.subject)):
                if steps.get(near) == step - 1 and steps.get(far, step) == step and near != far:
                    steps[far] = step
                    before[far].add(near)
                    new.add(far)
        ways.links |= links
        ways.stopped = cut or len(steps) > MAX_VISITED
        frontier = sorted(new)
        if target in steps or ways.stopped:
            break
    found = sorted(_trace(target, source, before)) if target in steps and source != target else []
    on_the_way = {thing: steps[thing] for path in found[:MAX_PATHS] for thing in path}
    return Ways(
        found[:MAX_PATHS], len(found),
        {link for link in ways.links if _is_step(link, found[:MAX_PATHS])},
        {thing: ways.attributes[thing] for thing in {source, target, *on_the_way}}, ways.stopped, on_the_way,
    )  # fmt: skip


def _trace(thing: str, source: str, before: dict[str, set[str]]) -> Iterator[list[str]]:
    """Every way back to the source, written forwards."""
    if thing == source:
        yield [source]
    for near in sorted(before[thing]):
        for path in _trace(near, source, before):
            yield [*path, thing]


def _is_step(link: Link, paths: list[list[str]]) -> bool:
    pair = {link.subject, link.other}
    return any(pair == {a, b} for path in paths for a, b in pairwise(path))


def compute_paths(picture: Picture) -> Layout:
    """A column a step from left to right, names under the glyphs; beside each other what is as far."""
    layout = Layout()
    columns: dict[int, list[str]] = defaultdict(list)
    for thing, step in picture.steps.items():
        columns[step].append(thing)
    names = {t: shorten(picture.graph.nodes[t]["short"], _NAME_EMS) for t in picture.steps}
    x = 0.0
    for step, column in sorted(columns.items()):
        width = max(text_width(names[thing], FONT) for thing in column)
        x += width / 2 if step else 0
        for row, thing in enumerate(column):
            y = (row - (len(column) - 1) / 2) * _ROW
            layout.put(thing, x, y, names[thing], align="center", radius=10)
        x += width / 2 + _GAP + 4 * SMALL_FONT
    return layout
