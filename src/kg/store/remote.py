"""A release in a SPARQL 1.1 server: `KG_STORE`, the server's query address.

`kg build --to` fills such a server. The merged view goes into a named graph of its own, since the
default graph of a server belongs to everybody, and the release's manifest and description go into
another one. Where the server has no such graphs its own default graph answers.
"""

import json
import time
from collections.abc import Iterator
from typing import IO, Final

import pyoxigraph as ox

from kg.client import SparqlServer, read_boolean
from kg.errors import GraphUnknown, StoreFailed
from kg.formats import Kind
from kg.namespaces import BASE, PREFIXES, expand
from kg.store import UNNAMED, Dataset, Row, read_rows

MERGED_GRAPH: Final = BASE + "graph/meta/merged"
"""Holds the merged view where a release lives in a server."""

FILES_GRAPH: Final = BASE + "graph/meta/files"
"""Holds there the release's id and the text of its manifest and description."""

FILE: Final = BASE + "id/file/"
"""What `FILES_GRAPH` speaks of: this and the name of a file."""

_TEXT: Final = expand("rdf:value")
_CHECK_SECONDS: Final = 2.0


class RemoteStore:
    """What the server held when this object was made, as far as names go; its answers are live."""

    def __init__(self, server: SparqlServer) -> None:
        """Asks the server for its graphs. Raises StoreFailed."""
        self._server = server
        put = self.document("graphs")
        self._is_ours = put is not None
        self._graphs = json.loads(put) if put else self._list_graphs()
        self._release = self._read_release()
        self._checked = time.monotonic()

    @property
    def release(self) -> str:
        """Id of the release that the server held when this object was made.

        Where it says none, an id that holds for some seconds: what follows from it may change.
        """
        return self._release

    def is_current(self) -> bool:
        """Whether the server still holds that release; it is asked at most once in 2 seconds."""
        if time.monotonic() - self._checked < _CHECK_SECONDS:
            return True
        self._checked = time.monotonic()
        return self._read_release() == self._release

    def _read_release(self) -> str:
        return self.document("id") or f"{UNNAMED}{int(time.time() / _CHECK_SECONDS)}"

    def document(self, name: str) -> str | None:
        """The text of a file of the release, such as `manifest.json`; None where there is none."""
        rows = self._rows(
            f"SELECT ?text WHERE {{ GRAPH <{FILES_GRAPH}> {{ <{FILE}{name}> <{_TEXT}> ?text }} }}",
            Dataset(),
        )
        return rows[0]["text"].value if rows else None  # type: ignore[union-attr]  # a literal

    def path(self, name: str) -> None:
        """None: nothing of a server is on this machine's disk."""

    def _list_graphs(self) -> list[str]:
        rows = self._rows("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", Dataset())
        return sorted(row["g"].value for row in rows)  # type: ignore[union-attr]  # an IRI

    def default_dataset(self, query: str) -> Dataset:
        """The graphs that make the merged view the default graph of a query that names none.

        A query that asks for GRAPH gets the named graphs of the release and no others of the server.
        """
        if not self._is_ours:
            return Dataset()
        return Dataset([MERGED_GRAPH], self.graphs() if "GRAPH" in query.upper() else None)

    def rows(self, query: str) -> list[Row]:
        """Solutions of a SELECT; the pinned prefixes need no declaration. Raises StoreFailed."""
        return self._rows(query, self.default_dataset(query))

    def triples(self, query: str) -> list[ox.Triple]:
        """Triples of a CONSTRUCT or DESCRIBE; the pinned prefixes need no declaration."""
        body = self._ask_for(query, "graph", self.default_dataset(query))
        return [quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)]

    def ask(self, query: str) -> bool:
        """The answer of an ASK; the pinned prefixes need no declaration."""
        return bool(read_boolean(self._ask_for(query, "boolean", self.default_dataset(query))))

    def graphs(self) -> list[str]:
        """IRIs of the named graphs of the release, sorted."""
        if not self._is_ours:
            return list(self._graphs)
        return [graph for graph in self._graphs if graph != MERGED_GRAPH]

    @property
    def prefixes(self) -> dict[str, str]:
        """All the pinned prefixes: which of them a server uses is not worth a scan."""
        return PREFIXES

    def quads(self, graph: str | None) -> Iterator[ox.Quad]:
        """Quads of one named graph, or of the merged view for None, streamed.

        Raises GraphUnknown, and StoreFailed at the end where the server gave fewer than it has.
        """
        if graph is not None and graph not in self._graphs:
            raise GraphUnknown(f"no graph <{graph}> in release {self.release}")
        name = graph or (MERGED_GRAPH if self._is_ours else None)
        pattern = f"GRAPH <{name}> {{ ?s ?p ?o }}" if name else "?s ?p ?o"
        held = self._rows(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}", Dataset())[0]["n"]
        body = self._ask_for(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", "graph", Dataset())
        name_of_graph = ox.NamedNode(graph) if graph else ox.DefaultGraph()
        number = 0
        for number, quad in enumerate(ox.parse(body, ox.RdfFormat.N_TRIPLES), 1):  # noqa: B007
            yield ox.Quad(quad.subject, quad.predicate, quad.object, name_of_graph)
        if number != int(held.value):  # type: ignore[union-attr]  # COUNT binds a literal
            raise StoreFailed(
                f"the server gave {number:,} of {held.value} triples of <{name}>; "  # type: ignore[union-attr]
                "raise its limit on the length of a result"
            )

    def _rows(self, query: str, dataset: Dataset) -> list[Row]:
        body = self._ask_for(query, "table", dataset)
        solutions = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
        assert isinstance(solutions, ox.QuerySolutions)
        return read_rows(solutions)

    def _ask_for(self, query: str, kind: Kind, dataset: Dataset) -> IO[bytes]:
        """The answer; raises StoreFailed where the server cut it, for our own queries are whole."""
        response = self._server.query(
            declare_prefixes(query), kind, dataset.default_graphs, dataset.named_graphs
        )
        if response.is_cut:
            raise StoreFailed(f"{self._server.url} cut a result; raise its limit on their length")
        return response.body


def declare_prefixes(query: str) -> str:
    """The query under PREFIX lines for the pinned prefixes whose names occur in it."""
    used = {name: iri for name, iri in PREFIXES.items() if f"{name}:" in query}
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in used.items()) + query
