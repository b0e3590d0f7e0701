"""What is refused before evaluation: the shape of a query, read off its tokens.

The engine's parser recurses, so 5 KB of nested braces end the process that parses them, and its
planner can explode on tiny data. Neither can be caught, so both are counted first. Sizes that were
seen to kill pyoxigraph 0.5.13: 2,500 `{`, 5,000 `(`, 20,000 `!`, `1+1+…` x 10,000, `UNION` x 20,000.
Tokens follow https://www.w3.org/TR/sparql11-query/#sparqlGrammar.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kg.errors import QueryAndUpdate, ServiceForbidden, SyntaxInvalid, TooComplex, TooDeep
from kg.settings import Settings

_TOKEN: Final = re.compile(
    r"""(?P<skip>[ \t\r\n]++|\#[^\n\r]*+)
      |(?P<iri><[^<>"{}|^`\\\x00-\x20]*+>)
      |(?P<string>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*+(?:\"{3})?|'{3}(?:'{0,2}(?:[^'\\]|\\.))*+(?:'{3})?
                 |"(?:[^"\\\n\r]|\\.)*+"?|'(?:[^'\\\n\r]|\\.)*+'?)
      |(?P<variable>[?$][\w\u00b7\u0300-\u036f\u203f\u2040]++)
      |(?P<number>[+-]?(?:\d++(?:\.\d++|\.(?=[eE][+-]?\d))?|\.\d++)(?:[eE][+-]?\d++)?)
      |(?P<name>(?:[^\W\d_][\w.-]{0,127}+)?:(?:[\w:%-]|\\.|\.++(?=[\w:%\\-]))*+|_:(?:[\w-]|\.++(?=[\w-]))++)
      |(?P<tag>@[A-Za-z][A-Za-z0-9-]*+)
      |(?P<word>[^\W\d]\w*+)
      |(?P<sign>&&|\|\||\^\^|!=|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN: Final = {"{": "}", "(": ")", "[": "]"}
_CLOSE: Final = frozenset(_OPEN.values())
_OPERATORS: Final = frozenset(
    ("+", "-", "*", "/", "|", "||", "&&", "=", "!=", "<", ">", "<=", ">=", "^", "!", "?")
)
_PREFIX_OPERATORS: Final = frozenset(("!", "+", "-", "^"))
_OPERANDS: Final = frozenset(("iri", "string", "variable", "number", "name"))
_SERVICE_KINDS: Final = frozenset(("iri", "word", "name"))
"""Kinds of tokens in which the engine may read SERVICE."""
_SERVICE: Final = re.compile(r"(?:TRUE|FALSE)?SERVICE", re.IGNORECASE)
_SERVICE_IN_IRI: Final = re.compile(r"\).*SERVICE", re.IGNORECASE | re.DOTALL)
FORMS: Final = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
"""Words that a query begins with, behind its prologue."""
_UPDATES: Final = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)


class Token(NamedTuple):
    """A piece of a query."""

    kind: str
    """iri, string, variable, number, name, tag, word or sign."""
    text: str
    start: int
    """Offset in the text."""
    depth: int
    """Brackets around it; an opening one stands outside of itself, a closing one too."""

    @property
    def end(self) -> int:
        """Offset of what follows."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The keyword in capitals; empty for what is none."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass
class Shape:
    """Counts over one query text."""

    form: str = ""
    """SELECT, ASK, CONSTRUCT or DESCRIBE; empty where no such word stands outside brackets."""
    depth: int = 0
    operators: int = 0
    prefix_operators: int = 0
    """The longest run of `!`, `+`, `-` or `^` one after another."""
    patterns: int = 0
    """Triple patterns, counted by their separators."""
    branches: int = 0
    """UNION words."""
    values: int = 0
    """Rows of the largest VALUES block."""
    service: int = 0
    """How often the engine may read SERVICE."""
    services: list[str] = field(default_factory=list)
    """The IRIs of those that are followed by one in angle brackets and without an escape."""
    has_dataset: bool = False
    """Whether the text has a dataset clause, FROM, of its own."""
    unclosed: str = ""
    """The quotes of a string that never ends."""
    update: str = ""
    """The update word the text begins with, if any."""


def read_shape(query: str) -> Shape:
    """The shape of a query; linear in the text, 64 KiB in 10 to 150 ms. Never raises."""
    shape = Shape()
    levels: list[_Level] = [_Level("")]
    previous, run, values_next, before_iri = "", 0, False, ""
    for kind, text in _tokens(query):
        level = levels[-1]
        if kind in _SERVICE_KINDS:
            shape.service += _is_service(kind, text)
            if kind == "iri" and before_iri == "SERVICE":
                shape.services.append(text[1:-1])
        before_iri = _before_iri(before_iri, text) if kind == "word" else ""
        run = run + 1 if text in _PREFIX_OPERATORS else 0
        if run > shape.prefix_operators:
            shape.prefix_operators = run
        if kind == "word":
            word = text.upper()
            _count_word(shape, word, outside=len(levels) == 1)
            values_next = values_next or word == "VALUES"
            level.terms += word in ("A", "TRUE", "FALSE", "UNDEF")
        elif kind in _OPERANDS:
            if kind == "string" and not _is_closed(text):
                shape.unclosed = text[:3]
            signed = (
                kind == "number"
                and text[0] in "+-"
                and not any(part.values for part in levels[-2:])
            )
            shape.operators += signed and previous in _OPERANDS
            level.terms += 1
        elif text in _OPEN:
            level.rows += level.values and text == "("
            levels.append(_Level(text, values=values_next and text == "{"))
            values_next = values_next and text != "{"
            shape.depth = max(shape.depth, len(levels) - 1)
        elif text in _CLOSE and len(levels) > 1:
            _close(shape, levels.pop())
            levels[-1].terms += text in ")]"
        elif text in (".", ";", ",") and level.bracket in ("{", "["):
            shape.patterns += level.terms > 0
            level.terms = 0
        elif text in _OPERATORS:
            shape.operators += 1
        previous = kind if text != ")" else "number"
    return shape


@dataclass
class _Level:
    """One open bracket: terms since the last separator, and rows if it holds VALUES."""

    bracket: str
    values: bool = False
    terms: int = 0
    rows: int = 0


def find_undeclared_prefix(query: str) -> tuple[str, int] | None:
    """The first prefix that a name uses before any PREFIX declares it, with its offset."""
    declared, after_prefix = {"_"}, False
    for match in _TOKEN.finditer(query):
        if match.lastgroup == "name":
            prefix = match[0].partition(":")[0]
            if after_prefix:
                declared.add(prefix)
            elif prefix not in declared:
                return prefix, match.start()
        if match.lastgroup != "skip":
            after_prefix = match[0].upper() == "PREFIX"
    return None


def read_tokens(query: str) -> list[Token]:
    """The pieces of a query without blanks and comments; never raises."""
    found, depth = [], 0
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or ""
        if kind == "skip":
            continue
        text = match[0]
        depth -= kind == "sign" and text in _CLOSE
        found.append(Token(kind, text, match.start(), depth))
        depth += kind == "sign" and text in _OPEN
    return found


def _tokens(query: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(query):
        if match.lastgroup and match.lastgroup != "skip":
            yield match.lastgroup, match[0]


def _is_service(kind: str, text: str) -> bool:
    """Whether the engine may read SERVICE here.

    `kind` is one of _SERVICE_KINDS. Its grammar needs no blank around a keyword: `SERVICESILENTx:y`, `trueSERVICE`. And `<` may have
    been an operator where it looks like the start of an IRI: `FILTER(1<2)SERVICE?v#>`.
    """
    if kind == "iri":
        return bool(_SERVICE_IN_IRI.search(text))
    return bool(_SERVICE.match(text.partition(":")[0]))


def _before_iri(before: str, text: str) -> str:
    """`SERVICE` after that word, with or without SILENT; else nothing."""
    word = text.upper()
    return "SERVICE" if word == "SERVICE" or (word == "SILENT" and before) else ""


def _is_closed(text: str) -> bool:
    """Whether a long string ends; one in single quotes that does not is a syntax error anyway."""
    quotes = text[:3]
    return quotes not in ('"""', "'''") or (len(text) >= 6 and text.endswith(quotes))


def _count_word(shape: Shape, word: str, *, outside: bool) -> None:
    shape.branches += word == "UNION"
    shape.has_dataset |= outside and word == "FROM"
    if outside and not shape.form and not shape.update:
        shape.form = word if word in FORMS else ""
        shape.update = word if word in _UPDATES else ""


def _close(shape: Shape, level: _Level) -> None:
    if level.values:
        shape.values = max(shape.values, level.rows or level.terms)
    elif level.bracket in ("{", "["):
        shape.patterns += level.terms > 1


def check_query(query: str, limits: Settings) -> Shape:
    """The shape of a query that may be evaluated.

    Raises TooComplex or TooDeep naming the limit, ServiceForbidden, and QueryAndUpdate for an
    update; does not check syntax otherwise.
    """
    size = len(query.encode("utf-8", "surrogatepass"))
    _refuse(TooComplex, "bytes of query text", size, limits.max_query_bytes)
    shape = read_shape(query)
    if shape.update:
        raise QueryAndUpdate(f"{shape.update} is an update; this address answers queries only")
    check_shape(shape, limits)
    return shape


def check_shape(shape: Shape, limits: Settings) -> None:
    """Raises TooComplex or TooDeep naming the limit, ServiceForbidden, and SyntaxInvalid for a
    string that never ends."""
    if shape.unclosed:
        raise SyntaxInvalid(f"a string that begins with {shape.unclosed} never ends")
    if shape.service and not _are_allowed(shape, limits):
        raise ServiceForbidden(_explain_services(limits))
    _refuse(TooDeep, "levels of brackets", shape.depth, limits.max_nesting)
    _refuse(TooDeep, "prefix operators in a row", shape.prefix_operators, limits.max_nesting)
    _refuse(TooComplex, "operators", shape.operators, limits.max_operators)
    _refuse(TooComplex, "triple patterns", shape.patterns, limits.max_patterns)
    _refuse(TooComplex, "UNION branches", shape.branches, limits.max_branches)
    _refuse(TooComplex, "rows of VALUES", shape.values, limits.max_values)


def _are_allowed(shape: Shape, limits: Settings) -> bool:
    """Whether every SERVICE names a server of the list, by an IRI written out."""
    allowed = set(limits.service_endpoints.split())
    return shape.service == len(shape.services) and allowed.issuperset(shape.services)


def _explain_services(limits: Settings) -> str:
    if not limits.service_endpoints.split():
        return "SERVICE is off: this graph only is read here"
    return f"SERVICE takes these addresses only, written out: {limits.service_endpoints}"


def _refuse(error: type[TooDeep | TooComplex], what: str, found: int, limit: int) -> None:
    if found > limit:
        raise error(
            f"{found:,} {what} in the query; the limit is {limit:,}", limit=limit, found=found
        )
