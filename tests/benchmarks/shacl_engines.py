"""Time of both SHACL engines on the files as they are and on ten copies of the data.

Run `python tests/benchmarks/shacl_engines.py`. Each copy has things of its own; the ontology and
the vocabularies are there once. Loading is part of the time, since a build must load too.
"""

import time
from pathlib import Path

import pyrudof
import pyshacl
import rdflib
from rdflib import RDF, SH, URIRef

from kg.namespaces import BASE
from kg.release.sources import read_sources
from kg.release.validate import asserted_graph, read_shapes

ROOT = Path(__file__).parents[2]


def copies(graph: rdflib.Graph, number: int) -> rdflib.Graph:
    """The graph with every thing below `id/` that many times, each copy under names of its own."""
    many = rdflib.Graph(bind_namespaces="none")
    things = {s for s in graph.subjects() if str(s).startswith(BASE + "id/")}
    for triple in graph:
        wanted = number if not things.isdisjoint(triple) else 1
        for copy in range(wanted):
            many.add(tuple(URIRef(f"{t}-{copy}") if t in things else t for t in triple))
    return many


def run_pyshacl(data: rdflib.Graph, shapes: rdflib.Graph) -> int:
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    return len(set(report.subjects(RDF.type, SH.ValidationResult)))


def run_rudof(data: rdflib.Graph, shapes: rdflib.Graph) -> int:
    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(data.serialize(format="nt"), pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(shapes.serialize(format="turtle"), pyrudof.ShaclFormat.Turtle)
    return len(rudof.validate_shacl(pyrudof.ShaclValidationMode.Native).violations)


def main() -> None:
    """Prints one line for each engine and size."""
    sources = read_sources(ROOT)
    shapes, _ = read_shapes(ROOT, sources)
    graph = asserted_graph(sources)
    for number in (1, 10):
        data = copies(graph, number)
        for name, run in (("pyrudof", run_rudof), ("pySHACL", run_pyshacl)):
            start = time.perf_counter()
            results = run(data, shapes)
            seconds = time.perf_counter() - start
            print(f"{len(data):>8} triples  {name}  {seconds:6.1f} s  {results} results")  # noqa: T201


if __name__ == "__main__":
    main()
