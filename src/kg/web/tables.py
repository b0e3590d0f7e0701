"""SPARQL JSON results as rows for a page: labels instead of IRIs, links to the things."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from kg.namespaces import BASE, compact
from kg.store import Row, Store
from kg.web.language import language

MAX_SHOWN = 1000
"""Rows that a page shows; the download has them all."""

HOMES: Final = {"/chains/": "id/chain/"}
"""Where the pages of some things are, and how the IRIs of these things begin."""

NUMBERS: Final = frozenset(
    f"xsd:{name}" for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)  # fmt: skip
"""Datatypes of the figures of a table, as the titles of cells name them."""

_RECORD: Final = "record"
"""The column that names the record behind a row."""
_PASSAGES: Final = "SELECT ?record ?passage { VALUES ?record { %s } GRAPH ?graph { ?record kg:evidence ?passage } }"  # fmt: skip

_MAX_CELLS = 20_000
"""Cells that a page shows, for results of very many columns."""


@dataclass(frozen=True)
class Cell:
    """One value of a row."""

    text: str
    link: str = ""
    """Path of the thing's page, where it is one of ours."""
    title: str = ""
    """IRI, or datatype or language of a literal."""
    short: str = ""
    """The IRI as a prefixed name where it has one; empty for literals."""


@dataclass(frozen=True)
class Table:
    """The rows that a page shows; `answer.truncated` says whether there are more."""

    columns: list[str]
    rows: list[list[Cell]]
    boolean: bool | None = None


def read_table(file: IO[bytes], store: Store) -> Table:
    """The first rows of a result in https://www.w3.org/TR/sparql11-results-json/."""
    result = json.load(file)
    if "boolean" in result:
        return Table([], [], bool(result["boolean"]))
    columns = result["head"]["vars"]
    bindings = result["results"]["bindings"]
    shown = bindings[: max(1, _MAX_CELLS // max(1, len(columns)))]
    labels = find_labels(
        store, {t["value"] for row in shown for t in row.values() if t["type"] == "uri"}
    )
    rows = [[_cell(row.get(name), labels) for name in columns] for row in shown]
    return lead_to_passages(Table(columns, rows), store)


def tabulate(triples: Iterable[ox.Triple], store: Store) -> Table:
    """Statements as rows, in order."""
    rows = sorted({(t.subject, t.predicate, t.object) for t in triples}, key=str)
    labels = find_labels(
        store, {t.value for row in rows for t in row if isinstance(t, ox.NamedNode)}
    )
    return Table(
        ["subject", "predicate", "object"], [[term_cell(t, labels) for t in row] for row in rows]
    )


def tabulate_rows(rows: Sequence[Row], store: Store) -> Table:
    """Solutions as rows; the columns are the variables that are bound anywhere, in their order."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    iris = {t.value for row in rows for t in row.values() if isinstance(t, ox.NamedNode)}
    labels = find_labels(store, iris)
    cells = [
        [term_cell(row[name], labels) if name in row else Cell("") for name in columns]
        for row in rows
    ]
    return lead_to_passages(Table(columns, cells), store)


def lead_to_passages(table: Table, store: Store) -> Table:
    """The same table, each figure linked to the passage that states it; one query.

    The passage is the first of the row's `record`; a record without one, as it is computed, is where its
    figures lead themselves. Years are no figures.
    """
    if _RECORD not in table.columns:
        return table
    at = table.columns.index(_RECORD)
    paths = find_passages(store, (row[at].title for row in table.rows if row[at].short))
    rows = [
        [
            replace(cell, link=paths[row[at].title])
            if _is_figure(name, cell) and row[at].title in paths
            else cell
            for name, cell in zip(table.columns, row, strict=True)
        ]
        for row in table.rows
    ]
    return replace(table, rows=rows)


def find_passages(store: Store, records: Iterable[str]) -> dict[str, str]:
    """By record of ours, the path of the page of its first passage, else that of its own page."""
    found = {record: iri_cell(record, {}).link for record in records if record.startswith(BASE)}
    terms = " ".join(str(ox.NamedNode(record)) for record in sorted(found))
    rows = store.rows(_PASSAGES % terms) if found else []
    pairs = {(row["record"].value, row["passage"].value) for row in rows}  # type: ignore[union-attr]  # both are IRIs
    return found | {r: iri_cell(passage, {}).link for r, passage in sorted(pairs, reverse=True)}


def _is_figure(column: str, cell: Cell) -> bool:
    return cell.title in NUMBERS and not cell.link and "year" not in column.lower()


def _cell(term: dict[str, Any] | None, labels: dict[str, str]) -> Cell:
    if term is None:
        return Cell("")
    if term["type"] == "uri":
        return iri_cell(term["value"], labels)
    if term["type"] == "triple":
        return Cell(json.dumps(term["value"], ensure_ascii=False))
    datatype = term.get("datatype", "")
    return Cell(term["value"], title=term.get("xml:lang") or compact(datatype))


def term_cell(term: Any, labels: dict[str, str]) -> Cell:
    """A cell for a term of the engine."""  # Any: engine terms share no base class
    if isinstance(term, ox.NamedNode):
        return iri_cell(term.value, labels)
    if isinstance(term, ox.Literal):
        return Cell(term.value, title=term.language or compact(term.datatype.value))
    return Cell(str(term))


def iri_cell(iri: str, labels: dict[str, str]) -> Cell:
    """A cell for an IRI: its label, or its short form, linked where the server answers for it."""
    # No second slash in front: `//host` would lead to another site.
    path = quote(iri.removeprefix(BASE).lstrip("/"), safe="/#:@!$&'()*+,;=-._~%")
    link = page_path(f"/{path}") if iri.startswith(BASE) else ""
    short = compact(iri).removeprefix(BASE)
    return Cell(labels.get(iri) or short, link, iri, short or iri)


def page_path(path: str) -> str:
    """The path of a thing's page: that of its IRI but for kinds of things with pages of their own."""
    for home, start in HOMES.items():
        slug = path.removeprefix(f"/{start}")
        if slug != path and slug and "/" not in slug:
            return home + slug
    return path


def find_labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Labels of our own IRIs in the language of the request, else in any; one query for all."""
    terms = " ".join(str(ox.NamedNode(iri)) for iri in sorted(set(iris)) if iri.startswith(BASE))
    if not terms:
        return {}
    rows = store.rows(
        f"SELECT ?s ?label {{ VALUES ?s {{ {terms} }} ?s skos:prefLabel|rdfs:label|dcterms:title ?label }}"
    )
    wanted = language().lower()
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: rank(row["label"], wanted)):
        label = row["label"]
        found.setdefault(row["s"].value, label.value)  # type: ignore[union-attr]  # VALUES binds IRIs
    return found


def rank(
    label: Any, wanted: str
) -> tuple[bool, str]:  # Any: every term has .value, literals .language
    """Sort key of a literal: the wanted language, a tag in lower case, first."""
    tag = getattr(label, "language", None) or ""
    return tag != wanted, tag
