"""A release into another server by the Graph Store Protocol: `kg build --to`.

Only graphs under our base IRI are written or removed; what else the server holds is not ours.
https://www.w3.org/TR/sparql11-http-rdf-update/
"""

import json
from collections.abc import Callable, Iterator, Mapping

import pyoxigraph as ox

from kg.client import SparqlServer
from kg.namespaces import expand
from kg.release.catalogue import CATALOGUE
from kg.release.manifest import MANIFEST, Manifest
from kg.store.embedded import EmbeddedStore
from kg.store.remote import FILE, FILES_GRAPH, MERGED_GRAPH

_TEXT = ox.NamedNode(expand("rdf:value"))


def upload(
    store: EmbeddedStore,
    server: SparqlServer,
    *,
    report: Callable[[str], None] = lambda message: None,
) -> Manifest:
    """Puts every named graph of a release and its merged view into a server; the manifest it put.

    `server` is a Graph Store address. The protocol has no transaction over several graphs: until
    the last one is there the server names the release `incomplete`, so that a failure shows.
    Graphs that an earlier upload put and this release lacks are removed. Memory grows with a block
    of 50,000 triples. Raises StoreFailed.
    """
    documents = {name: store.document(name) or "" for name in (MANIFEST, CATALOGUE)}
    manifest = Manifest.parse(documents[MANIFEST])
    wanted = {*store.graphs(), MERGED_GRAPH}
    held = set(_graphs_put(server))
    incomplete = {"id": f"{manifest.id}-incomplete", "graphs": json.dumps(sorted(held | wanted))}
    server.put_graph(FILES_GRAPH, _texts(incomplete))
    for graph in sorted(held - wanted):
        report(f"remove {graph}")
        server.delete_graph(graph)
    for graph in sorted(wanted):
        report(f"put {graph}")
        quads = store.quads(None if graph == MERGED_GRAPH else graph)
        server.put_graph(graph, (quad.triple for quad in quads))
    complete = {"id": manifest.id, "graphs": json.dumps(sorted(wanted)), **documents}
    server.put_graph(FILES_GRAPH, _texts(complete))
    return manifest


def _texts(texts: Mapping[str, str]) -> Iterator[ox.Triple]:
    for name, text in texts.items():
        yield ox.Triple(ox.NamedNode(FILE + name), _TEXT, ox.Literal(text))


def _graphs_put(server: SparqlServer) -> list[str]:
    """What an earlier upload put, also one that failed half-way."""
    for triple in server.get_graph(FILES_GRAPH):
        if triple.subject == ox.NamedNode(FILE + "graphs") and isinstance(
            triple.object, ox.Literal
        ):
            return [str(graph) for graph in json.loads(triple.object.value)]
    return []
