"""What a list holds: the answer of its file in queries/lists/, read once per release and kept.

A file answers with `?thing` and its columns, one row for each combination of values. A parameter
`city` is a facet, and the column `?cityOf` holds its values; other columns are shown as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.namespaces import EXTERNAL_PREFIXES
from kg.queries import Parameter, SavedQuery, find_part
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.tables import find_labels, rank

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

ANY: Final = "any"
"""Stands in an address for no choice, where the list would else make one."""

_OF: Final = "Of"
_NUMBERS: Final = {EXTERNAL_PREFIXES["xsd"] + name for name in ("integer", "decimal")}


@dataclass(frozen=True)
class BrowseList:
    """One list: its name is its address, its query file and the beginning of its words."""

    name: str
    sort: str = "name"
    """Column that it is sorted by where the address names none; `-` in front: the greatest first."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """What is chosen where the address says nothing of that facet."""


LISTS: Final = {
    found.name: found
    for found in (
        BrowseList("enterprises", "-records", {"layer": "record"}),
        BrowseList("chains", "-firms"),
        BrowseList("clusters", "thing"),
        BrowseList("cities", "-figures"),
        BrowseList("investors", "-records"),
        BrowseList("policies", "kind"),
        BrowseList("sources", "kind"),
    )
}


@dataclass(frozen=True)
class Entry:
    """One listed thing and its values by column, each value once, in the order of the query."""

    iri: str
    values: Mapping[str, tuple[Term, ...]]


@dataclass(frozen=True)
class Listing:
    """A list as the release has it."""

    query: SavedQuery
    columns: tuple[str, ...]
    entries: tuple[Entry, ...]
    numbers: frozenset[str]
    """The columns that hold numbers."""
    positions: Mapping[str, Mapping[str, frozenset[int]]]
    """Which entries have a value, by facet and by the value as text."""

    @property
    def facets(self) -> dict[str, Parameter]:
        """The parameters of its query by name, which are the columns that can be chosen from."""
        return {parameter.name: parameter for parameter in self.query.parameters}


def read_list(root: Path, name: str) -> SavedQuery:
    """The query of a list, of which each parameter is a facet."""
    return find_part(root, "lists", name)


@cached_by_store(len(LISTS) * 2)
def read_listing(store: Store, root: Path, name: str) -> Listing:
    """A list of the release, once per release; 1 s for 5,400 firms, then nothing."""
    query = read_list(root, name)
    found: dict[str, dict[str, dict[Term, None]]] = {}
    for row in store.rows(query.bind({})):
        thing = row.pop("thing")
        assert isinstance(thing, ox.NamedNode)
        values = found.setdefault(thing.value, {})
        for column, term in row.items():
            values.setdefault(column.removesuffix(_OF), {})[term] = None
    entries = tuple(
        Entry(iri, {column: tuple(terms) for column, terms in values.items()})
        for iri, values in found.items()
    )
    facets = {parameter.name: _positions(entries, parameter.name) for parameter in query.parameters}
    columns = _columns(query)
    numbers = frozenset(column for column in columns if _holds_numbers(entries, column))
    return Listing(query, columns, entries, numbers, facets)


def _holds_numbers(entries: tuple[Entry, ...], column: str) -> bool:
    found = [term for entry in entries for term in entry.values.get(column, ())]
    return bool(found) and all(number_of(term) is not None for term in found)


def number_of(term: Term) -> Decimal | None:
    """The number that a literal is, None where it is none."""
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS:
        return Decimal(term.value)
    return None


def _positions(entries: tuple[Entry, ...], facet: str) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for position, entry in enumerate(entries):
        for term in entry.values.get(facet, ()):
            found.setdefault(text_of(term), set()).add(position)
    return {value: frozenset(positions) for value, positions in found.items()}


def text_of(term: Term) -> str:
    """An IRI or the text of a literal."""
    return str(term) if isinstance(term, ox.Triple) else term.value


def _columns(query: SavedQuery) -> tuple[str, ...]:
    """The variables of its SELECT but the thing, in order."""
    head = query.text.partition("SELECT DISTINCT ")[2].partition("\n")[0]
    return tuple(name.removeprefix("?").removesuffix(_OF) for name in head.split()[1:])


@cached_by_store(len(LISTS) * 6)
def read_names(store: Store, root: Path, name: str, lang: str) -> dict[str, str]:
    """Names of all IRIs of a list in the language of the request, which is `lang`; once per release.

    A record, which has no name, is called what it states; what only graphs outside of the merged
    view speak of is called as they do.
    """
    listing = read_listing(store, root, name)
    things = {entry.iri for entry in listing.entries}
    values = (term for e in listing.entries for terms in e.values.values() for term in terms)
    iris = {term.value for term in values if isinstance(term, ox.NamedNode)}
    names = find_labels(store, things | iris)
    terms = " ".join(str(ox.NamedNode(iri)) for iri in sorted(things - names.keys()))
    rows = store.rows(
        f"SELECT ?s ?text {{ VALUES ?s {{ {terms} }} GRAPH ?g {{ ?s skos:prefLabel|kg:statementText ?text }} }}"
    )
    for row in sorted(rows, key=lambda row: rank(row["text"], lang.lower())):
        names.setdefault(text_of(row["s"]), text_of(row["text"]))
    return names


def choose(
    listing: Listing, default: Mapping[str, str], given: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """The chosen values by facet as text, sorted; `any` chooses nothing.

    Raises ParameterInvalid for a value that is no IRI where the facet holds IRIs.
    """
    chosen: dict[str, list[str]] = {}
    for facet, parameter in listing.facets.items():
        values = [value for value in given.get(facet, []) if value] or [default.get(facet, ANY)]
        if ANY not in values:
            chosen[facet] = sorted({parameter.term(value).value for value in values})
    return chosen


def select(listing: Listing, chosen: Mapping[str, list[str]]) -> frozenset[int]:
    """The positions of the entries that have one of the chosen values in every facet chosen from."""
    found = frozenset(range(len(listing.entries)))
    for facet, values in chosen.items():
        there = listing.positions[facet]
        found &= frozenset().union(*(there.get(value, frozenset()) for value in values))
    return found


def count(listing: Listing, chosen: Mapping[str, list[str]], facet: str) -> dict[str, int]:
    """How many entries each value of a facet would leave, given what is chosen in the others."""
    others = select(listing, {name: values for name, values in chosen.items() if name != facet})
    return {value: len(found & others) for value, found in listing.positions[facet].items()}
