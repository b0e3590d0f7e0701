"""`COUNT(?x)` as `COUNT(*)`, where every solution binds `?x`: one reads each value, the other does not.

Measured at 1M triples in the fast engine, milliseconds: count of a class 9.2 and 0.01, enterprises
by city and tier 62 and 24, a difference 13 and 7.

They mean the same where `?x` stands in a triple pattern of the query's own group, outside of every
bracket in it. `DISTINCT` changes nothing over one pattern that has no other variable.
https://www.w3.org/TR/sparql11-query/#defn_aggCount
"""

from typing import Final

from kg.engine.limits import Token, read_tokens

_ELSEWHERE: Final = frozenset(("VALUES", "SELECT"))
"""Words that let a variable stand in a group without a pattern around it."""


def as_count_all(query: str) -> str:
    """The query with `COUNT(*)` for each `COUNT(?x)` where they mean the same."""
    if "COUNT" not in query.upper():
        return query
    tokens = read_tokens(query)
    bound = bound_variables(tokens)
    if not bound:
        return query
    alone = bound if _is_one_pattern(_own_group(tokens)) else set()
    text, end = [], 0
    for number, token in enumerate(tokens):
        if token.word != "COUNT":
            continue
        following = tokens[number + 1 : number + 5]
        distinct = following[1:2] and following[1].word == "DISTINCT"
        named = following[2 if distinct else 1 :][:2]
        is_variable = [part.text for part in named[1:]] == [")"] and named[0].kind == "variable"
        if is_variable and named[0].text[1:] in (alone if distinct else bound):
            text += [query[end : following[0].end], "*"]
            end = named[0].end
    return "".join([*text, query[end:]])


def bound_variables(tokens: list[Token]) -> set[str]:
    """Names of variables that every solution of a SELECT binds; not all of them, perhaps."""
    group = _own_group(tokens)
    return {token.text[1:] for token in group if token.kind == "variable" and token.depth == 1}


def _own_group(tokens: list[Token]) -> list[Token]:
    """What stands between the outermost braces of a SELECT; empty where that is not plain to see."""
    words = [token.word for token in tokens]
    braces = [
        number for number, token in enumerate(tokens) if token.text in "{}" and not token.depth
    ]
    if words.count("SELECT") != 1 or len(braces) != 2:
        return []
    group = tokens[braces[0] + 1 : braces[1]]
    return [] if any(token.word in _ELSEWHERE for token in group) else group


def _is_one_pattern(group: list[Token]) -> bool:
    """Whether it is one triple pattern with one variable, which stands in it once."""
    pattern = group[:-1] if group[-1].text == "." else group
    plain = ("variable", "name", "iri", "word")
    return (
        len(pattern) == 3
        and all(token.kind in plain and not token.text.startswith("_:") for token in pattern)
        and [token.kind for token in pattern].count("variable") == 1
    )
