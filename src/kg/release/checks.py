"""What may not stand in the files: every problem of every file, with path and line."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import Problem
from kg.namespaces import BASE, PREFIXES, compact
from kg.release.files import SourceFile, did_you_mean, find_line, line_at, prefix_unknown, value_of

_NOT_DATA: Final = ("ontology/shapes/", "ontology/align/")
_DERIVED: Final = tuple(BASE + path for path in ("id/conflict/", "id/derived/", "id/run/"))
"""Things that rules make: curation may name them although no file describes them."""
_PREFIX = re.compile(r"^[ \t]*@?prefix\s+([^\s:<]*):\s*<([^>\s]*)>", re.IGNORECASE | re.MULTILINE)
_XML_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters that no XML result can carry: https://www.w3.org/TR/xml/#charsets."""
_QUOTED = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*', re.DOTALL
)


def check_file(file: SourceFile) -> Iterator[Problem]:
    """Problems of one file by itself: syntax, prefixes, graph name, blank nodes, characters."""
    yield from file.problems
    yield from check_prefixes(file.path, file.text)
    yield from _check_graph_names(file)
    terms = {term for quad in file.quads for term in (quad.subject, quad.object)}
    if any(isinstance(term, ox.BlankNode) for term in terms):
        line = _first_line(_unquoted(file.text), r"_:|[\[(]")
        yield Problem(file.path, line, "a blank node; give the thing an IRI of its own")
    texts = "".join(term.value for term in terms if isinstance(term, ox.Literal))
    for code in sorted({ord(character) for character in _XML_ILLEGAL.findall(texts)}):
        line = _first_line(file.text, rf"\x{code:02x}|\\u{code:04x}|\\U{code:08x}|\\[bf]")
        yield Problem(
            file.path,
            line,
            f"a text holds the control character U+{code:04X}, which XML cannot carry",
        )


def _check_graph_names(file: SourceFile) -> Iterator[Problem]:
    names = {value_of(quad.graph_name) for quad in file.quads}
    if not names and not file.broken:
        yield Problem(file.path, 0, f"holds no triple; expected some in <{file.graph}>")
    for name in sorted(names - {file.graph}):
        said = f"graph <{name}>" if name else "triples outside a graph"
        line = find_line(file.text, name) if name else 0
        yield Problem(file.path, line, f"{said}; this file's graph is <{file.graph}>")


def check_prefixes(path: str, text: str) -> Iterator[Problem]:
    """Problems of the prefix declarations of a Turtle, TriG or SPARQL text."""
    for match in _PREFIX.finditer(text):
        prefix, iri = match[1], match[2]
        line = line_at(text, match.end())
        if prefix not in PREFIXES:
            yield Problem(path, line, prefix_unknown(prefix))
        elif PREFIXES[prefix] != iri:
            yield Problem(path, line, f"prefix {prefix!r} is <{PREFIXES[prefix]}>, not <{iri}>")


def check_terms(path: str, text: str, terms: Collection[str]) -> Iterator[Problem]:
    """Problems of the `kg:` names in a rule or shape, where a misspelt one would find nothing."""
    bare = _unquoted(text)
    for name in sorted(set(re.findall(r"(?<![\w:-])kg:([A-Za-z]\w*)", bare))):
        if PREFIXES["kg"] + name not in terms:
            yield _undeclared(path, bare, PREFIXES["kg"] + name, terms)


def declared_terms(graphs: Mapping[str, Iterable[ox.Quad]]) -> set[str]:
    """IRIs of the terms that the ontology modules declare."""
    modules = [
        quads for graph, quads in graphs.items() if graph.startswith(PREFIXES["g"] + "meta/ont-")
    ]
    subjects = {value_of(quad.subject) for quads in modules for quad in quads}
    return {iri for iri in subjects if iri.startswith(PREFIXES["kg"])}


def check_places(root: Path, read: Collection[str], places: Iterable[str]) -> Iterator[Problem]:
    """Files that look like data and would not be read; `places` are the patterns of those that are."""
    found = [path for folder in ("ontology", "graph") for path in (root / folder).rglob("*.t[tr]*")]
    for path in sorted(
        path.relative_to(root).as_posix() for path in found if path.suffix in (".ttl", ".trig")
    ):
        if path not in read and not path.startswith(_NOT_DATA):
            yield Problem(path, 0, f"lies where no file is read; known places: {', '.join(places)}")
    if not read:
        yield Problem("ontology", 0, f"no data files below {root}")


def check_together(read: list[SourceFile]) -> Iterator[Problem]:
    """Problems between files: a triple in two of them, an undeclared term, a thing described nowhere."""
    yield from _check_doubles(read)
    described = {value_of(quad.subject) for file in read for quad in file.quads}
    terms = declared_terms({file.graph: file.quads for file in read})
    unread = [file.text for file in read if file.broken]
    for file in read:
        for iri in sorted(_named(file)):
            if any(find_line(text, iri) for text in unread):
                continue  # perhaps described behind the error of a file that does not parse
            if iri.startswith(PREFIXES["kg"]) and iri not in terms:
                yield _undeclared(file.path, file.text, iri, terms)
            elif iri.startswith((BASE + "id/", BASE + "voc/")) and iri not in described:
                yield _dangling(file, iri, described)


def _named(file: SourceFile) -> set[str]:
    """IRIs of a file's predicates and objects that something has to describe."""
    terms = {term for quad in file.quads for term in (quad.predicate, quad.object)}
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    return {iri for iri in iris if iri.startswith(BASE) and not iri.startswith(_DERIVED)}


def _check_doubles(read: list[SourceFile]) -> Iterator[Problem]:
    first: dict[ox.Triple, str] = {}
    for file in read:
        for triple in {quad.triple for quad in file.quads}:
            other = first.setdefault(triple, file.path)
            if other != file.path:
                line = find_line(file.text, value_of(triple.subject), subject=True)
                said = " ".join(compact(value_of(term)) for term in triple)
                yield Problem(
                    file.path, line, f"'{said}' stands in {other} too; keep it in one file"
                )


def _undeclared(path: str, text: str, iri: str, terms: Collection[str]) -> Problem:
    near = did_you_mean(compact(iri), map(compact, terms))
    return Problem(
        path, find_line(text, iri), f"{compact(iri)!r} is not declared in ontology/{near}"
    )


def _dangling(file: SourceFile, iri: str, described: Collection[str]) -> Problem:
    kind = iri[: iri.rindex("/") + 1]
    near = did_you_mean(
        compact(iri), (compact(other) for other in described if other.startswith(kind))
    )
    return Problem(
        file.path, find_line(file.text, iri), f"{compact(iri)!r} is described nowhere{near}"
    )


def _unquoted(text: str) -> str:
    """The text without strings, IRIs and comments, line numbers kept."""
    return _QUOTED.sub(lambda match: "\n" * match[0].count("\n"), text)


def _first_line(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    return line_at(text, found.start()) if found else 0
