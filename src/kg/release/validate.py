"""The files against the shapes of ontology/shapes/: SHACL, https://www.w3.org/TR/shacl/.

A Violation is a problem of the file that describes the focus node; Warnings and Infos are passed on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import SH, URIRef

from kg.errors import BadFiles, Problem
from kg.namespaces import compact
from kg.release.checks import check_prefixes, check_terms, declared_terms
from kg.release.files import parse_file
from kg.release.sources import Sources

FOLDER: Final = "ontology/shapes"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Findings:
    """What the shapes report without stopping the build, in order of path and line."""

    warnings: list[Problem]
    notes: list[Problem]
    """Results of severity Info."""


def validate(root: Path, sources: Sources) -> Findings:
    """Checks everything asserted against every shape below `root`.

    Raises BadFiles with all Violations, or with what is wrong in the shape files.
    """
    shapes = _read_shapes(root, sources)
    data = _graph(sources.quads)
    report = _report(data, shapes)
    found: dict[URIRef, set[Problem]] = {SH.Violation: set(), SH.Warning: set(), SH.Info: set()}
    for result in report.objects(None, SH.result):  # not the nested ones under sh:detail
        severity = report.value(result, SH.resultSeverity)
        found[URIRef(str(severity))].add(_problem(result, report, shapes, sources))
    if found[SH.Violation]:
        raise BadFiles(list(found[SH.Violation]))
    return Findings(sorted(found[SH.Warning]), sorted(found[SH.Info]))


def _read_shapes(root: Path, sources: Sources) -> rdflib.Graph:
    """All shapes as one graph; raises BadFiles where a file is wrong."""
    terms = declared_terms(sources.graphs)
    quads: list[ox.Quad] = []
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*.ttl")):
        name, data = f"{FOLDER}/{path.name}", path.read_bytes()
        text = data.decode(errors="replace")
        new, wrong = parse_file(name, data)
        quads += new
        problems += [*wrong, *check_prefixes(name, text), *check_terms(name, text, terms)]
    if problems:
        raise BadFiles(problems)
    return _graph(quads)


def _report(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    # Here and not at the top: importing pySHACL takes longer than a server needs to start.
    import pyshacl

    # Severities are read from the report: with allow_infos and allow_warnings pySHACL 0.40.1 took
    # 441 s instead of 18 s over 235,000 quads.
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    assert isinstance(report, rdflib.Graph), report
    return report


def _graph(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    node = cache(_node)  # most terms occur often, and making one takes as long as adding a triple
    for quad in quads:
        graph.add((node(quad.subject), node(quad.predicate), node(quad.object)))
    return graph


def _node(term: Term) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal), term
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=URIRef(term.datatype.value))


def _problem(
    result: rdflib.term.Node, report: rdflib.Graph, shapes: rdflib.Graph, sources: Sources
) -> Problem:
    """One result as a problem of the file that describes the thing at fault."""
    focus, value = report.value(result, SH.focusNode), report.value(result, SH.value)
    component = report.value(result, SH.sourceConstraintComponent)
    of_query = component == SH.SPARQLConstraintComponent and isinstance(value, URIRef)
    path, line = sources.find_subject(str(value if of_query else focus))
    name = compact(str(value if of_query else focus))
    said = report.value(result, SH.resultMessage)
    shape = report.value(result, SH.sourceShape)
    owner = shape if isinstance(shape, URIRef) else shapes.value(None, SH.property, shape)
    given = (
        f" (found {_short(value)})" if value is not None and value != focus and not of_query else ""
    )
    return Problem(path, line, f"{name}: {said}{given} [{compact(str(owner))}]")


def _short(value: rdflib.term.Node) -> str:
    text = compact(str(value)) if isinstance(value, URIRef) else repr(str(value))
    return text if len(text) <= 80 else text[:79] + "…"
