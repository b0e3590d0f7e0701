"""Turtle and TriG files as people edit them: sorted, and one triple a line.

A change of one fact is a change of one line in git: every line is `predicate object ;` and the full
stop stands alone (a semicolon before it is allowed by the grammar,
https://www.w3.org/TR/turtle/#grammar-production-predicateObjectList).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import rdflib
from rdflib import RDF, XSD, BNode, Dataset, Graph, Literal, URIRef

from kg.errors import BadFiles, Problem
from kg.namespaces import compact, prefixes_used
from kg.release.traditional import add_traditional

_INDENT = "  "
_SortKey = tuple[list[tuple[int, int, str]], str]
_FIRST = ["a", "skos:inScheme", "rdfs:label", "skos:prefLabel", "skos:altLabel", "skos:hiddenLabel"]
_PLAIN = {XSD.integer: r"[+-]?\d+", XSD.decimal: r"[+-]?\d*\.\d+", XSD.boolean: "true|false"}
_TOKENS = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*', re.DOTALL)


def format_text(text: str, *, path: str, traditional: bool = False) -> str:
    """The same graph, or graphs for a `.trig` path, sorted and one triple a line.

    With `traditional` the texts in traditional Chinese that are missing are added, from those in
    simplified. Keeps the comment block at the top. Raises BadFiles where the text does not parse, holds a
    blank node (released data has none), or has a comment that sorting would lose.
    """
    head = _head(text)
    problems = [
        Problem(
            path, line, "a comment below the head of the file would be lost; move it to the head"
        )
        for line in _comment_lines(text, len(head))
    ]
    if problems:
        raise BadFiles(problems)
    graphs = _parse(text, path)
    blank = [n for graph in graphs.values() for t in graph for n in t if isinstance(n, BNode)]
    if blank:
        raise BadFiles([Problem(path, 0, "a blank node; give the thing an IRI of its own")])
    if traditional:
        for graph in graphs.values():
            add_traditional(graph)
    lines = [*head, *([""] if head else []), *_prefix_lines(graphs), ""]
    for name, graph in sorted(graphs.items()):
        block = list(_graph_lines(graph))
        lines += [f"GRAPH <{name}> {{", *block, "}"] if name else block
    return "\n".join(lines).rstrip("\n") + "\n"


def format_tree(
    root: Path, files: Sequence[Path] = (), *, write: bool = True, traditional: bool = False
) -> list[Path]:
    """Formats files, or all of ontology/ and graph/; the paths of those that changed, in order.

    Shapes are left alone, they need blank nodes. With `write=False` nothing is written. Raises
    BadFiles for the first file that cannot be formatted; files before it are done.
    """
    changed = []
    for path in files or sorted(_data_files(root)):
        before = path.read_text(encoding="utf-8")
        after = format_text(before, path=str(path), traditional=traditional)
        if after != before:
            changed.append(path)
            if write:
                path.write_text(after, encoding="utf-8")
    return changed


def _data_files(root: Path) -> Iterator[Path]:
    for folder in ("ontology", "graph"):
        for suffix in ("*.ttl", "*.trig"):
            yield from (p for p in (root / folder).rglob(suffix) if p.parent.name != "shapes")


def _head(text: str) -> list[str]:
    return list(takewhile(lambda line: line.startswith("#"), text.splitlines()))


def _comment_lines(text: str, head: int) -> Iterator[int]:
    comments = (token.start() for token in _TOKENS.finditer(text) if token[0].startswith("#"))
    yield from (line for start in comments if (line := text.count("\n", 0, start) + 1) > head)


@contextmanager
def _lexical_forms_kept() -> Iterator[None]:
    """rdflib rewrites `01` as `1` and `1.50` as `1.5` while parsing unless told not to."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _parse(text: str, path: str) -> dict[str, Graph]:
    """Triples by graph name; the name is empty for the default graph."""
    with _lexical_forms_kept():
        try:
            if not path.endswith(".trig"):
                return {"": Graph().parse(data=text, format="turtle")}
            dataset = Dataset()
            dataset.parse(data=text, format="trig")
        except SyntaxError as error:  # rdflib's BadSyntax
            line = getattr(error, "lines", 0)
            raise BadFiles(
                [Problem(path, int(line or 0), f"does not parse: {_reason(error)}")]
            ) from error
    return {
        ""
        if graph.identifier == rdflib.graph.DATASET_DEFAULT_GRAPH_ID
        else str(graph.identifier): graph
        for graph in dataset.graphs()
        if len(graph)
    }


def _reason(error: Any) -> str:  # Any: rdflib's BadSyntax has no annotations
    return str(getattr(error, "_why", error))


def _prefix_lines(graphs: dict[str, Graph]) -> list[str]:
    iris = (
        str(term.datatype if isinstance(term, Literal) and term.datatype else term)
        for graph in graphs.values()
        for triple in graph
        for term in triple
        if term != RDF.type
        if not isinstance(term, Literal) or term.datatype not in (None, *_PLAIN)
    )
    return [f"@prefix {prefix}: <{iri}> ." for prefix, iri in prefixes_used(iris).items()]


def _graph_lines(graph: Graph) -> Iterator[str]:
    subjects: Iterable[Any] = set(graph.subjects())
    for subject in sorted(subjects, key=lambda node: _natural(_write(node))):
        yield _write(subject)
        rows = [(_predicate(p), _write(o)) for p, o in graph.predicate_objects(subject)]
        for predicate, object_ in sorted(rows, key=_row_order):
            yield f"{_INDENT}{predicate} {object_} ;"
        yield f"{_INDENT}."
        yield ""


def _predicate(node: Any) -> str:
    return "a" if node == RDF.type else _write(node)


def _row_order(row: tuple[str, str]) -> tuple[int, str, _SortKey]:
    predicate, object_ = row
    place = _FIRST.index(predicate) if predicate in _FIRST else len(_FIRST)
    return place, predicate, _natural(object_)


def _natural(text: str) -> _SortKey:
    """Sort key under which `st:A2` comes before `st:A10`, and `gbt:11` beside `gbt:011` for ever."""
    parts = [
        (1, int(part), "") if part.isdigit() and part.isascii() else (0, 0, part)
        for part in re.split(r"(\d+)", text)
    ]
    return parts, text


def _write(node: Any) -> str:
    if isinstance(node, URIRef):
        name = compact(str(node))
        return name if name != str(node) else f"<{node}>"
    quoted = json.dumps(str(node), ensure_ascii=False)  # JSON's escapes are all Turtle escapes
    if node.language:
        return f"{quoted}@{node.language}"
    if node.datatype in _PLAIN and re.fullmatch(_PLAIN[node.datatype], str(node)):
        return str(node)
    if node.datatype in (None, XSD.string):
        return quoted
    return f"{quoted}^^{_write(node.datatype)}"
