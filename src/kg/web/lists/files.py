"""A list as a file: CSV and JSON of its columns, RDF of what the graph says of the things in it."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from kg.formats import formats_for
from kg.store import Store
from kg.web.lists.listing import Term, number_of, text_of
from kg.web.lists.table import View

SEPARATOR: Final = "|"
"""Between several values in one cell of CSV: https://www.w3.org/TR/tabular-metadata/#cell-separator."""

GRAPH_SUFFIXES: Final = frozenset(format.suffix for format in formats_for("graph"))


def write_csv(view: View) -> str:
    """The whole list: IRI, name and columns; a column of things is followed by one of their names."""
    columns = view.listing.columns
    things = {column for column in columns if _holds_things(view, column)}
    output = io.StringIO()
    writer = csv.writer(output)
    heads = ([column, f"{column}_name"] if column in things else [column] for column in columns)
    writer.writerow(["iri", "name", *(head for names in heads for head in names)])
    for entry in view.entries:
        row = [entry.iri, _name(view, ox.NamedNode(entry.iri))]
        for column in columns:
            terms = entry.values.get(column, ())
            row.append(SEPARATOR.join(text_of(term) for term in terms))
            if column in things:
                row.append(SEPARATOR.join(_name(view, term) for term in terms))
        writer.writerow(row)
    return output.getvalue()


def _holds_things(view: View, column: str) -> bool:
    return any(
        isinstance(term, ox.NamedNode)
        for entry in view.listing.entries
        for term in entry.values.get(column, ())
    )


def _name(view: View, term: Term) -> str:
    return view.cell(term).text


def write_json(view: View, release: str) -> str:
    """The whole list with what was chosen and how many there are."""
    rows = [
        {"iri": entry.iri, "name": _name(view, ox.NamedNode(entry.iri))}
        | {column: [_value(view, term) for term in terms] for column, terms in entry.values.items()}
        for entry in view.entries
    ]
    found = {
        "list": view.listed.name,
        "release": release,
        "language": view.lang,
        "chosen": dict(view.chosen),
        "shown": len(rows),
        "total": len(view.listing.entries),
        "rows": rows,
    }
    return json.dumps(found, ensure_ascii=False)


def _value(view: View, term: Term) -> Any:  # Any: JSON
    if isinstance(term, ox.NamedNode):
        return {"iri": term.value, "name": _name(view, term)}
    number = number_of(term)
    if number is None:
        return text_of(term)
    return int(number) if number == int(number) else float(number)


def read_triples(view: View, store: Store) -> list[ox.Triple]:
    """What the graph says of the listed things; of those outside of the merged view, their graphs."""
    iris = {entry.iri for entry in view.entries}
    terms = _terms(iris)
    found = store.triples(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {terms} }} ?s ?p ?o }}")
    terms = _terms(iris - {text_of(triple.subject) for triple in found})
    return found + store.triples(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {terms} }} GRAPH ?g {{ ?s ?p ?o }} }}"
    )


def _terms(iris: Iterable[str]) -> str:
    return " ".join(str(ox.NamedNode(iri)) for iri in sorted(iris))
