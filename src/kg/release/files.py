"""One data file as read: its quads, its text, and the lines that mention a thing."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import Problem
from kg.namespaces import PREFIXES, compact

_ENGINE_PLACE = re.compile(r"^Parser error at line .*?: ")


@dataclass(frozen=True)
class SourceFile:
    """One data file as read; where it does not parse, `quads` ends at the error."""

    path: str
    """Relative to the root, with slashes."""
    graph: str
    text: str
    quads: list[ox.Quad]
    problems: list[Problem]

    @property
    def broken(self) -> bool:
        """Whether the file does not parse."""
        return bool(self.problems)


def parse_file(path: str, data: bytes) -> tuple[list[ox.Quad], list[Problem]]:
    """The quads of a Turtle or `.trig` file up to its end or its first error, and that error."""
    quads: list[ox.Quad] = []
    syntax = ox.RdfFormat.TRIG if path.endswith(".trig") else ox.RdfFormat.TURTLE
    try:
        for quad in ox.parse(data, syntax, rename_blank_nodes=True):
            quads.append(quad)  # one by one, so that those before an error are kept
    except SyntaxError as error:
        return quads, [Problem(path, error.lineno or 0, _syntax_message(error))]
    return quads, []


def find_line(text: str, iri: str, *, subject: bool = False) -> int:
    """One-based number of the first line that mentions an IRI, written in full or with its prefix.

    With `subject`, a line that begins with it is preferred. 0 where no line mentions it.
    """
    name = "|".join({re.escape(f"<{iri}>"), rf"(?<![\w:-]){re.escape(compact(iri))}(?![\w-])"})
    starts = re.search(rf"^[ \t]*(?:{name})", text, re.MULTILINE) if subject else None
    found = starts or re.search(name, text)
    return line_at(text, found.end()) if found else 0


def prefix_unknown(prefix: str) -> str:
    """What is wrong with a prefix that is not declared or not in the table of pinned ones."""
    return f"prefix {prefix!r} is not declared{did_you_mean(prefix, PREFIXES)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _syntax_message(error: SyntaxError) -> str:
    message = _ENGINE_PLACE.sub("", error.msg)
    undeclared = re.fullmatch(r"The prefix (\S*): has not been declared", message)
    return prefix_unknown(undeclared[1]) if undeclared else f"does not parse: {message}"


def line_at(text: str, position: int) -> int:
    """One-based line of a position in a text."""
    return text.count("\n", 0, position) + 1


def value_of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph) -> str:
    """The term's text: IRI, label or value; empty for the default graph and for a triple term."""
    return "" if isinstance(term, (ox.Triple, ox.DefaultGraph)) else term.value
