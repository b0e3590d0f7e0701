"""Another SPARQL 1.1 server, as its client: queries, and whole graphs in and out.

https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-http-rdf-update/.
Virtuoso's ways are handled here: an ASK answered as a table, a dataset repeated in headers, and
its mark of a cut result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import IO, Final, Self
from urllib.parse import urlsplit, urlunsplit

import pyoxigraph as ox
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from kg.errors import StoreFailed
from kg.formats import Kind

_ACCEPT: Final[dict[Kind, str]] = {
    "table": "application/sparql-results+json",
    "boolean": "application/sparql-results+json",
    "graph": "application/n-triples, text/plain;q=0.5",
}
_VIRTUOSO_ASK: Final = "__ASK_RETVAL"
_VIRTUOSO_CUT: Final = "X-SPARQL-MaxRows"


@dataclass(frozen=True)
class Response:
    """What a server answered: a stream to read once, and whether the server cut the result."""

    body: IO[bytes]
    is_cut: bool


@dataclass
class SparqlServer:
    """One address of a server; a user and password in it are sent only where the server asks."""

    url: str
    """The address without user and password, as messages may show it."""
    timeout_seconds: float
    """How long the server may take to connect and between two blocks of an answer."""
    _credentials: tuple[str, str] | None = field(default=None, repr=False)
    _session: requests.Session = field(default_factory=requests.Session, repr=False)

    @classmethod
    def at(cls, url: str, timeout_seconds: float) -> Self:
        """The server at `http[s]://[user:password@]host[:port]/path`. Raises StoreFailed."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise StoreFailed(
                f"{parts.scheme or url!r}: a store's address begins with http:// or https://"
            )
        netloc = parts.netloc.rpartition("@")[2]
        credentials = (parts.username, parts.password or "") if parts.username else None
        return cls(urlunsplit(parts._replace(netloc=netloc)), timeout_seconds, credentials)

    def query(
        self,
        text: str,
        kind: Kind,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Response:
        """The answer as JSON results, or as N-Triples for a graph, over the dataset named if any.

        https://www.w3.org/TR/sparql11-protocol/#dataset
        Raises StoreFailed with what the server says where it refuses the query.
        """
        graphs = [("default-graph-uri", graph) for graph in default_graphs or ()]
        graphs += [("named-graph-uri", graph) for graph in named_graphs or ()]
        if named_graphs and self._is_virtuoso:
            # It repeats parameters as headers of its answer; Python reads no more than 100 headers.
            text = "".join(f"define input:{name} <{graph}> " for name, graph in graphs) + text
            graphs = []
        form = [("query", text), *graphs]
        response = self._send("POST", data=form, headers={"Accept": _ACCEPT[kind]})
        response.raw.decode_content = True
        response.raw.auto_close = False  # else it refuses the read that finds the end
        return Response(response.raw, _VIRTUOSO_CUT in response.headers)

    @cached_property
    def _is_virtuoso(self) -> bool:
        with self._send("POST", data=[("query", "ASK {}")]) as response:
            return response.headers.get("Server", "").startswith("Virtuoso")

    def get_graph(self, graph: str) -> list[ox.Triple]:
        """The triples of a graph; none where the server has no graph of that name."""
        response = self._send(
            "GET", params={"graph": graph}, headers={"Accept": "text/turtle"}, missing_ok=True
        )
        text = response.content if response.status_code == 200 else b""
        return [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]

    def put_graph(self, graph: str, triples: Iterable[ox.Triple], *, block: int = 50_000) -> None:
        """Replaces a graph, in blocks of that many triples: the first replaces, the others add."""
        rest, method = iter(triples), "PUT"
        while True:
            lines = [f"{triple} .\n" for triple in islice(rest, block)]
            if not lines and method == "POST":
                return
            self._send(
                method,
                params={"graph": graph},
                data="".join(lines).encode(),
                headers={"Content-Type": "text/turtle"},  # holds N-Triples; every server takes it
            ).close()
            method = "POST"

    def delete_graph(self, graph: str) -> None:
        """Removes a graph; nothing happens where the server has none of that name."""
        self._send("DELETE", params={"graph": graph}, missing_ok=True).close()

    def _send(
        self,
        method: str,
        *,
        missing_ok: bool = False,
        params: dict[str, str] | None = None,
        data: bytes | list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        auth: AuthBase | None = None
        while True:
            try:
                response = self._session.request(
                    method, self.url, params=params, data=data, headers=headers, auth=auth,
                    stream=True, timeout=self.timeout_seconds, allow_redirects=False,
                )  # fmt: skip
            except requests.RequestException as error:
                raise StoreFailed(f"{self.url} does not answer: {type(error).__name__}") from error
            if response.status_code == 401 and self._credentials and auth is None:
                is_digest = "digest" in response.headers.get("WWW-Authenticate", "").lower()
                auth = (HTTPDigestAuth if is_digest else HTTPBasicAuth)(*self._credentials)
                response.close()
                continue
            if response.status_code < 300 or (missing_ok and response.status_code == 404):
                return response
            raise _refused(self.url, response)


def _refused(url: str, response: requests.Response) -> StoreFailed:
    said = " ".join(response.text[:300].split()) if response.status_code < 500 else response.reason
    return StoreFailed(
        f"{url} answers {response.status_code}: {said}", refused=response.status_code
    )


def read_boolean(body: IO[bytes]) -> ox.QueryBoolean:
    """The answer of an ASK, also where the server gives it as a table of one number."""
    answer = ox.parse_query_results(body, ox.QueryResultsFormat.JSON)
    if isinstance(answer, ox.QueryBoolean):
        return answer
    numbers = [row[_VIRTUOSO_ASK] for row in answer]  # none where the answer is no
    is_true = any(isinstance(number, ox.Literal) and number.value == "1" for number in numbers)
    text = b'{"head":{},"boolean":true}' if is_true else b'{"head":{},"boolean":false}'
    standard = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    assert isinstance(standard, ox.QueryBoolean)
    return standard
