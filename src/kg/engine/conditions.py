"""Expressions that the engines read alike, read off the tokens of a query: conditions and aggregates.

A comparison of different types is an error in one engine and false in the other. In FILTER and HAVING
both leave the row out, so there it may stand; where its value is used further it may not. Likewise
an aggregate of an expression that fails in a row, and of a variable that a row leaves unbound.
"""

from collections.abc import Set
from itertools import pairwise
from typing import Final

from kg.engine.limits import Token

_ORDERS: Final = frozenset(("<", ">", "<=", ">="))
_COMPARISONS: Final = _ORDERS | {"="}
_JOINING: Final = frozenset(("&&", "||"))
_BOOLEANS: Final = frozenset(
    (
        "BOUND", "SAMETERM", "ISIRI", "ISURI", "ISLITERAL", "ISBLANK",
        "ISNUMERIC", "LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "REGEX",
    )
)  # fmt: skip
"""Functions whose value is true, false or an error."""
_TEXTS: Final = frozenset(
    (
        "STR", "LANG", "STRLEN", "STRBEFORE", "STRAFTER", "SUBSTR",
        "UCASE", "LCASE", "CONCAT", "COUNT", "SUM",
    )
)  # fmt: skip
"""Functions whose value is a text or a number."""


class _OddError(Exception):
    """Something else than what is looked for."""


def find_odd_expression(tokens: list[Token], bound: Set[str]) -> str:
    """Why an expression of a query may mean something else to the other engine; empty where none does.

    `bound` names variables that no row leaves unbound.
    """
    conditions = _Conditions(tokens)
    try:
        conditions.read()
    except (_OddError, IndexError):
        return "a condition that is no comparison: the truth of texts with a language"
    for number, token in enumerate(tokens):
        if (token.text in _COMPARISONS or token.word == "IN") and number not in conditions.compared:
            return "a comparison as a value: of different types an error in one, false in the other"
        if token.text in _ORDERS and not _is_of_values(tokens, number):
            return "an order of IRIs or booleans"
        if token.word in ("COUNT", "SUM") and not _is_plain(tokens, number, bound):
            return "an aggregate of what may fail or be unbound: it counts in one, not in the other"
        if token.word in ("REGEX", "LANGMATCHES") and not _is_without_tags(tokens, number):
            return "an argument with a language: an error in the reference"
    if _uses_own_name(tokens):
        return "a name given by AS and used beside it: the reference does not know it yet"
    return ""


class _Conditions:
    """Reads FILTER and HAVING; what stands in them as an operand of && and ||, or alone."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self.compared: set[int] = set()
        """Places of the comparisons whose value only decides whether a row stays."""

    def read(self) -> None:
        """Reads all. Raises _OddError or IndexError for a condition of another kind."""
        for number, token in enumerate(self._tokens):
            if token.word == "FILTER":
                self._constraint(number + 1)
            elif token.word == "HAVING":
                at = self._constraint(number + 1)
                while self._tokens[at : at + 1] and self._tokens[at].text == "(":
                    at = self._constraint(at)

    def _constraint(self, at: int) -> int:
        """Reads one, in brackets or a function; the place behind it."""
        if self._tokens[at].text == "(":
            return self._group(at)
        if self._tokens[at].word not in _BOOLEANS:
            raise _OddError
        return self._closing(at + 1) + 1

    def _closing(self, at: int) -> int:
        """The bracket that closes the one there."""
        depth = self._tokens[at].depth
        closing = at + 1
        while self._tokens[closing].text != ")" or self._tokens[closing].depth != depth:
            closing += 1
        return closing

    def _group(self, at: int) -> int:
        """Reads operands between brackets; the place behind them."""
        closing, start = self._closing(at), at + 1
        depth = self._tokens[at].depth + 1
        for end in range(at + 1, closing + 1):
            token = self._tokens[end]
            if end == closing or (token.text in _JOINING and token.depth == depth):
                self._operand(start, end, depth)
                start = end + 1
        return closing + 1

    def _operand(self, start: int, end: int, depth: int) -> None:
        while self._tokens[start].text == "!":
            start += 1
        first = self._tokens[start]
        compared = [
            number
            for number in range(start, end)
            if self._tokens[number].depth == depth
            and (self._tokens[number].text in _COMPARISONS or self._tokens[number].word == "IN")
        ]
        if len(compared) == 1:
            self.compared.update(compared)
        elif compared or start >= end:
            raise _OddError
        elif first.text == "(" and self._closing(start) == end - 1:
            self._group(start)
        elif not (
            (first.word in ("TRUE", "FALSE") and start == end - 1)
            or (first.word in _BOOLEANS and self._closing(start + 1) == end - 1)
        ):
            raise _OddError


def _is_of_values(tokens: list[Token], at: int) -> bool:
    """Whether one side of an order begins or ends with a number, a text or a function that gives one."""
    before, after = tokens[at - 1], tokens[min(at + 1, len(tokens) - 1)]
    plain = ("number", "string")
    return before.kind in plain or after.kind in plain or after.word in _TEXTS


def _arguments(tokens: list[Token], at: int) -> list[Token]:
    """What stands in the brackets behind a function; empty where there are none."""
    inside = []
    for token in tokens[at + 2 :]:
        if token.depth <= tokens[at].depth:
            break
        inside.append(token)
    return inside


def _is_plain(tokens: list[Token], at: int, bound: Set[str]) -> bool:
    """Whether it counts rows or a variable, or names by AS the sum of one that is bound in every row."""
    inside = _arguments(tokens, at)
    after = at + len(inside) + 3  # behind the name and both brackets
    counted = inside[1:] if inside and inside[0].word == "DISTINCT" else inside
    if len(counted) != 1:
        return False
    if tokens[at].word == "COUNT":
        return counted[0].kind == "variable" or counted[0].text == "*"
    is_named = [token.word for token in tokens[after : after + 1]] == ["AS"]
    has_condition = any(token.word == "HAVING" for token in tokens)
    is_bound = counted[0].kind == "variable" and counted[0].text[1:] in bound
    return is_bound and is_named and tokens[at - 1].text == "(" and not has_condition


def _is_without_tags(tokens: list[Token], at: int) -> bool:
    """Whether REGEX has nothing but texts behind its first argument, and LANGMATCHES a LANG before its."""
    inside = _arguments(tokens, at)
    if tokens[at].word == "LANGMATCHES":
        return bool(inside) and inside[0].word == "LANG"
    depth = tokens[at].depth + 1
    commas = [n for n, token in enumerate(inside) if token.text == "," and token.depth == depth]
    behind = inside[commas[0] :] if commas else []
    return all(token.kind == "string" or token.text == "," for token in behind)


def _uses_own_name(tokens: list[Token]) -> bool:
    """Whether a SELECT clause uses a variable that it names by AS."""
    named: set[str] = set()
    used: set[str] = set()
    is_inside = False
    for before, token in pairwise(tokens):
        if token.word == "SELECT" or before.word == "SELECT":
            named, used, is_inside = set(), set(), True
        if token.text == "{":
            is_inside = False
        if is_inside and token.kind == "variable":
            (named if before.word == "AS" else used).add(token.text[1:])
            if named & used:
                return True
    return False
