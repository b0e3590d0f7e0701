"""Real servers for tests: `kg serve` over a data folder of its own, and requests byte by byte."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "a-token-for-tests.0123456789"
BEARER = b"Bearer " + TOKEN.encode()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass
class Served:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    data: Path
    root: Path

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        authorised: bool = True,
        host: str = "",
        timeout: float = 60.0,
    ) -> Answer:
        """One request with exactly these headers, and the token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            if authorised:
                connection.putheader("Authorization", BEARER)
            for name, value in (headers or {}).items():
                connection.putheader(name, value.encode())
            if body or method in ("PUT", "POST"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def update(self, text: str, **more: object) -> Answer:
        """A direct SPARQL update."""
        headers = {"Content-Type": "application/sparql-update"}
        return self.send("POST", "/sparql/update", text.encode(), headers, **more)  # type: ignore[arg-type]

    def ask(self, query: str, accept: str = "text/tab-separated-values") -> Answer:
        """A direct SPARQL query."""
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.send("POST", "/sparql", query.encode(), headers)

    def number(self, query: str) -> int:
        """The one number of a COUNT."""
        return int(self.ask(query).body.split()[-1])

    def kill(self) -> None:
        """Ends the server and every process of it at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """A port on the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, **settings: object) -> Served:
    """Starts `kg serve` in a process group of its own and waits until it answers."""
    port = free_port()
    values = {
        "data": data,
        "port": port,
        "workers": 2,
        "write_token": TOKEN,
        "default_graph": "plain",
        "budget_seconds_per_minute": 0,
        "budget_errors_per_minute": 0,
        **settings,
    }
    environment = {name: text for name, text in os.environ.items() if not name.startswith("KG_")}
    environment |= {f"KG_{name.upper()}": str(value) for name, value in values.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve"], env=environment, start_new_session=True
    )
    served = Served(port, process, data, Path(str(settings.get("root", ""))))
    deadline = time.monotonic() + 60
    while True:
        try:
            if served.send("GET", "/healthz", timeout=5).status == 200:
                return served
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                served.kill()
                raise
            time.sleep(0.05)


@contextmanager
def serving(data: Path, **settings: object) -> Iterator[Served]:
    """A server while the block runs."""
    served = start(data, **settings)
    try:
        yield served
    finally:
        served.kill()
