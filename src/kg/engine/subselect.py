"""A sub-SELECT of few rows is answered first; its rows then stand in its place, as VALUES.

A sub-SELECT is evaluated by itself and then joined, so its rows mean the same in its place:
https://www.w3.org/TR/sparql11-query/#subqueries. What the engines do well thus falls to each: one
sorts and counts, the other looks up what belongs to a few things.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Final

import pyoxigraph as ox

from kg.engine.evaluators import Engines, query_fast
from kg.engine.lanes import fast_query
from kg.engine.limits import FORMS, Token, read_tokens
from kg.engine.request import QueryRequest

_MAX_ROWS: Final = 1_000
"""Largest LIMIT of a sub-SELECT that is answered first."""
_MAX_DIGITS: Final = 18
"""More make a number that is beyond any limit, or has zeros in front; its beginning is too."""
_NOT_BY_ITSELF: Final = frozenset(("GRAPH", "FROM", "SERVICE", "EXISTS", "LATERAL"))
"""Words that may change what a sub-SELECT is asked of, or what it is given."""


def answer_subselect(engines: Engines, request: QueryRequest) -> QueryRequest:
    """The request with rows for its sub-SELECT where the fast engine gives them, else itself."""
    has_dataset = request.default_graphs is not None or request.named_graphs is not None
    if engines.fast is None or engines.forced or has_dataset:
        return request
    found = find_subselect(request.query)
    if found is None:
        return request
    query, start, end = found
    fast = fast_query(query, _MAX_ROWS)
    text = query_fast(engines, fast) if fast else None
    rows = ox.parse_query_results(text, ox.QueryResultsFormat.JSON) if text else None
    if not isinstance(rows, ox.QuerySolutions) or not rows.variables:
        return request
    values = _as_values(rows)
    return replace(request, query=f"{request.query[:start]} {values} {request.query[end:]}")


def find_subselect(query: str) -> tuple[str, int, int] | None:
    """The only sub-SELECT as a query of its own, and where it stands between its braces.

    None where there is none or another, where it has no LIMIT of at most 1,000, and where it might
    not mean the same by itself.
    """
    text = query.upper()
    if sum(map(text.count, FORMS)) < 2:  # most queries, which need not be read for this
        return None
    tokens = read_tokens(query)
    words = [token.word for token in tokens]
    forms = [token for token in tokens if token.word in FORMS]
    if len(forms) != 2 or forms[0].depth or _NOT_BY_ITSELF.intersection(words):
        return None
    at = tokens.index(forms[1])
    opened = tokens[at - 1]
    closed = next((n for n, t in enumerate(tokens) if n > at and t.text == "}" and t.depth == opened.depth), 0)  # fmt: skip
    if forms[1].word != "SELECT" or opened.text != "{" or not closed:
        return None
    inner = tokens[at:closed]
    if any(token.text.startswith("_:") for token in inner):  # which may not stand outside as well
        return None
    if not 0 <= _limit_of(inner) <= _MAX_ROWS:
        return None
    prologue = query[: forms[0].start]
    start, end = opened.end, tokens[closed].start
    return f"{prologue}{query[start:end]}\n", start, end


def _limit_of(inner: list[Token]) -> int:
    """The number behind the sub-SELECT's own LIMIT; -1 without one."""
    for word, number in pairwise(inner):
        if word.word == "LIMIT" and word.depth == inner[0].depth and number.text.isdecimal():
            return int(number.text[:_MAX_DIGITS])
    return -1


def _as_values(rows: ox.QuerySolutions) -> str:
    names = rows.variables
    written = (
        " ".join("UNDEF" if row[name] is None else str(row[name]) for name in names) for row in rows
    )
    columns = " ".join(map(str, names))
    return f"VALUES ({columns}) {{ {' '.join(f'({row})' for row in written)} }}"
