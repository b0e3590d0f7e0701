"""What the first page counts, lists and draws, as files: `/overview.csv` and others; and its queries."""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response

from kg.formats import find_format
from kg.queries import SavedQuery, find_part, get_query
from kg.release.manifest import Manifest
from kg.web.csv2rdf import Rows, describe_tables, term_of
from kg.web.language import language
from kg.web.services import services
from kg.web.things.files import check_suffix, send_csv, send_json
from kg.web.things.page import SUFFIXES
from kg.web.things.subject import editor_address
from kg.web.triples import send_triples
from kg.words import words

blueprint = Blueprint("overview_files", __name__)

PARTS: Final = ("coverage", "chain-cards", "changes")
"""Queries of queries/pages/ that the page shows."""
QUESTIONS: Final = ("city-race", "city-ranks", "tier-pyramid", "sources")
"""Saved queries that it shows."""
_COUNTS: Final = "counts"
_ADDRESS: Final = "/overview.csv"
_COLUMNS: Final = ("table", "row", "column", "value")


@blueprint.get("/overview.<suffix>")
def overview_file(suffix: str) -> Response:
    """What the first page shows as a file. Raises NotFound for an unknown suffix.

    JSON holds a list of rows for each table; CSV a line for each cell; the others are RDF as
    `csv2rdf` makes it.
    """
    check_suffix(suffix)
    tables = dict(_read_tables())
    if suffix == "csv":
        return send_csv(_COLUMNS, _cells(tables))
    if suffix == "json":
        store = services().store()
        said = {"release": store.release, "as_of": Manifest.of(store).data_date, "language": language()}  # fmt: skip
        return send_json(said | {"tables": {name: _plain(table) for name, table in tables.items()}})
    return send_triples(describe_tables(list(tables.values())), find_format(suffix, "graph"))


def file_addresses() -> dict[str, str]:
    """Address by name of the format, in the language of the page."""
    return {suffix.upper(): f"/overview.{suffix}?{urlencode({'lang': language()})}" for suffix in SUFFIXES}  # fmt: skip


def query_addresses() -> dict[str, str]:
    """Where the editor opens with each query of the page, by what the query answers."""
    lang = language()
    found = {words(lang, "overview.counts"): editor_address(_bind(_part(_COUNTS)))}
    for name in PARTS:
        found[words(lang, f"overview.query_{name}")] = editor_address(_bind(_part(name)))
    for name in QUESTIONS:
        query = get_query(services().root, name)
        found[query.summary_in(lang)] = editor_address(_bind(query))
    return found


def _read_tables() -> Iterator[tuple[str, Rows]]:
    store, root = services().store(), services().root
    counts = [
        {"count": [term_of(name)], "number": [term_of(number)]}
        for name, number in Manifest.of(store).counts.items()
    ]
    yield _COUNTS, Rows(_ADDRESS, ("count", "number"), counts, is_file=False)
    for name in PARTS:
        yield name, _answer(_part(name), _ADDRESS, is_file=False)
    for name in QUESTIONS:
        yield name, _answer(get_query(root, name), f"/queries/{name}.csv", is_file=True)


def _answer(query: SavedQuery, address: str, *, is_file: bool) -> Rows:
    found = services().store().rows(_bind(query))
    columns = list(dict.fromkeys(name for row in found for name in row))
    rows = [{n: [t] for n, t in row.items() if isinstance(t, ox.NamedNode | ox.Literal)} for row in found]  # fmt: skip
    return Rows(address, columns, rows, is_file=is_file)


def _part(name: str) -> SavedQuery:
    return find_part(services().root, "pages", name)


def _bind(query: SavedQuery) -> str:
    takes = any(parameter.name == "lang" for parameter in query.parameters)
    return query.bind({"lang": [language()]} if takes else {})


def _cells(tables: dict[str, Rows]) -> Iterator[dict[str, str]]:
    for name, table in tables.items():
        for place, row in enumerate(table.rows, start=1):
            for column in table.columns:
                for term in row.get(column, ()):
                    yield dict(zip(_COLUMNS, (name, str(place), column, term.value), strict=True))


def _plain(table: Rows) -> list[dict[str, object]]:
    return [
        {column: json_value(cells[0]) for column in table.columns if (cells := row.get(column))}
        for row in table.rows
    ]


def json_value(term: ox.NamedNode | ox.Literal) -> object:
    """A number or a truth value as JSON has it, any other term as its text."""
    kind = term.datatype.value.rpartition("#")[2] if isinstance(term, ox.Literal) else ""
    return json.loads(term.value) if kind in ("integer", "boolean") else term.value
