"""Links between things by number, as figures over all of them are computed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Links = Mapping[str, Collection[str]]
"""What directly follows each thing."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """Things, numbered from 0, and the links between them, each once and those of one thing together."""

    things: Sequence[str]
    tails: Integers
    heads: Integers

    @classmethod
    def of(cls, things: Sequence[str], pairs: Iterable[tuple[int, int]]) -> Self:
        """The network of links between numbers of things. Linear in the links, but for sorting them."""
        found = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        codes = np.unique(found[:, 0] * max(len(things), 1) + found[:, 1])
        return cls(things, codes // max(len(things), 1), codes % max(len(things), 1))

    @cached_property
    def first(self) -> Integers:
        """Where the links of each thing begin, and the end."""
        return np.searchsorted(self.tails, np.arange(len(self.things) + 1))

    def reversed(self) -> Self:
        """The same with each link the other way round."""
        order = np.argsort(self.heads, kind="stable")
        return type(self)(self.things, self.heads[order], self.tails[order])

    def follow(self, layer: Integers) -> tuple[Integers, Integers]:
        """The links from some things: tails and heads."""
        counts = self.first[layer + 1] - self.first[layer]
        starts = np.repeat(self.first[layer] - np.cumsum(counts) + counts, counts)
        return np.repeat(layer, counts), self.heads[starts + np.arange(counts.sum())]

    def reached(self, start: int) -> NDArray[np.bool_]:
        """Whether each thing can be reached from one, itself included. Linear in the links."""
        found = np.zeros(len(self.things), dtype=bool)
        found[start] = True
        layer = np.array([start])
        while layer.size:
            _, heads = self.follow(layer)
            layer = np.unique(heads[~found[heads]])
            found[layer] = True
        return found
