"""Where triples are, for trusted queries: our own text with bound terms, never a visitor's."""

from collections.abc import Iterator
from typing import Protocol

import pyoxigraph as ox

Row = dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]
"""One solution: the bound variables only, by name without `?`."""


class Store(Protocol):
    """What every kind of store answers; each call finishes on the thread that made it."""

    def rows(self, query: str) -> list[Row]:
        """Solutions of a SELECT in the engine's order; memory grows with the answer."""
        ...

    def triples(self, query: str) -> list[ox.Triple]:
        """Triples of a CONSTRUCT or DESCRIBE, each as often as the engine makes it."""
        ...

    def ask(self, query: str) -> bool:
        """The answer of an ASK."""
        ...

    def graphs(self) -> list[str]:
        """IRIs of the named graphs, sorted."""
        ...

    @property
    def prefixes(self) -> dict[str, str]:
        """The pinned prefixes worth declaring in an export."""
        ...

    def quads(self, graph: str | None) -> Iterator[ox.Quad]:
        """Quads of one named graph, or of the merged view for None; read it on this thread only.

        Raises GraphUnknown where the store has no such graph.
        """
        ...
