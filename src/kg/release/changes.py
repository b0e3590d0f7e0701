"""What one write changes, and the digest of a dataset that follows it at the cost of the change."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

import pyoxigraph as ox

from kg.engine.updates import Reach

_MODULUS: Final = 1 << 256


@dataclass
class Change:
    """Quads and names of graphs that came and went."""

    added: set[ox.Quad] = field(default_factory=set)
    removed: set[ox.Quad] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    """Named graphs that came, empty ones too."""
    dropped: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.created or self.dropped)

    @property
    def graphs(self) -> list[str]:
        """IRIs of the named graphs it touches, sorted."""
        names = {graph_of(quad) for quad in (*self.added, *self.removed)} - {""}
        return sorted(names | self.created | self.dropped)

    def add_to(self, digest: int) -> int:
        """The digest after the change, from the one before."""
        digest += sum_lines(f"{quad} .\n" for quad in self.added)
        digest -= sum_lines(f"{quad} .\n" for quad in self.removed)
        digest += sum_lines(f"<{name}>\n" for name in self.created)
        digest -= sum_lines(f"<{name}>\n" for name in self.dropped)
        return digest % _MODULUS


@dataclass(frozen=True)
class Snapshot:
    """What a store holds within the reach of a write."""

    quads: frozenset[ox.Quad]
    graphs: frozenset[str]
    """Every named graph of the store."""

    @classmethod
    def of(cls, store: ox.Store, reach: Reach) -> Self:
        """Costs the graphs in reach; ground quads cost a look-up each, in the form that is stored."""
        quads = {held for quad in reach.quads for held in store.quads_for_pattern(*quad)}
        graphs = frozenset(
            name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode)
        )
        for name in graphs if reach.any_graph else reach.graphs & graphs:
            quads.update(store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
        if reach.everything or "" in reach.graphs:
            quads.update(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        return cls(frozenset(quads), graphs)

    def until(self, later: "Snapshot") -> Change:
        """What changed between this and a later one."""
        return Change(
            set(later.quads - self.quads),
            set(self.quads - later.quads),
            set(later.graphs - self.graphs),
            set(self.graphs - later.graphs),
        )


def sum_dataset(store: ox.Store) -> int:
    """The digest of everything a store holds, as `count_and_sum` makes it."""
    return count_and_sum(store)[1]


def count_and_sum(store: ox.Store) -> tuple[int, int]:
    """The number of quads of a store and the digest of everything it holds: about 6 µs a quad.

    The sum modulo 2^256 of the SHA-256 of every quad's line of N-Quads, and of the name of every
    named graph. Unlike a hash of sorted lines it needs no order, so a write changes it by what it
    adds and removes. It finds damage and slips; it is no proof against someone who builds two
    datasets of equal sum on purpose.
    """
    count, digest = 0, sum_lines(f"{name}\n" for name in store.named_graphs())
    for quad in store:
        count += 1
        digest += int.from_bytes(hashlib.sha256(f"{quad} .\n".encode()).digest())
    return count, digest % _MODULUS


def sum_lines(lines: Iterable[str]) -> int:
    """The sum of the SHA-256 of each line."""
    return sum(int.from_bytes(hashlib.sha256(line.encode()).digest()) for line in lines)


def graph_of(quad: ox.Quad) -> str:
    """The IRI of a quad's graph; empty for the default graph."""
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
