"""The layout `force`: connected things near each other, for what has no order of its own.

Fruchterman and Reingold, "Graph drawing by force-directed placement", 1991, DOI 10.1002/spe.4380211102,
from fixed starting places, so the same graph always looks the same.
"""

from functools import lru_cache
from math import sqrt
from typing import Final

import networkx as nx

from kg.network.geometry import RADIUS, SCREEN, Box, Layout
from kg.network.picture import Picture
from kg.network.space import put_names

MAX_NAMES: Final = 150
_SEED: Final = 20
_STEPS: Final = 120
_SPREAD: Final = 84
"""World pixels: side of the square that each thing has for itself."""
_GRAVITY: Final = 0.02
_LARGEST: Final = 14


def compute_force(picture: Picture) -> Layout:
    """Glyphs grow with their connections; what has none is left out, for the list beside the picture.

    Quadratic in things and kept for the last subgraphs: 300 take about 0.1 s, 1,000 about 1 s.
    """
    layout = Layout()
    graph = nx.Graph(picture.graph)
    things = tuple(sorted(n for n in graph if any(other != n for other in graph[n])))
    index = {thing: place for place, thing in enumerate(things)}
    # the smaller number first: which way round an edge comes depends on what else was ever selected
    pairs = tuple(sorted((min(index[a], index[b]), max(index[a], index[b])) for a, b in graph.edges if a in index and b in index and a != b))  # fmt: skip
    points = find_positions(len(things), pairs)
    width = max((x for x, _ in points), default=0) - min((x for x, _ in points), default=0)
    shrink = max(1.0, 1.1 * width / SCREEN[0])
    for thing, (x, y) in zip(things, points, strict=True):
        radius = round(min(RADIUS * 0.75 + sqrt(graph.degree(thing)), _LARGEST) * shrink**0.75)
        layout.points[thing], layout.radii[thing] = (x, y), radius
        layout.boxes[thing] = Box(x, y, 2 * radius, 2 * radius)
    order = sorted(things, key=lambda t: (t != picture.focus, -graph.degree(t), t))
    put_names(layout, picture, order, most=MAX_NAMES)
    return layout


@lru_cache(maxsize=32)
def find_positions(count: int, pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[float, float], ...]:  # fmt: skip
    """Places of the things 0 to count - 1, wider than high as a screen is; the same for the same pairs."""
    import numpy as np  # takes 0.1 s and only this layout needs it

    if count == 0:
        return ()
    places = np.random.default_rng(_SEED).random((count, 2), dtype=np.float32) - 0.5
    places *= np.float32(sqrt(count))
    starts, ends = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    for step in range(_STEPS):
        # axis by axis and in place: matrix products start threads, which wait for each other on a busy machine
        dx, dy = (np.subtract.outer(axis, axis) for axis in places.T)
        nearness = dx * dx
        nearness += dy * dy
        np.maximum(nearness, 0.01, out=nearness)
        np.reciprocal(nearness, out=nearness)
        dx *= nearness
        dy *= nearness
        moves = np.stack([dx.sum(axis=1), dy.sum(axis=1)], axis=1)
        moves -= places * np.float32(_GRAVITY * sqrt(count))
        along = places[starts] - places[ends]
        pull = along * np.sqrt((along**2).sum(axis=1))[:, None]
        for axis in (0, 1):
            moves[:, axis] -= np.bincount(starts, pull[:, axis], count)
            moves[:, axis] += np.bincount(ends, pull[:, axis], count)
        lengths = np.maximum(np.sqrt((moves**2).sum(axis=1)), np.float32(1e-6))
        most = np.float32(0.1 * sqrt(count) * (1 - step / _STEPS) + 0.001)
        places += moves * (np.minimum(lengths, most) / lengths)[:, None]
    places -= (places.max(axis=0) + places.min(axis=0)) / 2
    size = np.maximum(places.max(axis=0) - places.min(axis=0), 1e-6)
    places *= np.minimum(_SPREAD * sqrt(count) / size, _SPREAD * 4) * np.array([1.3, 0.8])
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in places)
