"""The files against the shapes of ontology/shapes/: SHACL, https://www.w3.org/TR/shacl/.

A Violation is a problem of the file that describes the focus node; Warnings and Infos are passed on.

Checked with pySHACL; the tests hold it against a second engine, pyrudof, on the files and on every
mutant: both give the same set of (focus node, shape, severity). Measured with loading, 2 cores,
pySHACL 0.40.1 on rdflib 7.6.0, pyrudof 0.3.35 (`tests/benchmarks/shacl_engines.py`):

    14,042 triples, the files as they are     pySHACL 1.1 s    pyrudof 0.3 s
    90,902 triples, ten copies of the data    pySHACL 5.7 s    pyrudof 2.0 s

pyrudof is about three times as fast, so it could be the gate of a build with pySHACL run only to
word what it finds. It is not: its wheel of 25 MB would be needed at run time, the gain on these
files is under a second, and it takes an ill-formed literal such as `"2026"^^xsd:date` for a date,
which is why shapes check dates by pattern too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import SH, URIRef

from kg.errors import BadFiles, Problem
from kg.namespaces import BASE, PREFIXES, compact, expand
from kg.release.checks import check_prefixes, check_terms, declared_terms
from kg.release.files import parse_file, value_of
from kg.release.sources import Sources

FOLDER: Final = "ontology/shapes"
DERIVED_FILE: Final = "derived.shacl.ttl"
"""The one file of shapes that looks at derived graphs; all others look at what files assert."""
DECLARATIONS: Final = PREFIXES["ksh"].rstrip("#")
"""Node that declares the prefixes of queries within shapes."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Findings:
    """What the shapes report without stopping the build, in order of path and line."""

    warnings: list[Problem]
    notes: list[Problem]
    """Results of severity Info."""


def validate(
    root: Path, sources: Sources, derived: Mapping[str, Iterable[ox.Quad]] | None = None
) -> Findings:
    """Checks everything asserted, and what rules derived from it, against the shapes below `root`.

    Raises BadFiles with all Violations, or with what is wrong in the shape files.
    """
    asserted_shapes, derived_shapes = read_shapes(root, sources)
    found = [_findings(asserted_graph(sources), asserted_shapes, sources)]
    if derived:
        quads = [quad for group in derived.values() for quad in group]
        found.append(_findings(_graph(quads), derived_shapes, sources, quads))
    wrong = [problem for group in found for problem in group[SH.Violation]]
    if wrong:
        raise BadFiles(wrong)
    warnings, notes = (
        sorted(problem for group in found for problem in group[severity])
        for severity in (SH.Warning, SH.Info)
    )
    return Findings(warnings, notes)


def asserted_graph(sources: Sources) -> rdflib.Graph:
    """What the files assert, as the shapes see it: with every graph of graph/ typed as one."""
    graph = _graph(sources.quads)
    for name, (path, _) in sources.texts.items():
        if path.startswith("graph/"):
            graph.add((URIRef(name), rdflib.RDF.type, URIRef(expand("sd:NamedGraph"))))
    return graph


def read_shapes(root: Path, sources: Sources) -> tuple[rdflib.Graph, rdflib.Graph]:
    """The shapes of what is asserted and those of what is derived.

    Raises BadFiles where a file is wrong.
    """
    terms = declared_terms(sources.graphs)
    quads: dict[bool, list[ox.Quad]] = {False: [], True: []}
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*.ttl")):
        name, data = f"{FOLDER}/{path.name}", path.read_bytes()
        text = data.decode(errors="replace")
        new, wrong = parse_file(name, data)
        quads[path.name == DERIVED_FILE] += new
        problems += [*wrong, *check_prefixes(name, text), *check_terms(name, text, terms)]
    if problems:
        raise BadFiles(problems)
    asserted, derived = _graph(quads[False]), _graph(quads[True])
    for declaration in asserted.objects(URIRef(DECLARATIONS), SH.declare):
        derived.add((URIRef(DECLARATIONS), SH.declare, declaration))
        for triple in asserted.triples((declaration, None, None)):
            derived.add(triple)
    return asserted, derived


def _findings(
    data: rdflib.Graph, shapes: rdflib.Graph, sources: Sources, derived: Iterable[ox.Quad] = ()
) -> dict[URIRef, set[Problem]]:
    """Results by severity; `derived` names the graph of a thing that no file describes."""
    homes = {value_of(quad.subject): value_of(quad.graph_name) for quad in derived}
    report = _report(data, shapes)
    found: dict[URIRef, set[Problem]] = {SH.Violation: set(), SH.Warning: set(), SH.Info: set()}
    for result in report.objects(None, SH.result):  # not the nested ones under sh:detail
        severity = report.value(result, SH.resultSeverity)
        found[URIRef(str(severity))].add(_problem(result, report, shapes, sources, homes))
    return found


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
    result: rdflib.term.Node,
    report: rdflib.Graph,
    shapes: rdflib.Graph,
    sources: Sources,
    homes: Mapping[str, str],
) -> Problem:
    """One result as a problem of the file that describes the thing at fault, or of its graph."""
    focus, value = report.value(result, SH.focusNode), report.value(result, SH.value)
    component = report.value(result, SH.sourceConstraintComponent)
    of_query = component == SH.SPARQLConstraintComponent and isinstance(value, URIRef)
    fault = str(value if of_query else focus)
    path, line = sources.find_subject(fault)
    if fault in homes:
        path, line = homes[fault].removeprefix(BASE), 0
    said = report.value(result, SH.resultMessage)
    shape = report.value(result, SH.sourceShape)
    owner = shape if isinstance(shape, URIRef) else shapes.value(None, SH.property, shape)
    given = (
        f" (found {_short(value)})" if value is not None and value != focus and not of_query else ""
    )
    return Problem(path, line, f"{compact(fault)}: {said}{given} [{compact(str(owner))}]")


def _short(value: rdflib.term.Node) -> str:
    text = compact(str(value)) if isinstance(value, URIRef) else repr(str(value))
    return text if len(text) <= 80 else text[:79] + "…"
