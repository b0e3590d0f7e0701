"""Real SPARQL servers of others, started on free ports of this machine with folders of their own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from serving import free_port

_START_SECONDS = 60


@dataclass(frozen=True)
class RemoteServer:
    """Where a server answers."""

    name: str
    query_url: str
    graph_store_url: str


@contextmanager
def oxigraph(folder: Path) -> Iterator[RemoteServer]:
    """Oxigraph's own server, the PyPI package `oxigraph`, over an empty store in a new folder."""
    base = f"127.0.0.1:{free_port()}"
    program = Path(sys.executable).with_name("oxigraph")
    command = [str(program), "serve", "--location", str(folder), "--bind", base]
    with _running(command, folder.parent, f"http://{base}/"):
        yield RemoteServer("oxigraph", f"http://{base}/query", f"http://{base}/store")


def has_virtuoso() -> bool:
    """Whether Virtuoso 7 is installed."""
    return bool(shutil.which("virtuoso-t") and shutil.which("isql-vt"))


@contextmanager
def virtuoso(folder: Path) -> Iterator[RemoteServer]:
    """Virtuoso 7, Debian's package, over an empty store; anyone may write, by its own grant.

    Only what the tests need differs from its own sample configuration: addresses, folders, the
    length of a result, and buffers of 200 MB.
    """
    folder.mkdir()
    sql, http = free_port(), free_port()
    configuration = folder / "virtuoso.ini"
    configuration.write_text(
        f"""[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
CheckpointInterval = 0
NumberOfBuffers = 25000
MaxDirtyBuffers = 18000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
""",
        encoding="utf-8",
    )
    url = f"http://127.0.0.1:{http}"
    command = ["virtuoso-t", "-f", "-c", str(configuration)]
    with _running(command, folder, f"{url}/sparql"):
        grant = 'exec=grant SPARQL_UPDATE to "SPARQL";'
        subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", grant], check=True, capture_output=True
        )
        yield RemoteServer("virtuoso", f"{url}/sparql", f"{url}/sparql-graph-crud")


@contextmanager
def _running(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """Runs a server until the block ends, once it answers at that address."""
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=os.environ)
        try:
            _wait(process, url, folder / "server.log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            requests.get(url, timeout=5).close()
            return
        except requests.RequestException as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{url} did not start: {log.read_text()[-500:]}") from error
            time.sleep(0.1)
