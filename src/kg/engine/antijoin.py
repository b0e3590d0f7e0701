"""`FILTER NOT EXISTS` as `MINUS`, where both mean the same: one looks row by row, the other joins once.

Measured at 1M triples, "enterprises that no record recognises", milliseconds: NOT EXISTS 240 in the
reference and 55,800 in the fast engine, MINUS 65 and 17.

They mean the same where the group is the query's own and triple patterns alone, which bind all of
their variables, then this filter over triple patterns alone, and the two share a variable. Elsewhere
they may not, as in a group inside another, whose variables the reference shows to the filter:
https://www.w3.org/TR/sparql11-query/#neg-notexists-minus
"""

from typing import Final

from kg.engine.limits import Token, read_tokens

_TERMS: Final = frozenset(("iri", "name", "variable", "number", "string", "tag"))
_VALUE_WORDS: Final = frozenset(("A", "TRUE", "FALSE"))


def as_minus(query: str) -> str:
    """The query with MINUS for its NOT EXISTS where they mean the same, else the query itself."""
    if "EXISTS" not in query.upper():
        return query
    tokens = read_tokens(query)
    words = [token.word for token in tokens]
    if words.count("EXISTS") != 1:
        return query
    at = words.index("EXISTS")
    opened = [number for number in range(at) if tokens[number].text == "{"]
    if words[at - 2 : at] != ["FILTER", "NOT"] or not opened or opened[-1] > at - 3:
        return query
    if tokens[opened[-1]].depth:  # a group inside another
        return query
    outer = tokens[opened[-1] + 1 : at - 2]
    closing = next((n for n in range(at + 2, len(tokens)) if tokens[n].text == "}"), len(tokens))
    inner = tokens[at + 2 : closing]
    after = [token.text for token in tokens[closing + 1 : closing + 2]]
    if [token.text for token in tokens[at + 1 : at + 2]] != ["{"] or after != ["}"]:
        return query
    if not (
        _are_patterns(outer) and _are_patterns(inner) and _variables(outer) & _variables(inner)
    ):
        return query
    return f"{query[: tokens[at - 2].start]}MINUS{query[tokens[at].end :]}"


def _are_patterns(tokens: list[Token]) -> bool:
    """Whether they are triple patterns alone, without paths, brackets and blank nodes."""
    return bool(tokens) and all(
        (token.kind in _TERMS and not token.text.startswith("_:"))
        or token.word in _VALUE_WORDS
        or token.text in (".", ";", ",", "^^")
        for token in tokens
    )


def _variables(tokens: list[Token]) -> set[str]:
    return {token.text[1:] for token in tokens if token.kind == "variable"}
