"""Which engine answers a query: read off its words, so the same query always gets the same one.

The fast engine knows one graph and one dialect; where its answers can differ from the reference, or
where it was measured slower, the query stays with the reference. What is not listed here as taken
stays there too. `tests/test_lanes.py` holds the two together; figures in `tests/benchmarks/results.md`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from kg.engine.antijoin import as_minus
from kg.engine.conditions import find_odd_expression
from kg.engine.construct import Template
from kg.engine.counts import as_count_all, bound_variables
from kg.engine.dialect import IMPOSSIBLE, PINNED, TAKEN
from kg.engine.joins import explodes
from kg.engine.limits import Token, read_tokens

_NAMES: Final = frozenset(("name", "iri"))
_IRI: Final = re.compile(r"<(?:[a-z][a-z0-9]*://|urn:)[^?$()&|!*+]*>")
_LOWER: Final = frozenset(("A", "TRUE", "FALSE"))
_SIGNS: Final = frozenset(
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ".",
        ";",
        ",",
        "=",
        "<",
        ">",
        "<=",
        ">=",
        "!=",
        "&&",
        "||",
        "!",
        "+",
        "-",
        "*",
        "/",
        "|",
        "^",
        "^^",
        "?",
    ]
)
_MAX_DIGITS: Final = 18
_MAX_DEPTH: Final = 50
_BINARY: Final = (b"XMLSchema#double", b"XMLSchema#float")
_MAX_CELLS: Final = 1_500_000
"""Values in the largest result of the fast engine, which holds it in memory, about 100 bytes each."""


@dataclass(frozen=True)
class FastQuery:
    """A query that the fast engine may answer."""

    text: str
    """With a LIMIT, so that the result has an end."""
    max_rows: int
    """Rows of a result that is whole; with one more, the reference answers."""
    sums: bool
    """Whether it adds up: a sum of doubles or floats is written otherwise, and depends on the order."""
    bound: frozenset[str] = frozenset()
    """Names of variables that no row leaves unbound."""
    template: Template | None = None
    """What a CONSTRUCT makes of the rows."""

    def is_safe(self, result: bytes) -> bool:
        """Whether a result is as the reference would write it."""
        return not (self.sums and any(datatype in result for datatype in _BINARY))


def fast_query(
    query: str, max_rows: int, *, forced: bool = False, max_cells: int = _MAX_CELLS
) -> FastQuery | None:
    """The query as the fast engine gets it, or None where `why_reference` has a reason against it.

    `max_rows` is the cap in force. A wide table gets fewer rows, since memory holds it all: `max_cells`.
    `forced` takes whatever that engine can express, though its answers may be written otherwise.
    """
    query = as_count_all(as_minus(query))
    tokens = read_tokens(query)
    if _cannot(tokens) if forced else _why(tokens):
        return None
    width = len({token.text for token in tokens if token.kind == "variable"})
    whole = min(max_rows, max_cells // max(1, width))
    sums = any(token.text.upper() == "SUM" for token in tokens)
    bound = frozenset(bound_variables(tokens))
    return FastQuery(_limit(query, tokens, whole + 1), whole, sums, bound)


def why_reference(query: str) -> str:
    """Why the reference answers a query; empty where the fast engine may."""
    return _why(read_tokens(query))


def _cannot(tokens: list[Token]) -> bool:
    words = {token.text.upper() for token in tokens if token.kind == "word"}
    return bool(words & IMPOSSIBLE) or any(map(_is_outer_values, tokens))


def _why(tokens: list[Token]) -> str:
    words = {token.word: True for token in tokens if token.kind == "word"}  # in order
    for word in words:
        if word not in TAKEN:
            return PINNED.get(word, "not compared")
    if "SELECT" not in words and "ASK" not in words:
        return "no query"
    rules = _RULES_WITH_OPTIONAL if "OPTIONAL" in words else _RULES
    edge = Token("sign", ".", 0, 0)
    for number, token in enumerate(tokens):
        for rule in rules.get(token.kind, []) + rules.get(token.text, []):
            before = tokens[number - 1] if number else edge
            after = tokens[number + 1] if number + 1 < len(tokens) else edge
            if rule.holds(before, token, after):
                return rule.reason
    if not _prefixes_used(tokens) <= _prefixes_declared(tokens):
        return "a prefix is not declared: `GRAPHx:y` may mean GRAPH x:y"
    if explodes(tokens):
        return "a join that may explode: the fast engine holds it in memory"
    if max((token.depth for token in tokens), default=0) > _MAX_DEPTH:
        return "deep nesting: the fast engine's stack is shorter"
    return find_odd_expression(tokens, bound_variables(tokens))


def _is_odd_number(before: Token, token: Token, after: Token) -> bool:
    """Whether it is a number that the store writes otherwise: signed, with a leading zero or a point."""
    number = token.text
    return not (number.isascii() and number.isdigit() and (number == "0" or number[0] != "0"))


def _is_arithmetic(before: Token, token: Token, after: Token) -> bool:
    """Whether a sign can be more than a part of a path, of `COUNT(*)` or of `SELECT *`."""
    return before.kind in ("variable", "number") or after.kind == "number" or before.text == ")"


def _is_small_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _is_outer_values(token: Token) -> bool:
    return token.depth == 0 and token.text.upper() == "VALUES"


def _begins_triple(before: Token, token: Token, after: Token) -> bool:
    return token.kind in _NAMES and before.text in ("{", ".", "}") and token.depth > 0


class Rule(NamedTuple):
    """Why a token between two others keeps a query with the reference."""

    looks_at: str
    """Kinds or texts of the tokens it is asked about, parted by blanks."""
    reason: str
    holds: Callable[[Token, Token, Token], bool] = lambda before, token, after: True


RULES: Final[list[Rule]] = [
    Rule(
        "iri",
        "an IRI is relative, or `<` an operator and what follows to be read as words",
        lambda before, token, after: not _IRI.fullmatch(token.text),
    ),
    Rule("number", "01 and 1.50 are found as 1 and 1.5 by the reference alone", _is_odd_number),
    Rule("^^", "a typed literal: the same; durations and time zones"),
    Rule(
        "+ - * /",
        "arithmetic: decimals differ in the 18th digit and in closing zeros",
        _is_arithmetic,
    ),
    Rule(
        "? *",
        "a path of no length from a term that the graph does not hold: empty in the reference",
        lambda before, token, after: (
            token.text == "?" or before.kind in _NAMES or before.text == "a"
        ),
    ),
    Rule(
        "! !=",
        "a negation: comparing different types is an error in one, false in the other",
        lambda before, token, after: token.text == "!=" or after.text == "(",
    ),
    Rule(
        "!",
        "a negated property: a pair that two properties lead to counts twice in the reference",
        lambda before, token, after: after.kind in _NAMES or after.text in ("a", "^"),
    ),
    Rule("|", "alternatives: a pair that both ways lead to counts once in the reference"),
    Rule("name iri", "a cast: lexical forms", lambda before, token, after: after.text == "("),
    Rule("sign", "a sign that SPARQL does not have", lambda *near: near[1].text not in _SIGNS),
    Rule(
        "word",
        "A, TRUE or FALSE in capitals: the reference refuses them",
        lambda before, token, after: token.word in _LOWER and not token.text.islower(),
    ),
    Rule(
        "word",
        "a LIMIT or OFFSET that is no number, or beyond 64 bits",
        lambda before, token, after: (
            token.word in ("LIMIT", "OFFSET") and not _is_small_number(after.text)
        ),
    ),
    Rule(
        "word",
        "VALUES behind the query: no place for a LIMIT",
        lambda before, token, after: _is_outer_values(token),
    ),
]
OPTIONAL_RULES: Final[list[Rule]] = [
    Rule(
        "name iri",
        "OPTIONAL around a thing that the query names: 2.5 ms against 1.2 s at 10M",
        _begins_triple,
    ),
    Rule(
        "word",
        "OPTIONAL with VALUES: the same",
        lambda before, token, after: token.word == "VALUES",
    ),
]
"""The same for a query with OPTIONAL; found by measurement, not by difference."""


def _by_token(rules: list[Rule]) -> dict[str, list[Rule]]:
    """The rules by what they look at."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.looks_at.split():
            found.setdefault(name, []).append(rule)
    return found


_RULES: Final[dict[str, list[Rule]]] = _by_token(RULES)
_RULES_WITH_OPTIONAL: Final[dict[str, list[Rule]]] = _by_token(RULES + OPTIONAL_RULES)


def _prefixes_used(tokens: list[Token]) -> set[str]:
    return {token.text.partition(":")[0] for token in tokens if token.kind == "name"}


def _prefixes_declared(tokens: list[Token]) -> set[str]:
    pairs = pairwise(tokens)
    return {"_"} | {
        name.text.removesuffix(":") for word, name in pairs if word.text.upper() == "PREFIX"
    }


def _limit(query: str, tokens: list[Token], most: int) -> str:
    """The query with a LIMIT of at most so many rows."""
    outside = [token for token in tokens if token.depth == 0]
    words = [token.text.upper() for token in outside]
    if "SELECT" not in words:
        return query
    if "LIMIT" not in words:
        return f"{query}\nLIMIT {most}"  # behind a line feed, as the query may end with a comment
    number = outside[words.index("LIMIT") + 1 :][:1]
    if number and _is_small_number(number[0].text) and int(number[0].text) > most:
        start, end = number[0].start, number[0].start + len(number[0].text)
        return f"{query[:start]}{most}{query[end:]}"
    return query
