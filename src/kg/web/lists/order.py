"""The order of a list: by name as readers of the language expect it, by number, by any column."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.lists.listing import Entry, Term, number_of, read_listing, read_names, text_of

Sortable = tuple[Decimal, bytes]
"""A number and nothing, or nothing and the key of a text."""


@cached_by_store(256)
def sort(store: Store, root: Path, name: str, lang: str, column: str) -> tuple[int, ...]:
    """The positions of all entries in the order of a column, once per release and language.

    Entries without a value come last either way; equal ones stand in order of their names.
    """
    listing, names = read_listing(store, root, name), read_names(store, root, name, lang)
    down, column = column.startswith("-"), column.removeprefix("-")
    key = collation(lang)

    def value(entry: Entry) -> Sortable | None:
        if column == "thing":
            return Decimal(), entry.iri.encode()
        if column == "name":
            return Decimal(), key(names.get(entry.iri, entry.iri))
        return next((_sortable(term, names, key) for term in entry.values.get(column, ())), None)

    by_name = sorted(listing.entries, key=lambda entry: key(names.get(entry.iri, entry.iri)))
    there = [(found, entry) for entry in by_name if (found := value(entry)) is not None]
    there.sort(key=lambda one: one[0], reverse=down)
    missing = [entry for entry in by_name if value(entry) is None]
    at = {entry.iri: position for position, entry in enumerate(listing.entries)}
    return tuple(at[entry.iri] for entry in (*(entry for _, entry in there), *missing))


def _sortable(term: Term, names: Mapping[str, str], key: Callable[[str], bytes]) -> Sortable:
    number = number_of(term)
    if number is not None:
        return number, b""
    return Decimal(), key(names.get(text_of(term), text_of(term)))


def collation(lang: str) -> Callable[[str], bytes]:
    """The sort key of a name: letters without case; in Chinese the order that readers expect.

    The first level of GB 2312 stands in order of pinyin, that of Big5 in order of strokes, and
    both hold the characters in daily use.
    """
    encoding = {"zh-Hans": "gb18030", "zh-Hant": "big5hkscs"}.get(lang, "utf-8")
    return lambda text: text.casefold().encode(encoding, "replace")
