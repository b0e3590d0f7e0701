"""Foreign queries where a server holds the graph: sent on from a worker, read and capped there.

The worker is killed at the deadline as over a release, which closes the connection. It has no jail,
since it needs a socket: SERVICE was refused before, and what the server itself may reach is its
keeper's matter.
"""

import pyoxigraph as ox

from kg.client import SparqlServer, read_boolean
from kg.engine.evaluators import Results
from kg.engine.limits import read_shape
from kg.engine.request import QueryRequest
from kg.formats import FORM_KINDS


class RemoteEngine:
    """A server as an engine."""

    def __init__(self, server: SparqlServer) -> None:
        self._server = server
        self._empty = ox.Store()

    def query(self, request: QueryRequest) -> tuple[Results, bool]:
        """The server's answer, and whether the server cut it.

        A syntax error is found here, so that it says the same over any server. Raises SyntaxError,
        and StoreFailed.
        """
        self._empty.query(request.query, base_iri=request.base_iri)
        kind = FORM_KINDS[read_shape(request.query).form]
        response = self._server.query(
            request.query, kind, request.default_graphs, request.named_graphs
        )
        if kind == "graph":
            quads = ox.parse(response.body, ox.RdfFormat.N_TRIPLES)
            return (quad.triple for quad in quads), response.is_cut
        if kind == "boolean":
            return read_boolean(response.body), response.is_cut
        results = ox.parse_query_results(response.body, ox.QueryResultsFormat.JSON)
        return results, response.is_cut
