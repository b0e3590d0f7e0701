"""A release as RDF text: one graph, the merged view, or every named graph, streamed."""

from collections.abc import Iterator
from typing import IO

import pyoxigraph as ox

from kg.formats import Format, write_triples
from kg.store import Store


def dump(
    store: Store,
    output: IO[bytes],
    format: Format,
    *,
    graph: str | None = None,
    with_default: bool = False,
) -> None:
    """Writes the statements of a store as they come; memory does not grow with them.

    With `graph`, that named graph, or the default graph for the empty text. Without it, a format
    that keeps named graphs gets each of them (the merged view is their union and would only repeat
    them; `with_default` adds it), any other the default graph.
    Raises GraphUnknown where the store has no such graph.
    """
    if graph is None and "dataset" in format.kinds:
        names = [*store.graphs(), *[None] * with_default]
        quads = (quad for name in names for quad in store.quads(name))
        write_triples(quads, output, format, store.prefixes)
    elif "dataset" in format.kinds:
        write_triples(store.quads(graph or None), output, format, store.prefixes)
    else:
        write_triples(_triples(store.quads(graph or None)), output, format, store.prefixes)


def _triples(quads: Iterator[ox.Quad]) -> Iterator[ox.Triple]:
    return (quad.triple for quad in quads)
