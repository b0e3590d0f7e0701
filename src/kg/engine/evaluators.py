"""The two engines over one release: the reference, and the fast one for the queries it may answer.

Both hold the same quads: the fast store is made of what the reference's store gives back, so that
numbers and language tags are written alike. An engine writes a result in the format asked for.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import pyoxigraph as ox
import sparq

from kg.engine.construct import MAX_CELLS, make_triples, read_template
from kg.engine.lanes import FastQuery, fast_query
from kg.engine.request import QueryRequest
from kg.engine.tallies import Tallies

Results = ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]
"""A table, a boolean, or the triples of a graph."""

STORE: Final = "store"
FAST: Final = "fast"
"""Folders of a release."""


@dataclass(frozen=True)
class Engines:
    """The engines of one release, opened."""

    store: ox.Store
    fast: sparq.Graph | None = None
    """None where the release has no fast store, or the setting wants none."""
    forced: bool = False
    """Whether the fast one answers whatever it can express."""
    tallies: Tallies | None = None
    """What the fast one counted when the release was made; None where it is not to answer."""

    @classmethod
    def open(cls, release: Path, evaluator: str = "auto") -> Self:
        """Opens a release; 7 to 40 ms, and 10 ms a million triples for the fast store, which is mapped."""
        fast = open_fast(release) if evaluator != "oxigraph" else None
        store = ox.Store.read_only(str(release / STORE))
        return cls(store, fast, evaluator == "sparq", Tallies(release) if fast else None)


def open_fast(release: Path) -> sparq.Graph | None:
    """The fast store of a release, which may be asked from any thread; None where it has none."""
    folder = release / FAST
    return sparq.Graph.open(str(folder)) if folder.is_dir() else None


def fast_bytes(release: Path) -> int:
    """Bytes of address space that the fast store of a release takes when it is open."""
    return sum(path.stat().st_size for path in (release / FAST).glob("**/*") if path.is_file())


def choose(engines: Engines, request: QueryRequest, max_rows: int) -> FastQuery | None:
    """The query for the fast engine, or None where the reference answers it.

    A dataset of the protocol is the reference's: the fast store holds the merged view alone.
    """
    if engines.fast is None or request.default_graphs is not None:
        return None
    if request.named_graphs is not None:
        return None
    template = read_template(request.query)
    if template is None:
        return fast_query(request.query, max_rows, forced=engines.forced)
    query = fast_query(template.select, max_rows, forced=engines.forced, max_cells=MAX_CELLS)
    return replace(query, template=template) if query else None


def query_fast(engines: Engines, query: FastQuery) -> bytes | None:
    """The result of its SELECT or ASK as JSON, evaluated now or counted when the release was made; None
    where the fast engine refuses or fails.

    https://www.w3.org/TR/sparql11-results-json/
    """
    assert engines.fast is not None
    if engines.tallies and (counted := engines.tallies.answer(query.text)):
        return counted
    with contextlib.suppress(ValueError, RuntimeError):
        found: bytes = engines.fast.query_json(query.text).encode()
        return found if engines.forced or query.is_safe(found) else None
    return None


def construct_fast(
    engines: Engines, query: FastQuery, result: bytes, base_iri: str
) -> Iterator[ox.Triple] | None:
    """The triples of a CONSTRUCT from the result of its SELECT; None where the reference has to answer."""
    assert query.template is not None
    with contextlib.suppress(SyntaxError):  # which the reference tells of the query as it was asked
        constants = query.template.read_constants(engines.store, base_iri)
        triples = make_triples(query.template, constants, result, query.max_rows)
        return None if triples is None else iter(triples)
    return None


def query_reference(engines: Engines, request: QueryRequest) -> Results:
    """The reference's answer over the protocol dataset: both lists are passed or neither.

    One list alone would leave the other part of the stored dataset visible, which
    https://www.w3.org/TR/sparql11-protocol/#dataset does not allow.
    """
    if request.default_graphs is None and request.named_graphs is None:
        return engines.store.query(request.query, base_iri=request.base_iri)
    return engines.store.query(
        request.query,
        base_iri=request.base_iri,
        default_graph=[ox.NamedNode(iri) for iri in request.default_graphs or ()],
        named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs or ()],
    )
