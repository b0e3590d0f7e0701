"""Joins that explode: found in the patterns of a query, since the fast engine holds them in memory.

The reference makes rows one by one and stops at the cap; the fast engine joins first. So a query
whose patterns are not tied together, or that pairs things over what they share, is not for it.
"""

from dataclasses import dataclass, field

from kg.engine.limits import Token

_VALUE_WORDS = frozenset(("A", "TRUE", "FALSE"))


def explodes(tokens: list[Token]) -> bool:
    """Whether a query may have many times more rows than the graph has triples.

    True where two patterns share no variable, not even over others, or where two subjects are
    paired over a common object; also where a pattern is written in brackets, which are not read.
    """
    if any(token.text == "[" for token in tokens):
        return True
    patterns = list(_patterns(tokens))
    paired: dict[str, str] = {}
    for pattern in patterns:
        subject = paired.setdefault(pattern.object, pattern.subject)
        if pattern.subject and pattern.object and subject != pattern.subject:
            return True
    groups: list[set[str]] = []
    for pattern in patterns:
        tied = pattern.variables.union(*(group for group in groups if group & pattern.variables))
        groups = [group for group in groups if not group & tied] + [tied]
    return len(groups) > 1


@dataclass
class _Pattern:
    """Variables of a triple pattern, or of a BIND."""

    subject: str = ""
    """The subject where that is a variable."""
    object: str = ""
    """What stood last, where that is a variable other than the subject."""
    variables: set[str] = field(default_factory=set)


class _Reader:
    """Reads patterns off tokens; what FILTER, SELECT and the like hold is none."""

    def __init__(self) -> None:
        self.found: list[_Pattern] = []
        self._now = _Pattern()
        self._begun = False
        self._word = ""
        """The last word that rules what follows: SELECT, FILTER and so on; empty among patterns."""
        self._inside = 0
        """Depth within the brackets after such a word."""

    def take(self, token: Token, before: Token) -> None:
        """Takes the next token."""
        if self._inside:
            self._take_inside(token)
        elif token.text == "(" and before.kind == "word":
            self._inside = token.depth + 1
        elif token.text in ("{", "}", "."):
            self._end()
            self._word = ""
        elif token.kind == "word" and token.text.upper() not in _VALUE_WORDS:
            if self._word not in ("FILTER", "BIND"):  # else a function of it
                self._end()
                self._word = token.text.upper()
        elif not self._word:
            self._take_term(token)

    def _take_inside(self, token: Token) -> None:
        if token.kind == "variable" and self._word == "BIND":
            self._now.variables.add(token.text[1:])
        elif token.text == ")" and token.depth == self._inside - 1:
            self._inside = 0
            if self._word in ("FILTER", "BIND"):
                self._end()
                self._word = ""

    def _take_term(self, token: Token) -> None:
        if token.text in (";", ","):
            subject, begun = self._now.subject, self._begun
            self._end()
            self._now.subject, self._begun = subject, begun
            self._now.variables |= {subject} - {""}
        elif token.kind == "variable":
            name = token.text[1:]
            self._now.variables.add(name)
            if self._begun:
                self._now.object = name
            else:
                self._now.subject = name
            self._begun = True
        else:
            self._now.object = ""
            self._begun = True

    def _end(self) -> None:
        if self._now.variables:
            self.found.append(self._now)
        self._now, self._begun = _Pattern(), False


def _patterns(tokens: list[Token]) -> list[_Pattern]:
    reader = _Reader()
    for before, token in zip(tokens[:1] + tokens[:-1], tokens, strict=True):
        reader.take(token, before)
    return reader.found
