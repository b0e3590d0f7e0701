"""Tables as RDF by https://www.w3.org/TR/csv2rdf/, in standard mode: a table, its rows, what each describes.

The address of a column is that of its table without parameters, `#` and its name, so that a column is the
same property for all values. Blank nodes have the same labels each time, so that a file stays the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kg.namespaces import BASE, EXTERNAL_PREFIXES

Term = ox.NamedNode | ox.Literal

_CSVW: Final = "http://www.w3.org/ns/csvw#"
_TYPE: Final = ox.NamedNode(EXTERNAL_PREFIXES["rdf"] + "type")
_SOURCE: Final = ox.NamedNode(EXTERNAL_PREFIXES["dcterms"] + "source")
_LABEL: Final = ox.NamedNode(EXTERNAL_PREFIXES["rdfs"] + "label")


@dataclass(frozen=True)
class Rows:
    """One table: its address as a path of this site, and its rows by column, several terms a cell."""

    address: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Sequence[Term]]]
    sources: Sequence[str] = ()
    """IRIs of the records or graphs that it rests on."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By IRI, the names of things in it, in the language `lang`."""
    lang: str = "en"
    is_file: bool = True
    """Whether the address gives these rows and no others, so that rows have addresses in it."""


def describe_tables(tables: Sequence[Rows]) -> list[ox.Triple]:
    """The group of the tables; each statement once."""
    group = ox.BlankNode("group")
    found = [ox.Triple(group, _TYPE, _csvw("TableGroup"))]
    for number, table in enumerate(tables, start=1):
        node = ox.BlankNode(f"table{number}")
        found.append(ox.Triple(group, _csvw("table"), node))
        found += _describe(node, number, table)
    return list(dict.fromkeys(found))


def _describe(node: ox.BlankNode, number: int, table: Rows) -> Iterator[ox.Triple]:
    address = BASE + table.address.lstrip("/")
    yield ox.Triple(node, _TYPE, _csvw("Table"))
    if table.is_file:
        yield ox.Triple(node, _csvw("url"), ox.NamedNode(address))
    for source in _nodes(table.sources):
        yield ox.Triple(node, _SOURCE, source)
    for iri, name in table.names.items():
        for thing in _nodes([iri]):
            yield ox.Triple(thing, _LABEL, ox.Literal(name, language=table.lang))
    properties = {
        name: ox.NamedNode(f"{address.partition('?')[0]}#{name}") for name in table.columns
    }
    for place, cells in enumerate(table.rows, start=1):
        row, said = (ox.BlankNode(f"{kind}{number}n{place}") for kind in ("row", "about"))
        yield ox.Triple(node, _csvw("row"), row)
        yield ox.Triple(row, _TYPE, _csvw("Row"))
        yield ox.Triple(row, _csvw("rownum"), ox.Literal(place))
        if table.is_file:
            yield ox.Triple(row, _csvw("url"), ox.NamedNode(f"{address}#row={place + 1}"))
        yield ox.Triple(row, _csvw("describes"), said)
        for name in table.columns:
            for term in cells.get(name, ()):
                yield ox.Triple(said, properties[name], term)


def term_of(value: str | float, *, thing: bool = False) -> Term:
    """A value as a term; a thing whose text is no IRI stays a text."""
    if thing:
        return next(iter(_nodes([str(value)])), ox.Literal(str(value)))
    return ox.Literal(value)


def _nodes(iris: Iterable[str]) -> list[ox.NamedNode]:
    found = []
    for iri in iris:
        try:
            found.append(ox.NamedNode(iri))
        except ValueError:  # a graph of others may hold such a text as a name of a source
            continue
    return found


def _csvw(name: str) -> ox.NamedNode:
    return ox.NamedNode(_CSVW + name)
