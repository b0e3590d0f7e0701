"""A CONSTRUCT asked as a SELECT of the variables in its template, whose rows then become triples.

Measured at 10M triples through `/sparql`, 20,000 triples of 23,000 solutions, milliseconds: 611 by
the reference, 158 so.

What a template may be: triples of variables, names and literals, without blank nodes, which are
others in each solution, and without brackets. https://www.w3.org/TR/sparql11-query/#construct
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import pyoxigraph as ox

from kg.engine.limits import FORMS, Token, read_tokens

MAX_CELLS: Final = 300_000
"""Values in the rows of the largest one. 56,000 triples of 297,000 values: a peak of 364 MB, 331 of them
before the rows were read."""

_OBJECTS: Final = "[via][vil](?:,[vil])*"
_TRIPLES: Final = f"[vi]{_OBJECTS}(?:;+{_OBJECTS})*;*"
_TEMPLATE: Final = re.compile(rf"{_TRIPLES}(?:\.{_TRIPLES})*\.?")
"""A template by the kinds of its tokens: https://www.w3.org/TR/sparql11-query/#rConstructTriples"""
_KINDS: Final = {"variable": "v", "iri": "i", "name": "i", "string": "l", "number": "l"}

_SIGNS: Final = (".", ";", ",")
"""What parts triples; behind each stay as many terms as its place says."""
_TYPE: Final = str(ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))

_HEAD_END: Final = b'"bindings":['
_FOOT: Final = b"]}}"
_CELL: Final = r'\{(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[:,]?)*+\}'
"""A value as https://www.w3.org/TR/sparql11-results-json/#select-encode-terms has it, without blanks."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Template:
    """What a CONSTRUCT makes of each solution, and how its solutions are asked for."""

    prologue: str
    patterns: Sequence[tuple[str, str, str]]
    """Subject, predicate and object as they are written, variables as `?name`."""
    rest: str
    """The query behind its template."""

    @property
    def select(self) -> str:
        """The query for the solutions."""
        return f"{self.prologue}SELECT {' '.join(self.variables)} {self.rest}"

    @property
    def variables(self) -> list[str]:
        """The columns of the SELECT."""
        return [term for term in self._terms() if term.startswith("?")]

    def _terms(self) -> list[str]:
        return list(dict.fromkeys(term for pattern in self.patterns for term in pattern))

    def read_constants(self, store: ox.Store, base_iri: str) -> dict[str, Term]:
        """What the names and literals mean, by how they are written.

        Raises SyntaxError where the store cannot read one, as where a prefix is not declared.
        """
        constants = [term for term in self._terms() if not term.startswith("?")]
        if not constants:
            return {}
        objects = ";".join(f"<urn:{number}> {term} " for number, term in enumerate(constants))
        asked = f"{self.prologue} CONSTRUCT {{ <urn:x> {objects} }} {{}}"
        triples = store.query(asked, base_iri=base_iri)
        assert isinstance(triples, ox.QueryTriples)
        found = {triple.predicate.value: triple.object for triple in triples}
        return {term: found[f"urn:{number}"] for number, term in enumerate(constants)}


def read_template(query: str) -> Template | None:
    """The template of a CONSTRUCT that may be asked as a SELECT; None for every other query.

    One with VALUES is none: the reference is faster at looking up what belongs to a few things.
    """
    if "CONSTRUCT" not in query.upper():
        return None
    tokens = read_tokens(query)
    words = [token.word for token in tokens]
    outside = {token.word for token in tokens if token.depth == 0}
    at = next((number for number, word in enumerate(words) if word in FORMS), 0)
    closing = next((n for n, t in enumerate(tokens) if n > at and t.text == "}"), 0)
    begins = [token.text.upper() for token in tokens[at : at + 2]] == ["CONSTRUCT", "{"]
    if not begins or not closing or "VALUES" in words or outside & {"GROUP", "HAVING"}:
        return None
    inside = tokens[at + 2 : closing]
    patterns = list(_read_patterns(inside))
    if not _TEMPLATE.fullmatch("".join(map(_kind, inside))):
        return None
    template = Template(query[: tokens[at].start], patterns, query[tokens[closing].end :])
    return template if template.variables else None


def _kind(token: Token) -> str:
    """One letter for a token; x for what stands in no plain template."""
    if token.text in _SIGNS or token.text == "a":
        return token.text
    return "x" if token.text.startswith("_:") else _KINDS.get(token.kind, "x")


def _read_patterns(tokens: list[Token]) -> Iterator[tuple[str, str, str]]:
    """The triples of a template that `_TEMPLATE` matches."""
    terms: list[str] = []
    for token in tokens:
        if token.text in _SIGNS:  # what follows shares nothing, the subject, or the predicate too
            terms = terms[: _SIGNS.index(token.text)]
            continue
        is_variable = token.kind == "variable"
        text = _TYPE if token.text == "a" else token.text
        terms.append(f"?{text[1:]}" if is_variable else text)
        if len(terms) == 3:
            yield terms[0], terms[1], terms[2]


def make_triples(
    template: Template, constants: Mapping[str, Term], result: bytes, most: int
) -> list[ox.Triple] | None:
    """The triples of the SELECT's result, which is compact JSON; each once.

    None where it has more rows than `most`, or is not written as expected. Nothing comes of an unbound
    variable, nor of a term where no such may stand: https://www.w3.org/TR/sparql11-query/#construct
    """
    names = template.variables
    rows = _read_rows(names, result)
    if rows is None or len(rows) > most:
        return None
    columns = dict(zip(names, zip(*rows, strict=True), strict=False))
    terms: dict[bytes, Any] = {b"": None, **_read_terms(set().union(*columns.values()))}
    terms |= {text.encode(): term for text, term in constants.items()}
    made: dict[ox.Triple, None] = {}
    for pattern in template.patterns:
        places = [columns.get(term) or repeat(term.encode(), len(rows)) for term in pattern]
        for subject, predicate, object in dict.fromkeys(zip(*places, strict=False)):
            try:
                made[ox.Triple(terms[subject], terms[predicate], terms[object])] = None
            except TypeError:  # it is no triple
                continue
    return list(made)


def _read_rows(names: list[str], result: bytes) -> list[tuple[bytes, ...]] | None:
    """The values of each row as they are written, empty where unbound; None where one is nested.

    Three times as fast as `json.loads`, and a value that comes again is found by its bytes.
    """
    cells = "".join(f'(?:"{name[1:]}":({_CELL}),?)?' for name in names)
    row = re.compile(rf"\{{{cells}\}},?|(.+)".encode(), re.DOTALL)
    found = row.findall(result.partition(_HEAD_END)[2].removesuffix(_FOOT))
    return None if found and found[-1][-1] else [values[:-1] for values in found]


def _read_terms(cells: set[bytes]) -> dict[bytes, object]:
    """What values mean, read as one column."""
    written = [cell for cell in cells if cell]
    rows = b",".join(b'{"t":%b}' % cell for cell in written)
    table = b'{"head":{"vars":["t"]},"results":{"bindings":[%b]}}' % rows
    terms = ox.parse_query_results(table, ox.QueryResultsFormat.JSON)
    assert isinstance(terms, ox.QuerySolutions)
    return {cell: row[0] for cell, row in zip(written, terms, strict=True)}
