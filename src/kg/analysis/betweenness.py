"""The share of shortest paths that lead through each thing: exact, or estimated from some of the starts."""

import random
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.analysis.links import Integers, Network

MAX_EXACT: Final = 200_000_000
"""Links followed, 20 ns each, up to which every path is counted: 4 s on one processor."""
MAX_SAMPLED: Final = 20_000_000
"""Links that an estimate follows, since so large a graph needs the time for other figures too."""
_STEP: Final = 2_500
"""Links that are followed in the time that one step away from a start takes by itself."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Betweenness:
    """The share of the shortest paths between two others through each thing, by its number."""

    shares: Floats
    errors: Floats
    """Standard errors; 0 where every path was counted."""
    starts: int
    """Things whose shortest paths were followed."""
    is_exact: bool
    """Whether these were all."""


def measure_betweenness(network: Network, max_links: int | None = None) -> Betweenness:
    """Brandes' algorithm from one start after another, until all are done or the work is.

    Cost: things times links. Where that is more than MAX_EXACT, or `max_links` if given, the starts
    are a sample, drawn at random and the same each time, and the error is that of its mean.
    Brandes and Pich 2007, https://doi.org/10.1142/S0218127407018403
    """
    size = len(network.things)
    is_small = size * len(network.heads) <= MAX_EXACT
    limit = max_links if max_links is not None else MAX_EXACT if is_small else MAX_SAMPLED
    total, squares = np.zeros(size), np.zeros(size)
    starts = work = 0
    for start in random.Random(1).sample(range(size), size):
        if work > limit and starts > 1:
            break
        steps, paths, followed = _spread(network, start)
        found = _gather(steps, paths)
        found[start] = 0.0
        total += found
        squares += found**2
        starts += 1
        work += followed + _STEP * len(steps)
    mean = total / max(starts, 1)
    variance = np.maximum(squares / max(starts, 1) - mean**2, 0) / max(starts - 1, 1)
    scale = size / max((size - 1) * (size - 2), 1)
    errors = np.sqrt(variance * (1 - starts / max(size, 1))) * scale
    return Betweenness(mean * scale, errors, starts, starts == size)


Steps = list[tuple[Integers, Integers]]
"""The links that lie on shortest paths from a start, step by step: tails and heads."""


def _spread(network: Network, start: int) -> tuple[Steps, Floats, int]:
    """The steps from a start, the number of shortest paths to each thing, and the links followed."""
    size = len(network.things)
    hops, paths = np.full(size, -1), np.zeros(size)
    at = np.empty(size, dtype=np.int64)
    hops[start], paths[start] = 0, 1.0
    layer, followed = np.array([start]), 0
    steps: Steps = []
    while layer.size:
        tail, head = network.follow(layer)
        followed += len(head)
        fresh = head[hops[head] < 0]
        hops[fresh] = len(steps) + 1
        at[fresh] = np.arange(len(fresh))
        layer = fresh[at[fresh] == np.arange(len(fresh))]  # each once
        on = hops[head] == len(steps) + 1
        tail, head = tail[on], head[on]
        np.add.at(paths, head, paths[tail])
        steps.append((tail, head))
    return steps, paths, followed


def _gather(steps: Steps, paths: Floats) -> Floats:
    """For each thing, how much of the paths to each other thing leads through it, added up."""
    through = np.zeros(len(paths))
    for tail, head in reversed(steps):
        np.add.at(through, tail, paths[tail] / paths[head] * (1 + through[head]))
    return through
