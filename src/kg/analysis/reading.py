"""Rows of the queries of `queries/analysis/`, with IRIs and literals as plain text."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.network.statements import Statements
from kg.queries import find_part
from kg.store import Store

Rows = list[dict[str, str]]
"""Text by variable; an unbound variable is the empty text."""


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
        found = self.store.rows(text)
        return [
            defaultdict(str, {name: _text(term) for name, term in row.items()}) for row in found
        ]


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
