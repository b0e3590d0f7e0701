"""Which record stands behind a derived shortcut, in RDF 1.2: https://www.w3.org/TR/rdf12-concepts/.

A shortcut such as `e:dji kg:hasTier tier:little-giant` follows from records. Files and store stay
RDF 1.1, where a rule's graph tells that it was derived and not from which record; an export may say
so too, with the record as the reifier of the shortcut: `st:A34-3 rdf:reifies <<( … )>>`. In Turtle a
reader may write that as `e:dji kg:hasTier tier:little-giant ~ st:A34-3`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import IO, Final

import pyoxigraph as ox

from kg.errors import NotAcceptable
from kg.formats import Format, write_triples
from kg.release.rules import Rule
from kg.store import Store

_SHORTCUT: Final = re.compile(
    r"CONSTRUCT\s*\{\s*(\?(?!record\b)\w+ [\w:]+ \?(?!record\b)\w+)\s*\.?\s*\}"
)
_FORMATS: Final = ("turtle", "ntriples", "trig", "nquads")
"""Formats that have a syntax for it and in which one text may follow another."""


def reifying_query(rule: Rule) -> str | None:
    """The rule's query with `?record rdf:reifies <<( … )>>` for its shortcut.

    None for a rule that writes anything but one relation, or names no `?record` that must be there.
    """
    found = _SHORTCUT.search(rule.text)
    if found is None:
        return None
    body = rule.text[found.end() :]
    positive = re.split(r"\bMINUS\b|\bNOT EXISTS\b", body)[0]
    if "?record" not in positive or re.search(r"\bSELECT\b", body):
        return None
    head = (
        f"PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n{rule.text[: found.start()]}"
    )
    return f"{head}CONSTRUCT {{ ?record rdf:reifies <<( {found[1]} )>> }}{body}"


def reifiers(rules: Iterable[Rule], store: Store) -> Iterator[ox.Triple]:
    """One triple for each shortcut of the merged view and each record behind it, by rule."""
    for rule in rules:
        query = reifying_query(rule)
        if query is not None:
            yield from sorted(store.triples(query), key=str)


def write_reifiers(rules: Iterable[Rule], store: Store, output: IO[bytes], format: Format) -> None:
    """Writes the reifiers behind an export of the same format.

    Raises NotAcceptable for a format that has no RDF 1.2 syntax here.
    """
    check_format(format)
    write_triples(reifiers(rules, store), output, format, store.prefixes)


def check_format(format: Format) -> None:
    """Raises NotAcceptable for a format that cannot carry reifiers."""
    if format.name not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise NotAcceptable(f"{format.name} cannot carry reifiers; known: {known}")
