"""Rows of the queries of `queries/analysis/`, with IRIs and literals as plain text."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import sparq

from kg.engine.evaluators import open_fast
from kg.engine.lanes import fast_query
from kg.network.statements import Statements
from kg.queries import find_part
from kg.store import Store
from kg.store.caching import cached_by_store

Rows = list[dict[str, str]]
"""Text by variable; an unbound variable is the empty text."""

MAX_CELLS: Final = 5_000_000
"""Values that are read through the fast store, some 100 bytes each; more are left to the reference."""


class Reader:
    """Asks a store the analysis queries and keeps their texts, which the answer shows."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self._root = root
        self.queries: list[str] = []

    def rows(self, name: str, **values: str | Sequence[str]) -> Rows:
        """All rows of `queries/analysis/<name>.rq` with its parameters bound.

        Raises ParameterInvalid for a value that does not fit.
        """
        query = find_part(self._root, "analysis", name)
        given = {key: [one] if isinstance(one, str) else one for key, one in values.items()}
        text = query.bind(given)
        self.queries.append(text)
        return ask_fast(self.store, text) or ask_reference(self.store, text)


def ask_reference(store: Store, query: str) -> Rows:
    """The rows by the engine of the store; some 40 microseconds each."""
    return [
        defaultdict(str, {name: _text(term) for name, term in row.items()})
        for row in store.rows(query)
    ]


def ask_fast(store: Store, query: str) -> Rows:
    """The rows by the fast store of a release on disk, 6 microseconds each.

    Empty where there is none, where it refuses the query or finds nothing: the reference decides.
    That both give the same for every query of `queries/analysis/` is a test.
    """
    graph = _open_fast(store)
    asked = fast_query(query, MAX_CELLS, forced=True, max_cells=MAX_CELLS) if graph else None
    if graph is None or asked is None:
        return []
    try:
        found = json.loads(graph.query_json(asked.text))["results"]["bindings"]
    except (ValueError, RuntimeError):
        return []
    if len(found) > asked.max_rows:
        return []
    return [defaultdict(str, {name: term["value"] for name, term in row.items()}) for row in found]


@cached_by_store(2)
def _open_fast(store: Store) -> sparq.Graph | None:
    manifest = store.path("manifest.json")
    return open_fast(manifest.parent) if manifest else None


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def number(text: str) -> int | float:
    """The number that a literal means, whole where it is."""
    value = float(text)
    return int(value) if value.is_integer() else value


def read_names(store: Store, root: Path, iris: set[str], lang: str) -> Mapping[str, str]:
    """The name of each thing in the language, else in another, else the last part of its IRI."""
    if not iris:
        return {}
    query = find_part(root, "pages", "names").bind({"thing": sorted(iris)})
    said = Statements(store.triples(query), lang=lang)
    return {iri: said.label(iri) for iri in iris}
