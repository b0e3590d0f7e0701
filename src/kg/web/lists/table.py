"""One page of a list as templates show it: rows, columns, facets with counts, addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.errors import ParameterInvalid
from kg.namespaces import compact
from kg.network.statements import local_name
from kg.store import Store
from kg.web.lists.listing import (
    ANY,
    BrowseList,
    Entry,
    Listing,
    Term,
    choose,
    count,
    number_of,
    read_listing,
    read_names,
    select,
    text_of,
)
from kg.web.lists.order import sort
from kg.web.tables import Cell, iri_cell
from kg.words import read_area, write_number

PAGE_ROWS: Final = 50
_OWN: Final = frozenset(("sort", "page", "lang", "excel"))
"""Parameters of every list beside its facets."""


@dataclass(frozen=True)
class Choice:
    """One value of a facet."""

    text: str
    entries: int
    """How many entries choosing it would show, or shows."""
    address: str
    """Chooses it, or takes the choice back."""
    chosen: bool


@dataclass(frozen=True)
class Heading:
    """The head of a column."""

    column: str
    sorted: str
    """`ascending`, `descending`, or nothing."""
    address: str
    """Sorts by it, or the other way round."""


@dataclass(frozen=True)
class View:
    """What an address asks of a list. Texts are in the language of the request."""

    listed: BrowseList
    listing: Listing
    names: dict[str, str]
    chosen: Mapping[str, list[str]]
    sort: str
    lang: str
    positions: tuple[int, ...]
    """The chosen entries in order, as positions in the listing."""

    @cached_property
    def entries(self) -> list[Entry]:
        """All chosen entries in order."""
        return [self.listing.entries[at] for at in self.positions]

    @property
    def query(self) -> str:
        """The query that answers with the same things, for any SPARQL engine."""
        return self.listing.query.bind(self.chosen)

    @cached_property
    def columns(self) -> list[str]:
        """The columns that are shown: not those that the choice makes the same in every row."""
        return [
            column
            for column in self.listing.columns
            if column not in self.chosen or len({entry.values.get(column) for entry in self.entries}) > 1
        ]  # fmt: skip

    def page(self, number: int) -> list[tuple[Cell, list[list[Cell]]]]:
        """Thing and cells of each row of a page, the first of which is 1."""
        columns = self.columns
        shown = self.entries[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
        return [
            (
                self.cell(ox.NamedNode(entry.iri)),
                [[self.cell(term) for term in entry.values.get(column, ())] for column in columns],
            )
            for entry in shown
        ]  # fmt: skip

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-len(self.positions) // PAGE_ROWS))

    def cell(self, term: Term) -> Cell:
        """A value as text, linked where it is a thing of the graph."""
        number, text = number_of(term), text_of(term)
        if number is not None:
            whole = number == number.to_integral_value()
            return Cell(write_number(int(number) if whole else float(number), self.lang))
        words = read_area("lists")[self.lang]
        if isinstance(term, ox.NamedNode):
            found = iri_cell(text, self.names)
            said = words.get(f"value_{local_name(text)}", found.text)
            return found if text in self.names else Cell(said, found.link, text)
        day = term.datatype.value.endswith("#dateTime") if isinstance(term, ox.Literal) else False
        return Cell(text.partition("T")[0] if day else words.get(f"value_{text}", text))

    def headings(self) -> list[Heading]:
        """The name and the columns, in order; numbers are first sorted with the greatest on top."""
        return [self._heading(column) for column in ("name", *self.columns)]

    def _heading(self, column: str) -> Heading:
        found = {column: "ascending", f"-{column}": "descending"}.get(self.sort, "")
        down = column in self.listing.numbers if not found else found == "ascending"
        return Heading(column, found, self.address(sort=f"-{column}" if down else column))

    def facets(self) -> dict[str, list[Choice]]:
        """The values of each facet, the chosen and the most frequent first."""
        return {name: self._choices(name) for name in self.listing.facets}

    def _choices(self, facet: str) -> list[Choice]:
        chosen = self.chosen.get(facet, [])
        found = [
            Choice(
                self._name(value), entries, self.address(facet=facet, value=value), value in chosen
            )
            for value, entries in count(self.listing, self.chosen, facet).items()
            if entries or value in chosen
        ]
        return sorted(found, key=lambda one: (not one.chosen, -one.entries, one.text))

    def _name(self, value: str) -> str:
        """The text of a facet's value, which is an IRI or a plain text."""
        return self.cell(ox.NamedNode(value) if ":" in value else ox.Literal(value)).text

    def address(
        self, *, facet: str = "", value: str = "", sort: str = "", page: int = 1, suffix: str = ""
    ) -> str:
        """This list with one value of a facet chosen or no longer chosen, sorted so, at that page."""
        chosen = {name: list(values) for name, values in self.chosen.items()}
        if facet:
            there = chosen.setdefault(facet, [])
            chosen[facet] = (
                [one for one in there if one != value] if value in there else [*there, value]
            )
        order = sort or self.sort
        parameters = {
            **{name: _in_address(chosen.get(name, []), self.listed.chosen.get(name)) for name in self.listing.facets},
            "sort": [order] if order != self.listed.sort else [],
            "page": [str(page)] if page > 1 else [],
        }  # fmt: skip
        text = urlencode(
            {name: values for name, values in parameters.items() if values}, doseq=True, safe=":/"
        )
        return f"/{self.listed.name}{suffix}" + (f"?{text}" if text else "")


def _in_address(values: list[str], default: str | None) -> list[str]:
    """The values as an address names them; nothing where they are the default."""
    if values == ([default] if default else []):
        return []
    return [compact(value) for value in values] or [ANY]


def read_view(
    store: Store, root: Path, listed: BrowseList, given: Mapping[str, list[str]], lang: str
) -> View:
    """What an address asks for.

    Raises ParameterInvalid for a parameter or a column that the list does not have, naming those
    it has.
    """
    listing = read_listing(store, root, listed.name)
    _check("parameter", given, {*listing.facets, *_OWN})
    order = next(iter(given.get("sort", [])), "") or listed.sort
    _check("column", [order.removeprefix("-")], {"name", "thing", *listing.columns})
    chosen = choose(listing, listed.chosen, given)
    found = select(listing, chosen)
    positions = tuple(at for at in sort(store, root, listed.name, lang, order) if at in found)
    names = read_names(store, root, listed.name, lang)
    return View(listed, listing, names, chosen, order, lang, positions)


def _check(kind: str, names: Mapping[str, object] | list[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise ParameterInvalid(
                f"this list has no {kind} {name!r}; it has: {', '.join(sorted(known))}"
            )


def read_page(text: str, pages: int) -> int:
    """A page number from 1 to `pages`. Raises ParameterInvalid."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= pages):
        raise ParameterInvalid(f"page: {text!r} is not a number from 1 to {pages}")
    return int(text)
