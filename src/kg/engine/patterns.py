"""The triple patterns of a query that each of its rows needs, read off its tokens.

Those of OPTIONAL, UNION, MINUS, EXISTS, SERVICE and sub-SELECT are none: a query may have rows where
they match nothing. Neither are those that take more than one look-up: with a path, a collection, a
blank node, or the same variable twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kg.engine.limits import Token, read_tokens

_PATH: Final = frozenset("/|^*+?!-")
_TERMS: Final = frozenset(("iri", "name", "variable", "number", "string"))
_VALUE_WORDS: Final = frozenset(("A", "TRUE", "FALSE"))
_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

Term = ox.NamedNode | ox.Literal | ox.Variable


@dataclass(frozen=True)
class TriplePattern:
    """One pattern, and the graph it is looked for in where GRAPH names one."""

    terms: tuple[Term, Term, Term]
    graph: Term | None
    text: str
    """As the query has it."""

    @property
    def question(self) -> str:
        """Whether anything matches it, in SPARQL: made of terms, with none of the query's own text."""
        pattern = " ".join(map(str, self.terms))
        return (
            f"ASK {{ GRAPH {self.graph} {{ {pattern} }} }}"
            if self.graph
            else f"ASK {{ {pattern} }}"
        )


def read_required(query: str) -> list[TriplePattern]:
    """The patterns of a valid query, in its order; linear in its length. Never raises."""
    tokens = read_tokens(query)
    reader = _Reader(_declared(tokens), _followed_by_union(tokens))
    for number, token in enumerate(tokens):
        after = tokens[number + 1] if number + 1 < len(tokens) else token
        reader.take(number, token, after)
    return reader.found


def _declared(tokens: list[Token]) -> dict[str, str]:
    """Namespaces by prefix, with its colon."""
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {n.text: iri.text[1:-1] for word, n, iri in triples if word.word == "PREFIX"}


def _followed_by_union(tokens: list[Token]) -> set[int]:
    """Places of the opening braces whose group is the first of a UNION."""
    found, opened = set(), []
    for number, token in enumerate(tokens):
        if token.text == "{":
            opened.append(number)
        elif token.text == "}" and opened:
            first = opened.pop()
            if [after.word for after in tokens[number + 1 : number + 2]] == ["UNION"]:
                found.add(first)
    return found


@dataclass
class _Group:
    """A group in braces: whether every row needs it, and its graph."""

    needed: bool
    graph: str = ""


@dataclass
class _Reader:
    """Reads patterns token by token."""

    prefixes: dict[str, str]
    in_union: set[int]
    found: list[TriplePattern] = field(default_factory=list)
    _groups: list[_Group] = field(default_factory=list)
    _terms: list[str] = field(default_factory=list)
    """Subject, predicate and object so far."""
    _word: str = ""
    """The last word that rules what follows: FILTER, GRAPH and so on; empty among patterns."""
    _named: str = ""
    """The term after GRAPH."""
    _simple: bool = True
    """Whether the present pattern is one look-up so far."""
    _inside: int | None = None
    """Depth of the round or square bracket that is skipped."""

    def take(self, number: int, token: Token, after: Token) -> None:
        """Takes the token at that place of the query."""
        if self._inside is not None:
            self._skip(token)
        elif token.text in ("(", "["):
            self._inside, self._simple = token.depth, self._simple and bool(self._word)
        elif token.text == "{":
            self._open(number, after)
        elif token.text in ("}", "."):
            self._end()
            self._groups = self._groups[:-1] if token.text == "}" else self._groups
        elif token.text == ";":
            self._emit(1)
        elif token.text == ",":
            self._emit(2)
        elif token.word and token.word not in _VALUE_WORDS:
            self._end()
            self._word = token.word
        elif self._word:
            self._named = token.text
        elif token.text in _PATH:
            self._simple = False
        else:
            self._take_term(token)

    def _skip(self, token: Token) -> None:
        if token.text in (")", "]") and token.depth == self._inside:
            self._inside, self._word = None, ""

    def _open(self, number: int, after: Token) -> None:
        self._emit(0)
        outer = self._groups[-1] if self._groups else _Group(self._word != "CONSTRUCT")
        plain = self._word in ("", "GRAPH") or not self._groups
        apart = number in self.in_union or after.word == "SELECT"
        graph = self._named if self._word == "GRAPH" else outer.graph
        self._groups.append(_Group(outer.needed and plain and not apart, graph))
        self._word = ""

    def _end(self) -> None:
        self._emit(0)
        self._word = ""

    def _take_term(self, token: Token) -> None:
        text = _TYPE if token.text == "a" else token.text
        if token.text == "^^" or token.kind == "tag" or (self._terms and self._terms[-1][-2:] == "^^"):  # fmt: skip
            self._terms[-1:] = [f"{self._terms[-1] if self._terms else ''}{self._written(text)}"]
        elif token.kind in _TERMS or token.word in _VALUE_WORDS:
            self._terms.append(text)

    def _emit(self, kept: int) -> None:
        """Ends a pattern, whose first terms the next one shares."""
        if len(self._terms) == 3 and self._simple and self._groups and self._groups[-1].needed:
            self.found.extend(self._read(self._groups[-1].graph))
        whole = self._simple or len(self._terms) > kept
        self._terms = self._terms[:kept]
        self._simple = (self._simple if kept == 2 else bool(kept) and whole) or kept == 0

    def _read(self, graph: str) -> Iterator[TriplePattern]:
        try:
            terms = [self._term(text) for text in (*self._terms, *[graph] * bool(graph))]
        except (ValueError, SyntaxError):  # a name without a prefix of its own, a relative one
            return
        variables = [term for term in terms if isinstance(term, ox.Variable)]
        if len(variables) == len(set(variables)):
            text = " ".join("a" if text == _TYPE else text for text in self._terms)
            yield TriplePattern((terms[0], terms[1], terms[2]), dict(enumerate(terms)).get(3), text)

    def _term(self, text: str) -> Term:
        if text[0] in "?$":
            return ox.Variable(text[1:])
        [quad] = ox.parse(f"<x:s> <x:p> {self._written(text)} .", ox.RdfFormat.TURTLE)
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            return quad.object
        raise ValueError("a blank node")

    def _written(self, text: str) -> str:
        """A name with its prefix written out."""
        prefix, colon, local = text.partition(":")
        known = self.prefixes.get(prefix + colon) if text[0] not in "<\"'@" else None
        return text if known is None else f"<{known}{local}>"
