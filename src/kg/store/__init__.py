"""Where triples are, for trusted queries: our own text with bound terms, never a visitor's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox

Row = dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]
"""One solution: the bound variables only, by name without `?`."""

UNNAMED: Final = "remote-"
"""What the id of a release begins with where a server names none: it may change at any time."""


def read_rows(solutions: ox.QuerySolutions) -> list[Row]:
    """All solutions of a result, in its order."""
    names = [variable.value for variable in solutions.variables]
    return [
        {name: term for name, term in zip(names, solution, strict=True) if term is not None}
        for solution in solutions
    ]


@dataclass(frozen=True)
class Dataset:
    """What a query without a dataset of its own is asked over; None where the store's own graphs do.

    https://www.w3.org/TR/sparql11-protocol/#dataset
    """

    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None


class Store(Protocol):
    """What every kind of store answers; each call finishes on the thread that made it."""

    def __hash__(self) -> int:
        """What follows from a store is cached by it."""
        ...

    def default_dataset(self, query: str) -> Dataset:
        """What a query that names no dataset is asked over."""
        ...

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
    def release(self) -> str:
        """Id of the release."""
        ...

    def is_current(self) -> bool:
        """Whether this is still what a store opened now would hold; cheap enough for every request."""
        ...

    def document(self, name: str) -> str | None:
        """The text of a file of the release, such as `manifest.json`; None where there is none."""
        ...

    def path(self, name: str) -> Path | None:
        """The path of such a file on this machine's disk; None where it is not there."""
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
