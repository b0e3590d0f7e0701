"""What the endpoint is measured against: engines in this process, servers on free ports of this machine.

Each is a context that gives a function: query text and Accept header to result bytes. What is not
installed is left out with a message.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import sparq

from kg.settings import Settings

Ask = Callable[[str, str], bytes]

TABLE: Final = "application/sparql-results+json"
GRAPH: Final = "application/n-triples"
TIMEOUT_SECONDS: Final = 60.0
"""How long a peer gets for one answer; then it counts as not answering."""
_BIN = Path(sys.executable).parent
_VIRTUOSO_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 120
"""


def free_port() -> int:
    """A port on the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Client:
    """Queries by form POST over one connection that is kept."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def __call__(self, query: str, accept: str) -> bytes:
        """The result. Raises OSError for another status than 200."""
        body = urllib.parse.urlencode({"query": query})
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            self._connection.request("POST", self.path, body, headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        if response.status != 200:
            raise OSError(f"status {response.status}: {text[:200]!r}")
        return text


@contextmanager
def raw_oxigraph(folder: Path) -> Iterator[Ask]:
    """pyoxigraph in this process over a store on disk."""
    store = ox.Store.read_only(str(folder))

    def ask(query: str, accept: str) -> bytes:
        results = store.query(query)
        if isinstance(results, ox.QueryTriples):
            return results.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
        return results.serialize(format=ox.QueryResultsFormat.JSON) or b""

    yield ask


@contextmanager
def raw_sparq(folder: Path) -> Iterator[Ask]:
    """sparq in this process over a mapped store."""
    graph = sparq.Graph.open(str(folder))

    def ask(query: str, accept: str) -> bytes:
        if accept == GRAPH:
            return b"\n" * len(graph.construct(query))  # it has no text for a graph
        return bytes(graph.query_json(query).encode())

    yield ask


@contextmanager
def kg_serve(settings: Settings) -> Iterator[Client]:
    """`kg serve` over a release, one keep-alive connection."""
    port = free_port()
    environment = {**os.environ, **settings.to_environment(), "KG_PORT": str(port)}
    with _process([sys.executable, "-m", "kg", "serve"], environment):
        yield Client(port, "/sparql")


@contextmanager
def oxigraph_serve(folder: Path) -> Iterator[Client]:
    """`oxigraph serve-read-only` over a store on disk."""
    port = free_port()
    command = [
        str(_BIN / "oxigraph"),
        "serve-read-only",
        "-l",
        str(folder),
        "-b",
        f"127.0.0.1:{port}",
    ]
    with _process(command):
        yield Client(port, "/query")


@contextmanager
def rdflib_endpoint(lines: Path) -> Iterator[Ask]:
    """rdflib-endpoint over N-Triples in memory; loading takes a minute a million triples."""
    port = free_port()
    command = [
        str(_BIN / "rdflib-endpoint"),
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        str(lines),
    ]
    with _process(command):
        yield Client(port, "/")


@contextmanager
def virtuoso(lines: Path, folder: Path) -> Iterator[Ask]:
    """Virtuoso 7 with its own configuration, ports and folder, loaded with N-Triples."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / lines.name).symlink_to(lines)
    sql, port = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_VIRTUOSO_INI.format(folder=folder, sql=sql, http=port))
    command = ["virtuoso-t", "+foreground", "+configfile", str(folder / "virtuoso.ini")]
    with _process(command):
        ask = Client(port, "/sparql")
        _wait(ask)
        script = f"ld_dir('{folder}', '{lines.name}', 'http://x/'); rdf_loader_run(); checkpoint;"
        loaded = subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={script}"], capture_output=True, text=True, check=False
        )  # fmt: skip
        if loaded.returncode:
            raise RuntimeError(loaded.stderr or loaded.stdout)
        yield ask


def _wait(ask: Ask, seconds: float = 900.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError, http.client.HTTPException):
            ask("ASK { ?s ?p ?o }", TABLE)
            return
        if time.monotonic() > deadline:
            raise TimeoutError("a server did not get ready")
        time.sleep(0.2)


def is_ready(ask: Ask) -> Ask:
    """The same function, once it answers."""
    _wait(ask)
    return ask


@contextmanager
def _process(command: list[str], environment: dict[str, str] | None = None) -> Iterator[None]:
    if not (shutil.which(command[0]) or Path(command[0]).is_file()):
        raise FileNotFoundError(f"{command[0]} is not installed")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
