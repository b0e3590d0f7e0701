"""What a release names: every labelled thing with its names, codes, type and facets."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.namespaces import BASE
from kg.store import Row

ROLES: Final = {
    "preferred": "skos:prefLabel|rdfs:label|dcterms:title",
    "alternative": "skos:altLabel",
    "code": "skos:notation|(adms:identifier/skos:notation)",
    "hidden": "skos:hiddenLabel",
}
"""What a name is to its thing, the better first, and where the graph says so."""

FACETS: Final = {
    "type": "a",
    "chain": "kg:partOfChain|kg:participatesIn|(^kg:participant/kg:inSegment/kg:partOfChain)",
    "stage": "kg:stage|(^kg:participant/kg:inSegment/kg:stage)",
    "city": "kg:basedIn",
    "class": "(a/rdfs:subClassOf*)",
}
"""What hits are narrowed by, and where the graph says so; `class` holds the wider classes as well."""
COUNTED: Final = ("type", "stage", "chain", "city")
"""What hits are counted by."""

_LANGUAGES: Final = {"zh-hans": 0, "en": 1, "zh-hant": 2}
"""Which of several names that match alike is shown as the one that did."""

_NAMES: Final = "SELECT ?thing ?value WHERE { ?thing %s ?value FILTER(isLiteral(?value)) }"
_VALUES: Final = "SELECT ?thing ?value WHERE { ?thing %s ?value FILTER(isIRI(?value)) }"
_COUNTS: Final = """SELECT ?thing (COUNT(*) AS ?value)
WHERE { { ?thing ?p ?o } UNION { ?s ?q ?thing FILTER(isIRI(?thing)) } } GROUP BY ?thing"""
_DEPTHS: Final = """SELECT ?thing (COUNT(DISTINCT ?wider) AS ?value)
WHERE { ?thing rdfs:subClassOf+ ?wider } GROUP BY ?thing"""

_SCHEMA: Final = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
CREATE TABLE told (thing TEXT, kind TEXT, value TEXT, language TEXT);
"""
_RANKED: Final = """
CREATE INDEX told_thing ON told (thing);
CREATE TABLE ranked AS SELECT DISTINCT thing FROM told WHERE kind = '0';
CREATE TABLE ordered AS SELECT thing,
  (SELECT MAX(CAST(value AS INTEGER)) FROM told WHERE told.thing = ranked.thing AND kind = 'count') AS count,
  (SELECT MIN(LENGTH(value)) FROM told WHERE told.thing = ranked.thing AND kind = '0') AS length
FROM ranked;
CREATE INDEX ordered_rank ON ordered (count DESC, length, thing);
"""
_TOLD: Final = """SELECT ordered.thing, count, kind, value, language
FROM ordered CROSS JOIN told USING (thing) ORDER BY count DESC, length, ordered.thing"""

Ask = Callable[[str], Iterable[Row]]
"""Solutions of a SELECT with the pinned prefixes."""


@dataclass(frozen=True)
class Name:
    """One name of a thing."""

    role: int
    """Place in ROLES."""
    text: str
    language: str = ""
    """Language tag in lower case, as the engine keeps it; empty for codes."""


@dataclass
class Thing:
    """A named thing and what its hits show."""

    iri: str
    names: list[Name] = field(default_factory=list)
    facets: dict[str, list[str]] = field(default_factory=dict)
    statements: int = 0
    """Statements of the merged view with it as subject or object."""


def read_things(ask: Ask, scratch: Path) -> Iterator[Thing]:
    """Every thing with a label, the most spoken of first.

    Ten queries that scan names, types and facets. What they answer is put in order in the file
    `scratch`, which is left for the caller to remove: memory does not grow with the graph where
    `ask` streams. A thing's type is its most special class: tier:little-giant is a tier, no concept.
    """
    depths = {iri: int(value) for iri, value, _ in _pairs(ask, _DEPTHS)}
    with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        for kind, query in _queries():
            connection.executemany(
                "INSERT INTO told VALUES (?, ?, ?, ?)",
                ((iri, kind, value, language) for iri, value, language in _pairs(ask, query)),
            )
        connection.executescript(_RANKED)  # which ends the transaction first
        for (iri, count), rows in groupby(connection.execute(_TOLD), key=itemgetter(0, 1)):
            yield _make(iri, count or 0, {row[2:] for row in rows}, depths)


def _queries() -> Iterator[tuple[str, str]]:
    yield "count", _COUNTS
    for number, path in enumerate(ROLES.values()):
        yield str(number), _NAMES % path
    for facet, path in FACETS.items():
        yield facet, _VALUES % path


def _make(iri: str, count: int, told: set[tuple[str, str, str]], depths: dict[str, int]) -> Thing:
    names = [Name(int(kind), text, tag) for kind, text, tag in told if kind.isdigit()]
    names.sort(key=lambda n: (n.role, _LANGUAGES.get(n.language, 3), n.language, n.text))
    facets = {facet: sorted(v for kind, v, _ in told if kind == facet) for facet in FACETS}
    if classes := facets["type"]:
        # One of ours before one of a foreign vocabulary; then the one with most classes above it.
        facets["type"] = [max(classes, key=lambda c: (c.startswith(BASE), depths.get(c, 0), c))]
    return Thing(iri, names, facets, count)


def _pairs(ask: Ask, query: str) -> Iterator[tuple[str, str, str]]:
    for row in ask(query):
        thing, value = row.get("thing"), row.get("value")
        if isinstance(thing, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            language = (value.language or "") if isinstance(value, ox.Literal) else ""
            yield thing.value, value.value, language
